/**
 * What the oracle's functions take, as shapes: a field's name, and what may stand there. The library's own checks judge
 * their arguments elsewhere; of these the oracle shares the errors alone.
 *
 * @module
 */

import { isFrozenData } from '../../errors/frozen.ts';
import {
  BittrueError,
  checkAs,
  checkBoolean,
  checkInteger,
  checkList,
  checkName,
  checkNumber,
  checkNumbers,
  checkObject,
  checkRecord,
  fieldsOf,
  isReadable,
} from '../../errors/index.ts';

/** Throws a {@link BittrueError} that names the argument, or returns. */
export type Check = (argument: string, value: unknown) => void;

export const name =
  (...names: readonly string[]): Check =>
  (argument, value) =>
    checkName(argument, value, names);
export const integer =
  (low: number, high: number): Check =>
  (argument, value) =>
    checkInteger(argument, value, low, high);
/** Undefined and null stand for nothing. */
export const maybe =
  (check: Check): Check =>
  (argument, value) => {
    if (value !== undefined && value !== null) check(argument, value);
  };

/** An object with these fields, and others that are not read. */
export function fields(what: string, shape: Readonly<Record<string, Check>>): Check {
  const entries = Object.entries(shape);
  return (argument, value) => {
    const own = checkRecord(argument, value as Record<string, unknown>, what);
    checkAs(
      (inner) => `${argument}.${inner}`,
      () => {
        for (const [key, check] of entries) check(key, own[key]);
      },
    );
  };
}

/** An object with these fields and no others: a misspelt option is told. */
export function options(what: string, shape: Readonly<Record<string, Check>>): Check {
  const keys = Object.keys(shape);
  const check = fields(what, shape);
  return (argument, value) => {
    checkObject(argument, value, keys);
    check(argument, value);
  };
}

/** An array of such. */
export const listOf =
  (check: Check): Check =>
  (argument, value) => {
    const list = checkList(argument, value);
    let at = 0;
    checkAs(
      (inner) => `${argument}[${at}]${inner}`,
      () => {
        for (; at < list.length; at++) check('', list[at]);
      },
    );
  };

/** One of several shapes, by its `kind`. */
export function kinds(what: string, shapes: Readonly<Record<string, Check>>): Check {
  const names = Object.keys(shapes);
  return (argument, value) => {
    const { kind } = checkRecord(argument, value as Record<string, unknown>, what);
    checkName(`${argument}.kind`, kind, names);
    (shapes[kind as string] as Check)(argument, value);
  };
}

/** What is frozen to the last is looked at once. */
function once(check: Check): Check {
  const known = new WeakSet<object>();
  return (argument, value) => {
    if (typeof value === 'object' && value !== null && known.has(value)) return;
    check(argument, value);
    if (isFrozenData(value)) known.add(value as object);
  };
}

/** Powers of two beyond these are shifts that no result needs. */
export const FAR = 2 ** 20;

export const checkFloat: Check = once((argument, value) => {
  const what = 'a float format, such as binary16';
  fields(what, {
    kind: name('float'),
    exponentBits: integer(1, 11),
    mantissaBits: integer(0, 52),
    bias: integer(-4096, 4096),
    signed: checkBoolean,
    infinities: name('ieee', 'topCode', 'none'),
    nan: name('ieee', 'topCode', 'negativeZero', 'none'),
    negativeZero: checkBoolean,
    lowest: name('subnormal', 'normal', 'normalButZero'),
  })(argument, value);
  const { infinities, nan } = value as { infinities: string; nan: string };
  // The largest number is sought from the top code down, past a few special ones.
  if ((infinities === 'ieee') !== (nan === 'ieee')) {
    throw new BittrueError('unsupported', `${argument}.nan`, nan, 'infinities and nan both `ieee`, or neither');
  }
});

export const checkFormat: Check = once(
  kinds('a format, such as binary16 or int8', {
    float: checkFloat,
    integer: fields('an integer format, such as int8', {
      bits: integer(1, 1024),
      signed: checkBoolean,
      fractionBits: integer(-1022, 1022),
    }),
  }),
);

const modes = ['tiesToEven', 'tiesToAway', 'towardZero', 'towardPositive', 'towardNegative', 'toOdd', 'stochastic'];
export const checkMode: Check = name(...modes);

export const checkPolicy: Check = once(
  fields('a policy, as resolvePolicy gives it', {
    rounding: checkMode,
    overflow: name('ieee', 'infinity', 'saturate', 'saturateFinite', 'nan', 'wrap'),
    subnormals: name('gradual', 'flushOutputs', 'flushInputs', 'flushBoth'),
    tininess: name('afterRounding', 'beforeRounding'),
    nanInput: name('error', 'zero', 'max', 'invalid'),
    parity: name('significand', 'code'),
    fusedInvalid: name('always', 'unlessNaN'),
    flushFlags: name('underflowInexact', 'underflow'),
  }),
);

export const checkRounding: Check = once(
  fields('a rounding, as roundTo gives it', { format: checkFormat, policy: checkPolicy }),
);

export const checkStochastic: Check = options('random bits', {
  bits: integer(1, 32),
  variant: name('A', 'B', 'C'),
  random: integer(0, 2 ** 32 - 1),
});

/** A bigint in `[low, high]`. */
export function checkBigInt(argument: string, value: unknown, low?: bigint, high?: bigint): void {
  if (typeof value !== 'bigint') throw new BittrueError('type', argument, value, 'a bigint');
  if ((low !== undefined && value < low) || (high !== undefined && value > high)) {
    throw new BittrueError('range', argument, value, `a bigint in ${low ?? '−∞'}…${high ?? '∞'}`);
  }
}

/** An exact finite number. */
export function checkRational(argument: string, value: unknown): void {
  if (!isReadable(value) || !isRational(value)) {
    throw new BittrueError('type', argument, value, 'an exact number, such as exact.fromNumber gives');
  }
}

function isRational(value: object): boolean {
  const { kind, numerator, denominator, exponent } = value as Record<string, unknown>;
  if (kind !== 'finite' || typeof numerator !== 'bigint' || typeof denominator !== 'bigint') return false;
  if (typeof exponent !== 'number' || !(exponent >= -FAR && exponent <= FAR)) return false;
  return numerator >= 0n && denominator > 0n;
}

/** A finite number, an infinity or a NaN. */
export const checkExact: Check = (argument, value) => {
  const { kind } = fieldsOf(value);
  if (kind === 'finite') checkRational(argument, value);
  else if (kind === 'infinite') checkBoolean(`${argument}.negative`, (value as { negative?: unknown }).negative);
  else if (kind !== 'nan') throw new BittrueError('type', argument, value, 'a number, or one that exactly gives');
};

/** A binary64 number, or an exact one. */
export const checkReal: Check = (argument, value) => {
  if (typeof value !== 'number') checkExact(argument, value);
};

/** Rows, or numbers to a row. */
export const checkSize: Check = integer(0, 2 ** 26);
export const checkNumberList: Check = (argument, value) => checkNumbers(argument, value as number[]);
export const checkReals: Check = listOf(checkReal);

/** Numbers, as many as there must be. */
export function checkLength(argument: string, value: unknown, length: number): void {
  checkNumberList(argument, value);
  const received = (value as number[]).length;
  if (received !== length) throw new BittrueError('shape', argument, `${received} numbers`, `${length} numbers`);
}

/** Integers in `[low, high]`, as many as there must be. */
export function checkIntegers(argument: string, value: unknown, length: number, low: number, high: number): void {
  checkLength(argument, value, length);
  listOf(integer(low, high))(argument, value);
}

const roundedAt = (key: string): Record<string, Check> => ({ [key]: checkRounding });

const late = fields('a late addend', {
  sumBits: integer(0, 64),
  addendBits: integer(0, 64),
  lost: name('truncate', 'floor'),
  far: name('cut', 'zero'),
  settle: maybe(integer(0, 64)),
});

const rounded = fields('an accumulator', { ...roundedAt('rounding'), fused: maybe(checkBoolean) });

const checkAccumulator: Check = once(
  kinds('an accumulator', {
    float: rounded,
    fixed: rounded,
    kahan: rounded,
    neumaier: rounded,
    integer: fields('an accumulator', {
      bits: integer(2, 1024),
      overflow: name('saturate', 'wrap'),
      when: maybe((argument, value) => {
        if (typeof value === 'object') fields('a period', { every: integer(1, 2 ** 31) })(argument, value);
        else checkName(argument, value, ['everyStep', 'atEnd']);
      }),
      nonFinite: maybe(name('error', 'invalid')),
    }),
    exact: fields('an accumulator', { ...roundedAt('output'), productExponent: maybe(integer(-256, 256)) }),
    aligned: fields('an accumulator', {
      fractionBits: integer(0, 64),
      lost: name('truncate', 'floor', 'odd'),
      leastExponent: maybe(integer(-FAR, FAR)),
      zeroRule: maybe(name('out', 'mmasim1')),
      zeroGroups: maybe(name('out', 'scale')),
      zeroSign: maybe(name('positive', 'allNegative', 'rounded')),
      addend: maybe((argument, value) => {
        if (value !== 'together') late(argument, value);
      }),
      lanes: maybe(integer(1, 2)),
      group: maybe(integer(1, 1024)),
      productOverflow: maybe(name('exact', 'infinity')),
      ...roundedAt('output'),
    }),
  }),
);

/** Reductions within each other; more are a description that holds itself. */
const DEEPEST = 8;

const reductionAt =
  (depth: number): Check =>
  (argument, value) => {
    if (depth > DEEPEST) {
      throw new BittrueError('range', argument, `level ${depth}`, `at most ${DEEPEST} reductions within each other`);
    }
    const inner = reductionAt(depth + 1);
    const across = (path: string, value: unknown) => {
      if (value !== 'chain') inner(path, value);
    };
    const size = integer(1, 2 ** 31);
    const chain = {
      accumulator: checkAccumulator,
      order: maybe(name('ascending', 'descending')),
      start: maybe(name('zero', 'first')),
    };
    const tree = { accumulator: checkAccumulator, leaf: maybe(name('chain', 'element')) };
    kinds('a reduction, as defineReduction gives it', {
      sequential: fields('a reduction', chain),
      pairwise: fields('a reduction', tree),
      butterfly: fields('a reduction', { ...tree, lanes: maybe(integer(1, 2 ** 20)) }),
      tiled: fields('a reduction', { size, short: maybe(name('last', 'first')), within: inner, across }),
      strided: fields('a reduction', { lanes: size, run: maybe(size), within: inner, across }),
      split: fields('a reduction', { multipleOf: size, head: inner, tail: inner, across }),
    })(argument, value);
  };
export const checkReduction: Check = once(reductionAt(1));

export const checkRoot: Check = kinds('a way to 1/√', {
  correctlyRounded: () => undefined,
  sqrtThenReciprocal: () => undefined,
  sqrtThenDivide: () => undefined,
  newton: fields('a way to 1/√', { magic: integer(0, Number.MAX_SAFE_INTEGER), steps: integer(0, 64) }),
});

export const checkVectorUnit: Check = once(
  fields('the vector unit of a target', {
    ...roundedAt('load'),
    ...roundedAt('compute'),
    center: maybe(checkRounding),
    normalize: maybe(checkRounding),
    ...roundedAt('accumulate'),
    ...roundedAt('statistics'),
    ...roundedAt('store'),
    reduction: checkReduction,
    mean: name('reciprocal', 'divide'),
    reciprocalSqrt: checkRoot,
  }),
);

const anyNumber: Check = (argument, value) => void checkNumber(argument, value);

/** What elements of blocks are of. */
export const checkElement: Check = once(
  kinds('a format, such as binary16 or int8, or a codebook', {
    float: checkFloat,
    integer: checkFormat,
    codebook: fields('a codebook, such as nf4', {
      values: listOf(anyNumber),
      thresholds: listOf(anyNumber),
      ties: name('down', 'up', 'away', 'even'),
    }),
  }),
);
