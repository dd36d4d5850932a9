/**
 * The scales of blocks: cases, right answers, words.
 *
 * @module
 */
import type { BlockFormat } from '../../formats/blockFormat.ts';
import { binary32 } from '../../formats/index.ts';
import type { BlockRecipe } from '../../quantization/index.ts';
import { encodeValue, isValue } from '../../rounding/codes.ts';
import type { CodeOutcome } from '../../rounding/profileOutcome.ts';
import { type Operand, operandOf } from '../conformance/operand.ts';
import { draws, type Next } from '../conformance/sample.ts';
import {
  amaxOf,
  anchorOf,
  type BlockScaleSetup,
  blockScaleBehaviours,
  chooser,
  scaleWith,
} from '../diagnosis/blockScales.ts';
import { exponentIn } from '../diagnosis/grid.ts';
import { comparison, type EffortOptions, effort } from './checkRounding.ts';
import { bitsBeside } from './conversionCases.ts';
import { answer, answerWords, complexity, hex, operandAt, spell, wrongness } from './conversionWords.ts';

import type { Subject } from './examine.ts';

const RUNS = 2000;

export function scaleSubject(
  format: BlockFormat,
  recipe: BlockRecipe | undefined,
  options: EffortOptions,
  anchor = anchorOf(format),
): Subject<BlockScaleSetup> {
  const { seed = 1 } = options;
  const { runs } = effort({ ...options, runs: options.runs ?? RUNS }, Infinity);
  const { scale } = format;
  const base: BlockScaleSetup = { reads: amaxOf, choose: chooser(format, recipe, anchor), ends: [] };
  const compute = (setup: BlockScaleSetup): ((operands: readonly Operand[]) => CodeOutcome) => {
    // Many blocks have the same largest magnitude.
    const known = new Map<number, number>();
    const choose = (amax: number): number => {
      const found = known.get(amax) ?? setup.choose(amax);
      known.set(amax, found);
      return found;
    };
    return (operands) => {
      const value = scaleWith(
        { ...setup, choose },
        operands.map(({ x }) => x),
      );
      return { value, code: isValue(scale, value) ? encodeValue(scale, value, false) : Number.NaN, flags: 0 };
    };
  };
  return {
    what: `scales of ${format.name}, ${recipe?.name ?? `rule ${format.scaleRule}`}`,
    counted: 'blocks',
    seed,
    cases: scaleCases(format, base.choose, draws(seed)),
    runs,
    exhaustive: false,
    exact: compute(base),
    agrees: comparison(false, false),
    classOf: (operands) => scaleClass(format, operands),
    wrongness: (expected, row) => wrongness(scale, expected, row),
    words: (expected, row) => {
      const told = row.operands.map(({ x }, i) => [i, x] as const).filter(([, x]) => x !== 0);
      const numbers = told.slice(0, 4).map(([i, x]) => `[${i}] = ${spell(x)}`);
      const more = told.length > 4 ? ` and ${told.length - 4} more` : '';
      const block = told.length === 0 ? 'a block of zeros' : `the block ${numbers.join(', ')}${more}`;
      return `${block}: the right scale is ${answer(scale, expected.value, expected.code)}, the implementation ${answerWords(scale, row)}`;
    },
    hexOperand: () => null,
    hexResult: (code) => hex(scale, code),
    complexity: (operands) => operands.reduce((sum, one) => sum + (one.x === 0 ? 0 : 30 + complexity([one])), 0),
    simpler: simplerBlocks,
    behaviours: () => blockScaleBehaviours(format, recipe, anchor),
    base,
    compute,
    unseen: () => [],
  };
}

function scaleClass({ element, scale }: BlockFormat, operands: readonly Operand[]): string {
  const numbers = operands.map(({ x }) => x);
  const amax = amaxOf(numbers);
  if (amax === 0) return 'zeros';
  if (amax / element.max > scale.max) return 'beyond the largest scale';
  if (amax / element.max < scale.minNormal) return 'below the smallest scale';
  const sign = numbers.includes(amax) ? '' : ', negative';
  const fraction = amax / 2 ** exponentIn(amax);
  if (fraction === 1) return `power of two${sign}`;
  if (fraction > 2 - 2 ** -12 || fraction < 1 + 2 ** -12) return `beside a power of two${sign}`;
  return `${fraction > element.max / 2 ** exponentIn(element.max) ? "above the element's largest" : 'within a binade'}${sign}`;
}

/** Fewer numbers, smaller ones, each in its place or first. */
function simplerBlocks(operands: readonly Operand[]): Operand[][] {
  const zero = operandOf(binary32, 0);
  const places = operands.flatMap(({ x }, i) => (x === 0 ? [] : [i]));
  const without = (gone: readonly number[]): Operand[] => operands.map((one, i) => (gone.includes(i) ? zero : one));
  const half = places.length >> 1;
  const put = (i: number, x: number): Operand[][] =>
    operandAt(binary32, x).map((one) => operands.map((other, j) => (i === j ? one : other)));
  return [
    without(places),
    ...(places.length > 1 ? [without(places.slice(half)), without(places.slice(0, half))] : []),
    ...places.slice(0, 40).map((i) => without([i])),
    ...places
      .slice(0, 4)
      .flatMap((i) => [1, -1, Math.abs((operands[i] as Operand).x), 2, 3, 4, 6, 7, 0.5].flatMap((x) => put(i, x))),
  ];
}

/** Largest magnitudes on which scales go wrong, the plainest first; only numbers of binary32. */
function* magnitudes(format: BlockFormat, next: Next): Generator<number> {
  const { element, scale } = format;
  const binade = 2 ** exponentIn(element.max);
  const anchor = anchorOf(format);
  const most = anchor ?? binary32.max;
  const fits = function* (x: number): Generator<number> {
    for (const away of [0, 1, -1]) {
      const beside = operandOf(binary32, bitsBeside(binary32, x, away)).x;
      if (Number.isFinite(beside) && Math.abs(beside) <= most) yield Math.abs(beside);
    }
  };
  const step = element.kind === 'float' ? binade * 2 ** -element.mantissaBits : 2 ** -element.fractionBits;
  const edges = [element.max, binade, element.max + step / 2, element.max + step, 1, 1.5 * binade, 2 * binade];
  for (const e of [0, 1, -1, 4, -3, 10]) for (const edge of edges) yield* fits(edge * 2 ** e);
  const { low, high } = { low: exponentIn(scale.minSubnormal ?? scale.minNormal), high: exponentIn(scale.max) };
  for (const e of [low, low + 1, low - 1, low + 3, high, high - 1, exponentIn(scale.minNormal)]) {
    for (const edge of [element.max, binade, 1.5 * binade]) yield* fits(edge * 2 ** e);
  }
  for (;;) {
    const e = next(4) === 0 ? Math.max(-140, low - 2) + next(Math.min(270, high - low + 4)) : next(17) - 8;
    const x = (next(3) === 0 ? (edges[next(edges.length)] as number) : 1 + next(2 ** 23) / 2 ** 23) * 2 ** e;
    yield* fits(x);
  }
}

/** Blocks with one largest number: alone, negative, last, among smaller ones of both signs; a block of zeros. */
function* scaleCases(
  format: BlockFormat,
  _choose: (amax: number) => number,
  next: Next,
): Generator<readonly Operand[]> {
  const { size } = format;
  const block = (numbers: ReadonlyMap<number, number>): Operand[] =>
    Array.from({ length: size }, (_, i) => operandOf(binary32, bitsBeside(binary32, numbers.get(i) ?? 0, 0)));
  yield block(new Map());
  for (const amax of magnitudes(format, next)) {
    yield block(new Map([[0, amax]]));
    yield block(new Map([[0, -amax]]));
    yield block(new Map([[size - 1, amax]]));
    const at = next(size);
    const others = Array.from({ length: size }, (_, i) => [i, (amax * (next(129) - 64)) / 256] as const);
    yield block(new Map([...others, [at, next(2) === 0 ? amax : -amax]]));
  }
}
