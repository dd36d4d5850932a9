/**
 * A rounding: a format and a policy together.
 *
 * @module
 */

import { isFrozenData } from '../errors/frozen.ts';
import { BittrueError, checkAs, checkObject, checkText } from '../errors/index.ts';
import { defineFloat } from '../formats/float.ts';
import type { Format } from '../formats/format.ts';
import { ofCatalogue, parseFormat } from '../formats/formatName.ts';
import { defineInteger } from '../formats/integer.ts';
import { type PartialPolicy, type Policy, resolvePolicy } from './policy.ts';

/** A place where rounding happens: the type of every stage and accumulator. */
export interface Rounding {
  readonly format: Format;
  readonly policy: Policy;
}

/**
 * A format with its completed policy.
 *
 * @throws {@link BittrueError} for a policy that the format cannot follow
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { roundTo } from 'bittrue/rounding';
 * roundTo(binary16, { subnormals: 'flushBoth' }).policy.rounding; // 'tiesToEven'
 */
export function roundTo(format: Format, policy: PartialPolicy = {}): Rounding {
  return Object.freeze({ format, policy: resolvePolicy(format, policy) });
}

/**
 * A rounding from plain data: `{ format, policy? }`, the format by name or as a format's own fields.
 *
 * @param argument - the argument's name, for errors
 * @throws {@link BittrueError} for unknown names and keys
 */
export function defineRounding(value: unknown, argument = 'rounding'): Rounding {
  checkText('argument', argument);
  if (typeof value !== 'object' || value === null) {
    throw new BittrueError('type', argument, value, 'a rounding such as { "format": "binary16" }');
  }
  const { format, policy } = checkObject(argument, value, ['format', 'policy']);
  const defined = defineFormat(format, `${argument}.format`);
  return checkAs(
    (path) => `${argument}.${path}`,
    () => roundTo(defined, (policy ?? {}) as PartialPolicy),
  );
}

/** What data that can never change has been found to be. */
const known: WeakMap<object, Format> = /* @__PURE__ */ new WeakMap();

/** A format from its name, or from data that has the fields of one. */
export function defineFormat(value: unknown, argument: string): Format {
  if (typeof value === 'string') {
    return checkAs(
      () => argument,
      () => parseFormat(value),
    );
  }
  const found = known.get(value as object);
  if (found !== undefined) return found;
  const format = ofCatalogue(formatOf(value, argument));
  if (isFrozenData(value)) known.set(value as object, format);
  return format;
}

/** A format from data that has the fields of one. */
function formatOf(value: unknown, argument: string): Format {
  const { kind, ...fields } = checkObject(argument, value, [...FLOAT_KEYS, ...INTEGER_KEYS]) as Partial<Format>;
  if (kind !== 'float' && kind !== 'integer') {
    throw new BittrueError('name', `${argument}.kind`, kind, 'float or integer');
  }
  const { bits, signed, fractionBits, exponentBits, mantissaBits, bias, infinities, nan, lowest } = fields as never;
  return checkAs(
    (path) => `${argument}.${path}`,
    () =>
      kind === 'integer'
        ? defineInteger({ bits, signed, fractionBits })
        : defineFloat({ exponentBits, mantissaBits, bias, signed, infinities, nan, lowest }),
  );
}

const INTEGER_KEYS = ['kind', 'bits', 'signed', 'fractionBits', 'min', 'max', 'codes'];
const FLOAT_KEYS = [
  'kind',
  'exponentBits',
  'mantissaBits',
  'bias',
  'signed',
  'infinities',
  'nan',
  'negativeZero',
  'lowest',
  'precision',
  'bits',
  'emin',
  'emax',
  'max',
  'minNormal',
  'minSubnormal',
  'codes',
];
