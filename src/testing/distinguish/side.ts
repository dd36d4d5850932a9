/**
 * One of the two that are told apart: a unit, what it takes, and its answers.
 *
 * @module
 */

import { precisionOf } from '../../accumulators/alignedOperands.ts';
import { reductionText } from '../../accumulators/describe.ts';
import type { Reduction } from '../../accumulators/index.ts';
import { accumulatorRounding, innerOf, leaves } from '../../accumulators/walk.ts';
import { BittrueError, checkAs } from '../../errors/index.ts';
import { type Format, formatName } from '../../formats/index.ts';
import type { Arithmetic } from '../../identification/arithmetic.ts';
import { exponentsOf } from '../../identification/numbers.ts';
import type { Rounding } from '../../rounding/index.ts';
import { defineFormat } from '../../rounding/roundTo.ts';
import { dot, sum } from '../../specification/index.ts';
import { dotSpecification } from '../../specification/products/dot.ts';
import { sumSpecification } from '../../specification/sum/sum.ts';
import type { Target, TargetName } from '../../targets/index.ts';
import { givenTarget } from '../../targets/table.ts';
import { productUnitOf, vectorUnitOf } from '../../targets/units.ts';
import type { Ending } from './ending.ts';
import type { Batch } from './probe.ts';

/** Kernels of one sum an output. */
export const kernels: readonly SumKernel[] = ['dot', 'sum'];
export type SumKernel = 'dot' | 'sum';

/** One side. */
export interface Side extends Arithmetic {
  readonly target: string;
  readonly unit: string;
  /** Order and accumulators in words. */
  readonly text: string;
  /** The unit's elements of K; 1 where it has none. */
  readonly k: number;
  /** What becomes of a sum before it is written; absent: nothing. */
  readonly ending?: Ending;
  /** The results of many sums, by the specification: for short rows an engine is no faster. */
  run(batch: Batch): Float64Array;
}

/** A side from what the caller gave. */
export function sideOf(
  argument: string,
  given: Target | TargetName,
  kernel: SumKernel,
  formats: { readonly a?: Format | string; readonly b?: Format | string },
): Side {
  return checkAs(
    (path) => path.replace(/^(options\.)?(target|unit)/, argument),
    () => {
      const target = givenTarget('target', given);
      return kernel === 'dot' ? dotSide(target, formats) : sumSide(target, formats);
    },
  );
}

function dotSide(target: Target, formats: { readonly a?: Format | string; readonly b?: Format | string }): Side {
  const { kind, unit } = productUnitOf('options.target', target);
  const chosen = {
    ...(formats.a === undefined ? {} : { a: defineFormat(formats.a, 'options.a') }),
    ...(formats.b === undefined ? {} : { b: defineFormat(formats.b, 'options.b') }),
  };
  const options = { target, unit: unit.name, ...chosen };
  const { a, b, addend, positiveZeros, scale, product, reduction, output } = dotSpecification.plan({
    ...options,
    rows: 1,
    width: 1,
  });
  return {
    ...{ target: target.name, unit: unit.name, text: reductionText(reduction), k: kind === 'matrix' ? unit.k : 1 },
    ...{ a, b, addend, positiveZeros, scale, product, reduction, output },
    run: ({ rows, width, a: x, b: y, c, scaleA, scaleB }) =>
      dot(x, y, {
        ...{ ...options, rows, width, c, record: 'off' },
        ...(scale === null ? {} : { scaleA, scaleB }),
      }).output,
  };
}

function sumSide(target: Target, formats: { readonly a?: unknown; readonly b?: unknown }): Side {
  for (const key of ['a', 'b'] as const) {
    if (formats[key] !== undefined)
      throw new BittrueError('unsupported', `options.${key}`, formats[key], 'for dot only');
  }
  const unit = vectorUnitOf('target', target);
  const { load, store, reduction } = sumSpecification.plan({ target, rows: 1, width: 1 });
  if (load === null || store === null) throw new BittrueError('unsupported', 'target', target.name, 'a vector unit');
  return {
    ...{ target: target.name, unit: unit.name, text: reductionText(reduction), k: 1 },
    ...{ a: load, b: null, addend: null, positiveZeros: false, scale: null, product: null, reduction, output: store },
    run: ({ rows, width, a }) => sum(a, { rows, width, target, record: 'off' }).output,
  };
}

/** Refuses sides that cannot be given the same operands. */
export function checkAlike(left: Side, right: Side, [a, b] = ['targetA', 'targetB']): void {
  const [p, q] = [operandsOf(left), operandsOf(right)];
  if (p !== q) {
    throw new BittrueError('unsupported', b as string, q, `the operands that ${a} takes: ${p}`);
  }
}

/** A side whose sums start from +0, and end so. */
export function endedSide(side: Side, ending: Ending): Side {
  return {
    ...side,
    addend: null,
    ending,
    run: (batch) => ending.run(side.run({ ...batch, c: new Float64Array(batch.rows) }), batch.c),
  };
}

/** What reads the addend: the sum, or what ends it. */
export function addendOf({ addend, ending }: Side): Rounding | null {
  return ending === undefined ? addend : ending.addend;
}

function operandsOf({ a, b, scale, ending }: Side): string {
  const scales = scale === null ? '' : `, scales ${formatName(scale.format)} for blocks of ${scale.block}`;
  const formats = [a, b].flatMap((one) => (one === null ? [] : [formatName(one.format)])).join(' and ');
  const added = ['', ', a number that the epilogue adds', ', two numbers that the epilogue adds'][ending?.addends ?? 0];
  return `${formats}${scales}${added}`;
}

/** Where a reduction's parts begin: sizes of tiles, numbers of lanes, lengths of runs. */
export function sizesOf(reduction: Reduction): number[] {
  if (!('across' in reduction)) return reduction.lanes === undefined ? [] : [reduction.lanes];
  const { kind, across } = reduction;
  const own =
    kind === 'strided'
      ? [reduction.lanes, reduction.run ?? 1]
      : [kind === 'tiled' ? reduction.size : reduction.multipleOf];
  return [...own, ...innerOf<Reduction>(reduction).flatMap(sizesOf), ...(across === 'chain' ? [] : sizesOf(across))];
}

/** How many bits its sums keep. */
export function precisionsOf({ reduction, output, product }: Arithmetic): number[] {
  const bitsOf = ({ format }: Rounding): number => precisionOf(format);
  const found = [bitsOf(output), ...(product === null ? [] : [bitsOf(product)])];
  for (const { accumulator } of leaves(reduction)) {
    found.push(accumulator.kind === 'integer' ? accumulator.bits : bitsOf(accumulatorRounding(accumulator)));
    if (accumulator.kind === 'aligned') {
      found.push(accumulator.fractionBits);
      const { addend = 'together' } = accumulator;
      if (addend !== 'together') found.push(addend.sumBits, addend.addendBits);
    }
  }
  return found;
}

/** Exponents of the smallest numbers that it writes, and of half of them; least exponents of its alignment. */
export function exponentsIn({ reduction, output }: Arithmetic): number[] {
  const sums = leaves(reduction).flatMap(({ accumulator }) => {
    const least = accumulator.kind === 'aligned' ? (accumulator.leastExponent ?? null) : null;
    const to = accumulator.kind === 'integer' ? [] : [exponentsOf(accumulatorRounding(accumulator).format).low];
    return [...to, ...(least === null ? [] : [least])];
  });
  return [...new Set([exponentsOf(output.format).low, ...sums].flatMap((e) => [e - 1, e]))];
}
