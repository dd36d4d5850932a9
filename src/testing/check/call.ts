/**
 * Calling an implementation: numbers or codes, one or many a call, at once or later.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkName } from '../../errors/index.ts';
import { binary64 } from '../../formats/binary64.ts';
import type { Format } from '../../formats/format.ts';
import { formatName } from '../../formats/formatName.ts';
import { isThenable } from '../../identification/drive.ts';
import { decodeBinary64 } from '../../rounding/binary64.ts';
import { decode, encodeValue, isValue } from '../../rounding/codes.ts';
import { formatOf, type Operand } from '../conformance/operand.ts';
import type { VectorSource } from '../conformance/task.ts';

/** How an implementation is called. */
export interface CallOptions {
  /** What it takes: numbers (default), or codes; binary64's are bigints. */
  readonly takes?: 'numbers' | 'codes';
  /** What it gives. */
  readonly gives?: 'numbers' | 'codes';
  /**
   * Whether it takes and gives arrays, many cases a call: a Float32Array for numbers of binary32, else a Float64Array;
   * codes in the narrowest unsigned array. Default false.
   */
  readonly batch?: boolean;
}

/** The options' names. */
export const callKeys = ['takes', 'gives', 'batch'] as const;

/** A case and an implementation's answer to it. */
export interface Row {
  readonly operands: readonly Operand[];
  readonly value: number;
  /** Null where the number is none of the format's values. */
  readonly code: number | null;
  readonly hasCode: boolean;
  readonly flags: null;
  /** What there is instead of a number. */
  readonly failure: string | null;
}

/** Answers to some cases, now or later. */
export type Ask = (cases: readonly (readonly Operand[])[]) => Row[] | Promise<Row[]>;

type AnyFunction = (...inputs: never[]) => unknown;

/**
 * A way to ask an implementation of operands of one format with results of another.
 *
 * @throws {@link BittrueError} for options, and for batches that give another number of results
 */
export function asking(
  implementation: AnyFunction,
  source: VectorSource,
  format: Format,
  { takes = 'numbers', gives = 'numbers', batch = false }: CallOptions,
): Ask {
  checkName('options.takes', takes, ['numbers', 'codes']);
  checkName('options.gives', gives, ['numbers', 'codes']);
  checkBoolean('options.batch', batch);
  const call = implementation as (...inputs: unknown[]) => unknown;
  const input = (operand: Operand): number | bigint => (takes === 'codes' ? operand.bits : operand.x);
  const read = reader(format, gives);
  const failed = (operands: readonly Operand[], failure: string): Row => ({
    operands,
    value: Number.NaN,
    code: null,
    hasCode: false,
    flags: null,
    failure,
  });
  if (!batch) {
    return (cases) => {
      const rows: (Row | PromiseLike<Row>)[] = cases.map((operands) => {
        try {
          const found = call(...operands.map(input));
          if (!isThenable(found)) return read(operands, found);
          return found.then(
            (later) => read(operands, later),
            (error: unknown) => failed(operands, thrown(error)),
          );
        } catch (error) {
          return failed(operands, thrown(error));
        }
      });
      return rows.some(isThenable) ? Promise.all(rows) : (rows as Row[]);
    };
  }
  const pack = packer(source, takes);
  const together: Ask = (cases) => {
    const arity = cases[0]?.length ?? 1;
    const inputs = Array.from({ length: arity }, (_, i) =>
      pack(cases.map((operands) => input(operands[i] as Operand))),
    );
    const spread = (results: unknown): Row[] => {
      const list = results as ArrayLike<unknown>;
      if (typeof list !== 'object' || list === null || list.length !== cases.length) {
        throw new BittrueError('shape', 'implementation', results, `${cases.length} results, one a case`);
      }
      return cases.map((operands, i) => read(operands, list[i]));
    };
    let found: unknown;
    try {
      found = call(...inputs);
    } catch (error) {
      return apart(cases, error);
    }
    return isThenable(found) ? Promise.resolve(found).then(spread, (error) => apart(cases, error)) : spread(found);
  };
  /** Which cases of a batch it is that throw: each half by itself, down to one. */
  const apart = (cases: readonly (readonly Operand[])[], error: unknown): Row[] | Promise<Row[]> => {
    if (cases.length < 2) return cases.map((operands) => failed(operands, thrown(error)));
    const half = cases.length >> 1;
    const first = together(cases.slice(0, half));
    const later = (rows: Row[]): Row[] | Promise<Row[]> => {
      const rest = together(cases.slice(half));
      return isThenable(rest) ? rest.then((more) => [...rows, ...more]) : [...rows, ...rest];
    };
    return isThenable(first) ? first.then(later) : later(first);
  };
  return together;
}

function thrown(error: unknown): string {
  return `throws ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}

function reader(format: Format, gives: 'numbers' | 'codes'): (operands: readonly Operand[], found: unknown) => Row {
  const name = formatName(format);
  const row = (operands: readonly Operand[], value: number, code: number | null, failure: string | null): Row => ({
    operands,
    value,
    code,
    hasCode: gives === 'codes' && failure === null,
    flags: null,
    failure,
  });
  if (gives === 'numbers') {
    return (operands, found) => {
      if (typeof found !== 'number') return row(operands, Number.NaN, null, `gives ${typeof found}, not a number`);
      const has = format !== binary64 && isValue(format, found);
      return row(operands, found, has ? encodeValue(format, found, false) : null, null);
    };
  }
  return (operands, found) => {
    const bits = typeof found === 'number' && Number.isInteger(found) ? BigInt(found) : found;
    if (typeof bits !== 'bigint') return row(operands, Number.NaN, null, `gives ${String(found)}, which is no code`);
    if (bits < 0n || bits >> BigInt(format.bits) !== 0n) {
      return row(operands, Number.NaN, null, `gives ${bits}, which is no code of ${name}: it has ${format.bits} bits`);
    }
    if (format.bits > 53) return row(operands, decodeBinary64(bits), null, null);
    return row(operands, decode(format, Number(bits)), Number(bits), null);
  };
}

function packer(source: VectorSource, takes: 'numbers' | 'codes'): (inputs: (number | bigint)[]) => ArrayLike<unknown> {
  const { bits, kind } = formatOf(source);
  if (takes === 'numbers') {
    const isSingle = source !== 'binary64' && kind === 'float' && formatName(source) === 'binary32';
    return (inputs) => (isSingle ? Float32Array : Float64Array).from(inputs as number[]);
  }
  if (source === 'binary64') return (inputs) => BigUint64Array.from(inputs as bigint[]);
  const Codes = bits <= 8 ? Uint8Array : bits <= 16 ? Uint16Array : bits <= 32 ? Uint32Array : Float64Array;
  return (inputs) => Codes.from(inputs as number[]);
}
