/**
 * Dot products and matrix products on a unit, one output after the other, with no thought for speed.
 *
 * @module
 */

import type { Reduction } from '../../accumulators/reduction.ts';
import { BittrueError, checkBoolean, checkInteger } from '../../errors/index.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { MatrixUnit } from '../../targets/target.ts';
import {
  checkIntegers,
  checkLength,
  checkNumberList,
  checkReduction,
  checkRounding,
  checkSize,
  fields,
  integer,
  listOf,
  maybe,
  name,
  options as shape,
} from './checks.ts';
import type { OracleEvent } from './events.ts';
import { approximately } from './exact.ts';
import { oracleOperation } from './operations.ts';
import { oracleReduce } from './reduce.ts';
import { oracleRound } from './round.ts';

/** What of a unit its sums go by; formats are chosen already. */
export interface OracleUnit
  extends Pick<MatrixUnit, 'k' | 'zeroOperands' | 'scale' | 'product' | 'reduction' | 'addend' | 'output'> {
  readonly loadA: Rounding;
  readonly loadB: Rounding;
  /** The step of scales, where there are any. */
  readonly loadScale?: Rounding;
}

/** Rows of A against rows of B. */
export interface OracleDotOptions {
  readonly unit: OracleUnit;
  readonly width: number;
  /** Row-major. */
  readonly a: ArrayLike<number>;
  /** Row-major, K along the rows. */
  readonly b: ArrayLike<number>;
  /** One an output. */
  readonly c?: ArrayLike<number> | null;
  /** ⌈width / block⌉ to a row. */
  readonly scaleA?: ArrayLike<number> | null;
  readonly scaleB?: ArrayLike<number> | null;
  /** For every output, its row of A and its row of B. */
  readonly pairs: readonly (readonly [a: number, b: number])[];
  readonly splitK?: number;
  readonly promoteEvery?: number;
  /** The step of the additions that splitK and promoteEvery make. */
  readonly partial?: Rounding;
}

/** What a dot product or a matrix product gives. */
export interface OracleDot {
  readonly output: number[];
  readonly events: OracleEvent[];
}

const checkOptions = shape('rows against rows', {
  unit: fields('what of a unit sums go by', {
    k: integer(1, 2 ** 31),
    zeroOperands: name('signed', 'positive'),
    scale: maybe(fields('a block scale', { block: integer(1, 2 ** 31), ignoreSign: checkBoolean })),
    product: maybe(checkRounding),
    reduction: checkReduction,
    addend: checkRounding,
    output: checkRounding,
    loadA: checkRounding,
    loadB: checkRounding,
    loadScale: maybe(checkRounding),
  }),
  width: checkSize,
  a: checkNumberList,
  b: checkNumberList,
  c: maybe(checkNumberList),
  scaleA: maybe(checkNumberList),
  scaleB: maybe(checkNumberList),
  pairs: listOf((argument, value) => checkIntegers(argument, value, 2, 0, 2 ** 26)),
  splitK: maybe(integer(1, 2 ** 31)),
  promoteEvery: maybe(integer(1, 2 ** 31)),
  partial: maybe(checkRounding),
});

/** Lengths that fit together, and parts with a rounding for their sums. */
function checkTogether(options: OracleDotOptions): void {
  const { unit, width, a, b, c, pairs, splitK, promoteEvery, partial } = options;
  const rows = [a, b].map(({ length }) => (width === 0 ? 2 ** 26 : length / width)) as [number, number];
  (['a', 'b'] as const).forEach((key, side) => {
    const count = rows[side] as number;
    if (!Number.isInteger(count)) {
      throw new BittrueError('shape', `options.${key}`, `${options[key].length} numbers`, `rows of ${width}`);
    }
    pairs.forEach((pair, i) => {
      checkInteger(`options.pairs[${i}][${side}]`, pair[side], 0, count - 1);
    });
    const scales = options[side === 0 ? 'scaleA' : 'scaleB'];
    if (scales && unit.scale) {
      checkLength(
        side === 0 ? 'options.scaleA' : 'options.scaleB',
        scales,
        count * Math.ceil(width / unit.scale.block),
      );
    }
  });
  if (c) checkLength('options.c', c, pairs.length);
  if ((splitK !== undefined || promoteEvery !== undefined) && partial === undefined) {
    throw new BittrueError('type', 'options.partial', partial, 'the rounding of the additions of parts');
  }
}

/** Every output, and every operation that raised a flag. */
export function oracleDot(options: OracleDotOptions): OracleDot {
  checkOptions('options', options);
  checkTogether(options);
  const { unit, width, c = null, scaleA = null, scaleB = null, pairs } = options;
  const events: OracleEvent[] = [];
  let number = 0;
  const load = (rounding: Rounding, values: ArrayLike<number>): number[] =>
    Array.from(values, (x) => {
      const { value, flags } = oracleRound(rounding.format, rounding.policy, x);
      const at = number++;
      if (flags !== 0)
        events.push({ row: -1, stage: 'load', index: at, step: at, flags, operands: [x], result: value });
      return value === 0 && unit.zeroOperands === 'positive' && rounding !== unit.loadScale ? 0 : value;
    });
  const a = load(unit.loadA, options.a);
  const b = load(unit.loadB, options.b);
  const addends = c === null ? null : load(unit.addend, c);
  const { scale, loadScale } = unit;
  const factors =
    scale === null || loadScale === undefined || scaleA === null || scaleB === null
      ? null
      : [load(loadScale, scaleA), load(loadScale, scaleB)].map((own) =>
          own.map((x) => (scale.ignoreSign ? Math.abs(x) : x)),
        );
  const reduction = divided(options);
  const blocks = scale === null ? 0 : Math.ceil(width / scale.block);

  const output = pairs.map(([i, j], row) => {
    const x = a.slice(i * width, (i + 1) * width);
    const y = b.slice(j * width, (j + 1) * width);
    let terms: [number[], number[] | null] = [x, y];
    const { product } = unit;
    if (product !== null) {
      const rounded = x.map((p, k) => {
        const operands = [p, y[k] as number];
        const { value, flags } = oracleOperation('multiply', product, operands);
        if (flags !== 0) events.push({ row, stage: 'product', index: k, step: k, flags, operands, result: value });
        return value;
      });
      terms = [rounded, null];
    }
    const sum = oracleReduce(reduction, ...terms, {
      operands: {
        a: product === null ? unit.loadA.format : product.format,
        b: product === null ? unit.loadB.format : product.format,
        ...(loadScale === undefined ? {} : { scale: loadScale.format }),
      },
      addend: addends === null ? null : (addends[row] as number),
      scales:
        factors === null || scale === null
          ? null
          : {
              a: (factors[0] as number[]).slice(i * blocks, (i + 1) * blocks),
              b: (factors[1] as number[]).slice(j * blocks, (j + 1) * blocks),
              block: scale.block,
            },
    });
    for (const event of sum.events) events.push({ row, stage: 'accumulate', ...event });
    const stored = oracleRound(unit.output.format, unit.output.policy, sum.exact);
    if (stored.flags !== 0) {
      const operands = [approximately(sum.exact)];
      events.push({ row, stage: 'store', index: null, step: 0, flags: stored.flags, operands, result: stored.value });
    }
    return stored.value;
  });
  return { output, events };
}

/** The sum along K in parts, added up from the addend on. */
function divided({ unit, width, splitK, promoteEvery, partial }: OracleDotOptions): Reduction {
  const inParts = (size: number, within: Reduction): Reduction => ({
    kind: 'tiled',
    size,
    within,
    across: { kind: 'sequential', accumulator: { kind: 'float', rounding: partial as Rounding } },
  });
  let { reduction } = unit;
  if (promoteEvery !== undefined) reduction = inParts(promoteEvery, reduction);
  if (splitK === undefined) return reduction;
  // Whole instructions, shared out as evenly as the first parts allow.
  let size = unit.k;
  while (size * splitK < width) size += unit.k;
  return inParts(size, reduction);
}
