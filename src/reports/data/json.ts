/**
 * Reports and other results as JSON that any reader takes back.
 *
 * @module
 */
import { BittrueError, checkText, isDetached, isReadable } from '../../errors/index.ts';
import { VERSION } from '../../events/index.ts';
import { type Format, formatName } from '../../formats/index.ts';

/**
 * A value as JSON text. `Infinity`, `-Infinity`, `NaN` and `-0` become strings of that name, formats their notation,
 * typed arrays arrays; lists of numbers stand in one line. A `schema` given makes the text
 * `{ "bittrue": version, "schema": schema, … }`; reports and studies carry both already.
 *
 * @throws {@link BittrueError} for what is no plain data: functions, symbols, circles
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { toJson } from 'bittrue/reports';
 * toJson([1, -0, Infinity]); // '[1, "-0", "Infinity"]'
 * JSON.parse(toJson({ format: binary16, data: new Float64Array(2) })); // { format: 'binary16', data: [0, 0] }
 */
export function toJson(value: unknown, schema?: string): string {
  if (schema !== undefined) checkText('schema', schema);
  if (schema === undefined) return print(plain(value, []), '');
  const object = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { value };
  return print(plain({ bittrue: VERSION, schema, ...object }, []), '');
}

type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain };

function plain(value: unknown, above: readonly object[]): Plain {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return String(value);
    case 'object':
      break;
    default:
      throw new BittrueError('type', 'value', value, 'plain data');
  }
  if (value === null) return null;
  if (!isReadable(value)) throw new BittrueError('type', 'value', value, 'plain data');
  if (above.includes(value) || above.length > 100)
    throw new BittrueError('unsupported', 'value', 'a circle', 'plain data');
  const path = [...above, value];
  if (value instanceof DataView || (ArrayBuffer.isView(value) && isDetached(value as Float64Array))) {
    throw new BittrueError('unsupported', 'value', value, 'plain data');
  }
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, (item) => plain(item, path));
  if (Array.isArray(value)) return value.map((item) => (item === undefined ? null : plain(item, path)));
  if (isFormat(value)) return formatName(value);
  const kind: unknown = Object.getPrototypeOf(value);
  if (kind !== null && Object.getPrototypeOf(kind) !== null) {
    throw new BittrueError('unsupported', 'value', `a ${value.constructor.name}`, 'plain data');
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, plain(item, path)]));
}

/** Formats are told from other data by the fields that only they have. */
function isFormat(value: object): value is Format {
  const { kind, codes } = value as Partial<Format>;
  return typeof codes === 'number' && (kind === 'float' || kind === 'integer');
}

function print(value: Plain, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object' || item === null)) {
      return `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
    }
    return `[\n${value.map((item) => inner + print(item, inner)).join(',\n')}\n${indent}]`;
  }
  const lines = Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${print(item, inner)}`);
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`;
}
