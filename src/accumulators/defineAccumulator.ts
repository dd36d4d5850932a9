/**
 * Checks an accumulator given as data, and freezes it.
 *
 * @module
 */
import {
  BittrueError,
  checkBoolean,
  checkInteger,
  checkName,
  checkObject,
  checkText,
  fieldsOf,
} from '../errors/index.ts';
import { formatName } from '../formats/formatName.ts';
import { defineRounding, type Rounding } from '../rounding/roundTo.ts';
import type { Accumulator, AlignedAccumulator, IntegerAccumulator, LateAddend } from './reduction.ts';

/** Widest integer register. */
const WIDEST = 1024;
/** Most fraction bits of an aligned sum: binary64 holds 53 with the bits before the point. */
const DEEPEST = 48;

/** The fields of every kind, beside `kind`. */
export const accumulatorFields = {
  float: ['rounding', 'fused'],
  fixed: ['rounding', 'fused'],
  integer: ['bits', 'overflow', 'when', 'nonFinite'],
  kahan: ['rounding'],
  neumaier: ['rounding'],
  exact: ['output', 'productExponent'],
  aligned: [
    'fractionBits',
    'lost',
    'leastExponent',
    'zeroRule',
    'zeroGroups',
    'zeroSign',
    'addend',
    'lanes',
    'group',
    'productOverflow',
    'output',
  ],
} as const satisfies Readonly<Record<Accumulator['kind'], readonly string[]>>;

const kinds = Object.keys(accumulatorFields) as Accumulator['kind'][];

/**
 * An accumulator from plain data.
 *
 * @throws {@link BittrueError} for unknown kinds and keys, and widths out of range
 * @example
 * import { defineAccumulator } from 'bittrue/accumulators';
 * const output = { format: 'binary32', policy: { rounding: 'towardZero', overflow: 'infinity' } };
 * const ampere = defineAccumulator({ kind: 'aligned', fractionBits: 24, lost: 'truncate', leastExponent: -132, output });
 * ampere.kind; // 'aligned'
 */
export function defineAccumulator(value: unknown, argument = 'accumulator'): Accumulator {
  checkText('argument', argument);
  if (typeof value !== 'object' || value === null) {
    throw new BittrueError(
      'type',
      argument,
      value,
      'an accumulator such as { "kind": "integer", "bits": 32, "overflow": "wrap" }',
    );
  }
  const kind = checkName(`${argument}.kind`, fieldsOf(value).kind, kinds);
  const given = checkObject(argument, value, ['kind', ...accumulatorFields[kind]]);
  switch (kind) {
    case 'float':
    case 'fixed': {
      const { rounding, fused } = given;
      const own = defineRounding(rounding, `${argument}.rounding`);
      if (kind === 'fixed' && own.format.kind !== 'integer') {
        throw new BittrueError(
          'value',
          `${argument}.rounding.format`,
          formatName(own.format),
          'an integer format, such as int32:fraction=16: a fixed-point register has no exponent',
        );
      }
      return Object.freeze({
        kind,
        rounding: own,
        fused: fused === undefined ? false : checkBoolean(`${argument}.fused`, fused),
      });
    }
    case 'integer': {
      const { bits, overflow, when, nonFinite = 'error' } = given;
      const loss = checkName(`${argument}.nonFinite`, nonFinite, ['error', 'invalid'] as const);
      return Object.freeze({
        kind,
        bits: checkInteger(`${argument}.bits`, bits, 2, WIDEST),
        overflow: checkName(`${argument}.overflow`, overflow, ['saturate', 'wrap']),
        when: defineWhen(when, `${argument}.when`),
        ...(loss === 'error' ? {} : { nonFinite: loss }),
      });
    }
    case 'kahan':
    case 'neumaier': {
      const { rounding } = given;
      return Object.freeze({
        kind,
        rounding: deterministic(`${argument}.rounding`, defineRounding(rounding, `${argument}.rounding`)),
      });
    }
    case 'exact': {
      const { output, productExponent = 0 } = given;
      const power = checkInteger(`${argument}.productExponent`, productExponent, -256, 256);
      const scaled = power === 0 ? {} : { productExponent: power };
      return Object.freeze({ kind, output: defineRounding(output, `${argument}.output`), ...scaled });
    }
    case 'aligned':
      return defineAligned(given, argument);
  }
}

/** One element takes several roundings at one position, which would all draw the same random bits. */
function deterministic(argument: string, rounding: Rounding): Rounding {
  if (rounding.policy.rounding === 'stochastic') {
    throw new BittrueError('unsupported', argument, 'stochastic', 'a deterministic mode, to sum with compensation');
  }
  return rounding;
}

function defineWhen(value: unknown, argument: string): NonNullable<IntegerAccumulator['when']> {
  if (value === undefined) return 'everyStep';
  if (typeof value === 'object' && value !== null) {
    const { every } = checkObject(argument, value, ['every']);
    return Object.freeze({ every: checkInteger(`${argument}.every`, every, 1, 2 ** 31) });
  }
  return checkName(argument, value, ['everyStep', 'atEnd'] as const);
}

function defineAligned(given: Readonly<Record<string, unknown>>, argument: string): AlignedAccumulator {
  const { leastExponent, addend, lanes = 1, group = 1 } = given;
  const late = addend === undefined || addend === 'together' ? 'together' : defineLate(addend, `${argument}.addend`);
  const defined: AlignedAccumulator = {
    kind: 'aligned',
    fractionBits: checkInteger(`${argument}.fractionBits`, given.fractionBits, 0, DEEPEST),
    lost: checkName(`${argument}.lost`, given.lost, ['truncate', 'floor', 'odd'] as const),
    leastExponent:
      leastExponent === undefined || leastExponent === null
        ? null
        : checkInteger(`${argument}.leastExponent`, leastExponent, -800, 800),
    zeroRule: checkName(`${argument}.zeroRule`, given.zeroRule ?? 'out', ['out', 'mmasim1'] as const),
    zeroGroups: checkName(`${argument}.zeroGroups`, given.zeroGroups ?? 'out', ['out', 'scale'] as const),
    zeroSign: checkName(`${argument}.zeroSign`, given.zeroSign ?? 'positive', [
      'positive',
      'allNegative',
      'rounded',
    ] as const),
    addend: late,
    lanes: checkInteger(`${argument}.lanes`, lanes, 1, 2) as 1 | 2,
    group: checkInteger(`${argument}.group`, group, 1, 1024),
    productOverflow: checkName(`${argument}.productOverflow`, given.productOverflow ?? 'exact', [
      'exact',
      'infinity',
    ] as const),
    output: defineRounding(given.output, `${argument}.output`),
  };
  if (defined.lanes === 2 && (late === 'together' || group !== 1)) {
    throw new BittrueError('unsupported', `${argument}.lanes`, 2, 'a late addend and no groups, to have two lanes');
  }
  if (defined.leastExponent !== null && (late !== 'together' || defined.zeroRule === 'mmasim1')) {
    const wanted = 'null: only an addend among the terms, and zeros that stay out, leave room for a least exponent';
    throw new BittrueError('unsupported', `${argument}.leastExponent`, leastExponent, wanted);
  }
  if (defined.zeroGroups === 'scale' && (group === 1 || defined.zeroRule === 'mmasim1')) {
    const wanted = "'out': there are no groups whose zeros stay out";
    throw new BittrueError('unsupported', `${argument}.zeroGroups`, 'scale', wanted);
  }
  if (defined.productOverflow === 'infinity' && group !== 1) {
    const wanted = "'exact', where products form groups";
    throw new BittrueError('unsupported', `${argument}.productOverflow`, 'infinity', wanted);
  }
  if (defined.output.format.bits > 53) {
    throw new BittrueError('unsupported', `${argument}.output`, 'binary64', 'a narrower format: no core aligns to it');
  }
  return Object.freeze(defined);
}

function defineLate(value: unknown, argument: string): LateAddend {
  const keys = ['sumBits', 'addendBits', 'lost', 'far', 'settle'];
  const { sumBits, addendBits, lost, far, settle = null } = checkObject(argument, value, keys);
  return Object.freeze({
    sumBits: checkInteger(`${argument}.sumBits`, sumBits, 0, DEEPEST),
    addendBits: checkInteger(`${argument}.addendBits`, addendBits, 0, DEEPEST),
    lost: checkName(`${argument}.lost`, lost, ['truncate', 'floor'] as const),
    far: checkName(`${argument}.far`, far ?? 'cut', ['cut', 'zero'] as const),
    settle: settle === null ? null : checkInteger(`${argument}.settle`, settle, 0, 52),
  });
}
