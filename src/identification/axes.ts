/**
 * The values that a parameter of a hypothesis may have, given the others and what was seen.
 *
 * @module
 */

import { leaves } from '../accumulators/walk.ts';
import { defineFloat, type Format } from '../formats/index.ts';
import { type RoundingMode, roundTo, type SubnormalPolicy } from '../rounding/index.ts';
import { exponentsOf } from './numbers.ts';
import { productRange } from './operands.ts';
import { chainedTiles, hasAcross, type Order, treesIn } from './orders.ts';
import { type Axis, formatOf, nameOfFormat, type Point } from './point.ts';
import type { Question } from './question.ts';

/** Deterministic modes. */
export const modes: readonly RoundingMode[] = [
  'tiesToEven',
  'towardZero',
  'tiesToAway',
  'toOdd',
  'towardNegative',
  'towardPositive',
];
const subnormals: readonly SubnormalPolicy[] = ['gradual', 'flushBoth', 'flushOutputs', 'flushInputs'];
const tininess = ['afterRounding', 'beforeRounding'] as const;
const losses = ['truncate', 'floor', 'odd'] as const;
const overflows = ['ieee', 'infinity', 'saturate', 'saturateFinite', 'nan'] as const;

/** Precisions of registers that a search tries. */
const WIDEST = 45;

/** Formats of sums by questions: a search asks for them a million times. */
const ofSums: WeakMap<Question, readonly string[]> = /* @__PURE__ */ new WeakMap();

/** Formats of sums: the result's own first, then those of every precision with its exponents, and usual others. */
export function sumFormats(question: Question): readonly string[] {
  const known = ofSums.get(question) ?? makeSumFormats(question);
  ofSums.set(question, known);
  return known;
}

function makeSumFormats({ output }: Question): string[] {
  if (output.kind !== 'float') return ['binary32', 'binary16', 'bfloat16'];
  const found = [nameOfFormat(output), 'binary32', 'binary16', 'bfloat16', 'float:e8m13', 'binary64'];
  for (const exponentBits of new Set([output.exponentBits, 8, 5, 6, 7, 9])) {
    if (exponentBits > 9) continue;
    for (let precision = 2; precision <= WIDEST && precision + exponentBits <= 53; precision++) {
      found.push(nameOfFormat(defineFloat({ exponentBits, mantissaBits: precision - 1 })));
    }
  }
  return [...new Set(found)];
}

/** One of every precision, of wide exponents: for rows that stay within every range. */
export function wideFormats(question: Question): string[] {
  const { output } = question;
  const exponents = output.kind === 'float' ? Math.max(output.exponentBits, 8) : 8;
  const seen = new Set<number>();
  return sumFormats(question).filter((name, i) => {
    const format = formatOf(name);
    if (format.kind !== 'float' || seen.has(format.precision)) return i === 0;
    if (i > 0 && format.exponentBits < exponents) return false;
    seen.add(format.precision);
    return true;
  });
}

/** Overflow policies of a format. */
function overflowsOf(format: Format): readonly Point['sumOverflow'][] {
  if (format.kind === 'integer') return ['saturate', 'wrap'];
  return overflows.filter((one) => {
    try {
      roundTo(format, { overflow: one });
      return true;
    } catch {
      return false;
    }
  });
}

/** Least exponents of alignment, from none up. */
function leastExponents(question: Question): (number | null)[] {
  const { deep, high } = productRange(question);
  const low = question.output.kind === 'float' ? exponentsOf(question.output).low : deep;
  const found: (number | null)[] = [null];
  for (let e = Math.max(-800, Math.min(deep, low) - 2); e <= Math.min(4, high); e++) found.push(e);
  return found;
}

function integers(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

/** Sizes of groups within a block of scales. */
export function groupsOf({ scale, k }: Question): number[] {
  const most = scale === null ? k : scale.block;
  return integers(1, most).filter((n) => n === 1 || (most % n === 0 && n <= 64));
}

/** The parameters that a point has, and their values; `orders` are those that swamping left. */
export function axesOf(
  question: Question,
  point: Point,
  orders: readonly Order[],
): Partial<Record<Axis, readonly unknown[]>> {
  const { output, a, b, addend, scale } = question;
  const { family } = point;
  const floats = a.kind === 'float' && b.kind === 'float';
  const isRegister = family === 'integer' || family === 'fixed';
  const sum = formatOf(point.sumFormat);
  const stores = isRegister || point.sumFormat !== nameOfFormat(output);
  const hasOuter = hasAcross(point.order);
  const ownOuter = hasOuter && point.across === 'own';
  const isTree = treesIn(point.order) && leaves(point.order).some(({ kind }) => kind !== 'sequential');
  return {
    // Where a compensation begins anew does not show beside large terms.
    order: family === 'kahan' || family === 'neumaier' ? [...orders, ...chainedTiles(question.k)] : orders,
    ...(family === 'exact' || family === 'aligned' ? { family: ['exact', 'aligned'] } : {}),
    ...(floats ? { loadSubnormals: ['gradual', 'flushInputs'], zeroOperands: ['signed', 'positive'] } : {}),
    ...(addend?.kind === 'float' ? { addendSubnormals: ['gradual', 'flushInputs'] } : {}),
    ...(scale === null ? {} : { ignoreSign: [false, true] }),
    ...(isTree && point.product !== 'exact' ? { leaf: ['element', 'chain'] } : {}),
    ...(addend === null && point.product !== 'exact' && !isRegister ? { start: ['zero', 'first'] } : {}),
    ...(isRegister
      ? {}
      : {
          sumFormat: sumFormats(question),
          sumMode: modes,
          sumOverflow: overflowsOf(sum),
          sumSubnormals: subnormals,
          sumTininess: tininess,
        }),
    ...(family === 'float' || family === 'fixed' || family === 'kahan' || family === 'neumaier'
      ? {
          product:
            family === 'float' || family === 'fixed'
              ? ['exact', ...(family === 'float' ? ['sum'] : []), 'own']
              : ['sum', 'own'],
          ...(point.product === 'own'
            ? { productFormat: sumFormats(question), productMode: modes, productSubnormals: subnormals }
            : {}),
        }
      : {}),
    ...(hasOuter && !isRegister ? { across: ['sum', 'own'] } : {}),
    ...(ownOuter && !isRegister
      ? {
          acrossFormat: sumFormats(question),
          acrossMode: modes,
          acrossOverflow: overflowsOf(formatOf(point.acrossFormat)),
          acrossSubnormals: subnormals,
          acrossTininess: tininess,
        }
      : {}),
    ...(stores
      ? {
          storeMode: modes,
          storeOverflow: overflowsOf(output),
          ...(output.kind === 'float' ? { storeSubnormals: subnormals, storeTininess: tininess } : {}),
        }
      : {}),
    ...(family === 'aligned' ? alignedAxes(question, point) : {}),
    ...(family === 'exact' ? { productExponent: integers(-64, 64) } : {}),
    ...(isRegister
      ? { bits: integers(2, 64).filter((n) => family === 'integer' || n <= 53), overflow: ['saturate', 'wrap'] }
      : {}),
    ...(family === 'integer' ? { when: ['everyStep', 'atEnd'] } : {}),
    ...(family === 'integer' && hasOuter ? { acrossBits: integers(2, 64), acrossRegister: ['wrap', 'saturate'] } : {}),
    ...(family === 'fixed' ? { registerFraction: integers(-8, 48), sumMode: modes } : {}),
  };
}

/** Alignments that keep so much that they are exact on most rows. */
export function alignmentsLike(point: Point): Point[] {
  if (point.family !== 'exact' || point.productExponent !== 0) return [];
  return integers(12, 48).flatMap((fractionBits) =>
    losses.map((lost): Point => ({ ...point, family: 'aligned', fractionBits, lost })),
  );
}

/** Alignments whose sums a late one cuts once more: what one keeps shows by what the other does. */
export function alignmentsNear(point: Point): Point[] {
  if (point.family !== 'aligned' || point.addend !== 'late') return [];
  return [-2, -1, 0, 1, 2].flatMap((step) => {
    const fractionBits = Math.max(0, point.fractionBits + step);
    const sumBits = [-3, -2, -1, 0, 1].map((more) => Math.max(0, fractionBits + more));
    return losses.flatMap((lost) => sumBits.map((bits): Point => ({ ...point, fractionBits, lost, sumBits: bits })));
  });
}

function alignedAxes(question: Question, point: Point): Partial<Record<Axis, readonly unknown[]>> {
  const isLate = point.addend === 'late';
  return {
    fractionBits: integers(0, 48),
    lost: losses,
    zeroRule: ['out', 'mmasim1'],
    zeroSign: ['positive', 'allNegative', 'rounded'],
    productOverflow: ['exact', 'infinity'],
    ...(question.addend === null ? {} : { addend: ['together', 'late'] }),
    ...(isLate || point.zeroRule === 'mmasim1' ? {} : { leastExponent: leastExponents(question) }),
    ...(question.scale === null ? {} : { group: groupsOf(question) }),
    ...(point.group > 1 ? { zeroGroups: ['out', 'scale'] } : {}),
    ...(isLate
      ? {
          sumBits: integers(0, 48),
          addendBits: integers(0, 48),
          lateLost: ['floor', 'truncate'],
          far: ['cut', 'zero'],
          settle: [null, ...integers(0, 52)],
          ...(point.group === 1 ? { lanes: [1, 2] } : {}),
        }
      : {}),
  };
}
