/**
 * A quantizer into blocks under shared scales, of somebody else's: scales and elements judged apart.
 *
 * @module
 */
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { BittrueError, checkFunction, checkName, checkObject } from '../../errors/index.ts';
import type { BlockFormat } from '../../formats/block.ts';
import { parseBlock } from '../../formats/blockName.ts';
import { checkBlockFormat } from '../../formats/check.ts';
import { binary16, binary32, type Format } from '../../formats/index.ts';
import { type BlockRecipe, blockRecipes, quantizeBlocks } from '../../quantization/index.ts';
import { decode, encodeValue, isValue } from '../../rounding/codes.ts';
import { resolvePolicy } from '../../rounding/policy.ts';
import type { CodeOutcome } from '../../rounding/profileOutcome.ts';
import { plainRules } from '../../rounding/profiles.ts';
import { round } from '../../rounding/round.ts';
import { type Conversion, convertWith, outcomeOf, type Setup, setupOf } from '../conformance/compute.ts';
import { binary64Bits, hexBits, type Operand, operandOf } from '../conformance/operand.ts';
import { draws, type Next } from '../conformance/sample.ts';
import type { Behaviour } from '../diagnosis/behaviour.ts';
import {
  amaxOf,
  anchorOf,
  type BlockScaleSetup,
  blockScaleBehaviours,
  chooser,
  scaleWith,
} from '../diagnosis/blockScales.ts';
import { conversionBehaviours } from '../diagnosis/conversions.ts';
import { exponentIn } from '../diagnosis/grid.ts';
import type { Row } from './call.ts';
import type { Check, Explained } from './check.ts';
import { comparison, type EffortOptions, effort } from './checkRounding.ts';
import { bitsBeside, conversionCases } from './conversionCases.ts';
import { answer, answerWords, classOf, complexity, hex, operandAt, spell, wrongness } from './conversionWords.ts';
import { examine, type Subject } from './examine.ts';

/** What a quantizer makes of numbers: a scale for every block, an element for every number. */
export interface QuantizedBlocks {
  readonly scales: ArrayLike<number>;
  readonly elements: ArrayLike<number>;
}

/** A quantizer: numbers of binary32, some whole blocks of them. */
export type BlockQuantizer = (numbers: Float32Array) => QuantizedBlocks;

/** What a quantizer into blocks should do. */
export interface BlockQuantizerCheckOptions extends EffortOptions {
  /** The block format, of `defineBlock` or by name: `mxfp4`, `nvfp4`. */
  readonly format: BlockFormat | string;
  /** How scales and elements are chosen: a name of `blockRecipes`, or a recipe. Default: the format's rule, ties to even. */
  readonly recipe?: BlockRecipe | string;
  /** What it gives: `codes` (default), or `numbers`, the elements not yet multiplied by the scales. */
  readonly gives?: 'codes' | 'numbers';
}

/** Scales and elements, each judged by itself: elements under the scales that the quantizer chose. */
export interface BlockQuantizerCheck {
  readonly ok: boolean;
  readonly scales: Check;
  readonly elements: Check;
}

/** Blocks tried for their scales; elements. */
const SCALE_RUNS = 2000;
const ELEMENT_RUNS = 4000;

/**
 * Checks a quantizer into MX, NVFP4 or any block format. Scales: blocks whose largest magnitude lies at and beside the edges of
 * binades and of the element's range, at the ends of the scale's range, at every place of a block and of both signs; blocks of
 * zeros. Elements: numbers on which roundings go wrong, judged under the scale that the quantizer itself chose, so that a wrong
 * scale does not make every element wrong. Infinities and NaN are not asked: producers differ.
 *
 * The quantizer is called with one block, or, where the format has a scale for the tensor, with two: the first one fixes it.
 *
 * @throws {@link BittrueError} for formats, recipes and options that do not exist or fit, and results of another length
 * @example
 * import { e2m1fn } from 'bittrue/formats';
 * import { round } from 'bittrue/rounding';
 * import { checkBlockQuantizer } from 'bittrue/testing';
 * const quantize = (x: Float32Array) => {
 *   const largest = Math.max(2 ** -125, ...x); // the signs are forgotten
 *   const scale = 2 ** (Math.floor(Math.log2(largest)) - 2);
 *   return { scales: [scale], elements: x.map((one) => round(e2m1fn, one / scale, { overflow: 'saturate' })) };
 * };
 * const check = checkBlockQuantizer(quantize, { format: 'mxfp4', gives: 'numbers' });
 * check.scales.diagnosis?.behaviours[0]?.name; // 'positiveLargest'
 * check.elements.ok; // true
 */
export function checkBlockQuantizer(
  implementation: BlockQuantizer,
  options: BlockQuantizerCheckOptions,
): BlockQuantizerCheck {
  checkFunction('implementation', implementation, 'a function of an array of numbers');
  checkObject('options', options, ['format', 'recipe', 'gives', 'runs', 'seed']);
  const format = checkBlockFormat(
    'options.format',
    typeof options.format === 'string' ? parseBlock(options.format) : options.format,
  );
  const gives = checkName('options.gives', options.gives ?? 'codes', ['codes', 'numbers']);
  const recipe = recipeOf(format, options.recipe);
  const call = caller(implementation, format, gives);
  const scales = examine(scaleSubject(format, recipe, options), (cases) =>
    cases.map((one) => scaleRow(format, one, call)),
  );
  // The scales that were seen under each largest magnitude: what elements are judged by.
  const seen = new Map<number, number>();
  const orders = new Orders(format.size);
  const elements = examine(elementSubject(format, recipe, seen, options), (cases) =>
    packs(cases, format.size).flatMap((pack) => elementRows(format, pack, call, seen, orders)),
  );
  const [first, second] = [scales as Check, reordered(elements as Check, orders, format, recipe, seen)];
  return { ok: first.ok && second.ok, scales: first, elements: second };
}

function recipeOf(format: BlockFormat, given: BlockRecipe | string | undefined): BlockRecipe | undefined {
  if (given === undefined) return undefined;
  const recipe =
    typeof given === 'string'
      ? (blockRecipes[checkName('options.recipe', given, Object.keys(blockRecipes))] as BlockRecipe)
      : given;
  // It refuses a recipe that does not fit.
  quantizeBlocks({ data: new Float64Array([1]), shape: [1] }, format, { recipe });
  return recipe;
}

interface BlockAnswer {
  readonly scale: number;
  readonly elements: readonly number[];
  readonly failure: string | null;
}

type Call = (numbers: readonly number[]) => BlockAnswer;

/** One block's answer: where a tensor has a scale, of the second of two. */
function caller(implementation: BlockQuantizer, format: BlockFormat, gives: 'codes' | 'numbers'): Call {
  const { size } = format;
  const anchor = anchorOf(format);
  const value = (of: Format, x: unknown): number => {
    if (typeof x !== 'number') return Number.NaN;
    if (gives === 'numbers') return x;
    return Number.isInteger(x) && x >= 0 && x < of.codes ? decode(of, x) : Number.NaN;
  };
  return (numbers) => {
    const first = anchor === null ? 0 : size;
    const data = new Float32Array(first + size);
    if (anchor !== null) data[0] = anchor;
    data.set(numbers, first);
    let found: QuantizedBlocks;
    try {
      found = implementation(data);
    } catch (error) {
      const told = `throws ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
      return { scale: Number.NaN, elements: [], failure: told };
    }
    const blocks = first / size + 1;
    const list = (name: 'scales' | 'elements', length: number): ArrayLike<number> => {
      const some: unknown = found === null || typeof found !== 'object' ? undefined : found[name];
      if (typeof some !== 'object' || some === null || (some as ArrayLike<number>).length !== length) {
        const expected = `${name}: ${length} numbers for ${blocks} block${blocks > 1 ? 's' : ''} of ${size}`;
        throw new BittrueError('shape', 'implementation', some ?? found, expected);
      }
      return some as ArrayLike<number>;
    };
    const [scales, elements] = [list('scales', blocks), list('elements', data.length)];
    return {
      scale: Math.abs(value(format.scale, scales[blocks - 1])),
      elements: Array.from({ length: size }, (_, i) => value(format.element, elements[first + i])),
      failure: null,
    };
  };
}

function rowOf(operands: readonly Operand[], format: Format, value: number, failure: string | null): Row {
  const code = value === value && isValue(format, value) ? encodeValue(format, value, false) : null;
  return { operands, value, code, hasCode: false, flags: null, failure };
}

function scaleRow(format: BlockFormat, operands: readonly Operand[], call: Call): Row {
  const { scale, failure } = call(operands.map(({ x }) => x));
  return rowOf(operands, format.scale, scale, failure);
}

function scaleSubject(
  format: BlockFormat,
  recipe: BlockRecipe | undefined,
  options: EffortOptions,
): Subject<BlockScaleSetup> {
  const { seed = 1 } = options;
  const { runs } = effort({ ...options, runs: options.runs ?? SCALE_RUNS }, Infinity);
  const { scale } = format;
  const base: BlockScaleSetup = { reads: amaxOf, choose: chooser(format, recipe), ends: [] };
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
    behaviours: () => blockScaleBehaviours(format, recipe),
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

/** What elements become under a scale, and how. */
interface ElementSetup {
  readonly quotient: (x: number, scale: number, amax: number) => number;
  readonly conversion: Setup;
}

/** Cases in a row under one largest magnitude, which comes first in the block. */
function packs(cases: readonly (readonly Operand[])[], size: number): (readonly Operand[])[][] {
  const found: (readonly Operand[])[][] = [];
  for (const one of cases) {
    const last = found.at(-1);
    if (
      last !== undefined &&
      last.length < size - 1 &&
      ((last[0] as readonly Operand[])[1] as Operand).x === (one[1] as Operand).x
    )
      last.push(one);
    else found.push([one]);
  }
  return found;
}

function elementRows(
  format: BlockFormat,
  pack: readonly (readonly Operand[])[],
  call: Call,
  seen: Map<number, number>,
  orders: Orders,
): Row[] {
  const amax = ((pack[0] as readonly Operand[])[1] as Operand).x;
  const { scale, elements, failure } = call([amax, ...pack.map(([one]) => (one as Operand).x)]);
  if (failure === null) seen.set(amax, scale);
  orders.add(pack, elements);
  return pack.map((operands, i) => rowOf(operands, format.element, elements[i + 1] ?? Number.NaN, failure));
}

/** The right element under the scale that was chosen; null where that is none. */
function rightElement(
  format: BlockFormat,
  recipe: BlockRecipe | undefined,
  seen: ReadonlyMap<number, number>,
): (operands: readonly Operand[]) => CodeOutcome | null {
  const { element } = format;
  const rounding = recipe?.rounding ?? 'tiesToEven';
  const unit = new ValueUnit(element, resolvePolicy(element, { rounding, overflow: 'saturate' }));
  const right = chooser(format, recipe);
  const anchor = anchorOf(format);
  const [scales, known] = [new Map<number, number>(), new Map<string, number>()];
  return ([one, largest]) => {
    const [x, amax] = [(one as Operand).x, (largest as Operand).x];
    const scale = seen.get(amax);
    if (scale === undefined || !(scale > 0) || scale === Infinity) return null;
    const wanted = scales.get(amax) ?? right(amax);
    scales.set(amax, wanted);
    // Under the right scale, what the recipe gives, be it by a reciprocal.
    if (scale === wanted && (anchor !== null || recipe?.division === 'reciprocal' || format.scaleRule === 'nvfp4')) {
      const key = `${x} ${amax}`;
      const found = known.get(key) ?? recipeElement(format, recipe, anchor, amax, x);
      known.set(key, found);
      return outcomeOf(element, found);
    }
    return outcomeOf(element, unit.divide(x, scale));
  };
}

function recipeElement(
  format: BlockFormat,
  recipe: BlockRecipe | undefined,
  anchor: number | null,
  amax: number,
  x: number,
): number {
  const data = new Float64Array(anchor === null ? 2 : format.size + 2);
  if (anchor !== null) data[0] = anchor;
  data.set([amax, x], data.length - 2);
  const { codes } = quantizeBlocks({ data, shape: [data.length] }, format, recipe === undefined ? {} : { recipe });
  return decode(format.element, codes.at(-1) as number);
}

function elementSubject(
  format: BlockFormat,
  recipe: BlockRecipe | undefined,
  seen: ReadonlyMap<number, number>,
  options: EffortOptions,
): Subject<ElementSetup> {
  const { seed = 1 } = options;
  const { runs } = effort({ ...options, runs: options.runs ?? ELEMENT_RUNS }, Infinity);
  const { element } = format;
  const policy = resolvePolicy(element, {
    rounding: recipe?.rounding ?? 'tiesToEven',
    overflow: 'saturate',
    ...(element.kind === 'integer' || element.nan === 'none' ? { nanInput: 'zero' } : {}),
  });
  const task: Conversion = { source: 'binary64', format: element, policy, rules: plainRules };
  const exact = rightElement(format, recipe, seen);
  const base: ElementSetup = { quotient: (x, scale) => x / scale, conversion: setupOf(task) };
  const inSteps = (x: number, amax: number): Operand => operandOf('binary64', binary64Bits(x / (seen.get(amax) ?? 1)));
  return {
    what: `elements of ${format.name}, ${formatWords(recipe)}`,
    seed,
    cases: elementCases(format, chooser(format, recipe), draws(seed)),
    runs,
    exhaustive: false,
    exact,
    agrees: comparison(false, false),
    classOf: ([one, largest]) => classOf(element, inSteps((one as Operand).x, (largest as Operand).x).x),
    wrongness: (expected, row) => wrongness(element, expected, row),
    words: (expected, row) => {
      const [x, amax] = row.operands.map((one) => one.x) as [number, number];
      const scale = seen.get(amax) as number;
      return `${spell(x)} in a block with ${spell(amax)}, under the scale ${scale}: right is ${answer(element, expected.value, expected.code)}, the implementation ${answerWords(element, row)}`;
    },
    hexOperand: ({ bits }) => `0x${hexBits(binary32, bits).toLowerCase()}`,
    hexResult: (code) => hex(element, code),
    complexity,
    simpler: ([one, largest]) => simplerElements(one as Operand, largest as Operand),
    behaviours: (wrong) => elementBehaviours(format, task, wrong, seen),
    base,
    compute: ({ quotient, conversion }) => {
      if (quotient === base.quotient && conversion === base.conversion) return exact;
      const convert = convertWith(task, conversion);
      return ([one, largest]) => {
        const [x, amax] = [(one as Operand).x, (largest as Operand).x];
        const scale = seen.get(amax);
        if (scale === undefined || !(scale > 0) || scale === Infinity) return null;
        const q = quotient(x, scale, amax);
        return convert([operandOf('binary64', binary64Bits(q))]);
      };
    },
    unseen: () => [],
  };
}

const formatWords = (recipe: BlockRecipe | undefined): string =>
  `${recipe?.rounding ?? 'tiesToEven'}, under the scales that were chosen`;

function simplerElements(one: Operand, largest: Operand): Operand[][] {
  const tries = [largest.x, 1, 2, 3, 1.5, 2.5, 0.5, 0.25, 0.75, 5, Math.abs(one.x), one.x / 2, Math.round(one.x)];
  const found = tries
    .filter((x) => Math.abs(x) <= largest.x)
    .flatMap((x) => operandAt(binary32, x).map((simple) => [simple, largest]));
  const scaled = [0.5, 2, 0.25, 4].flatMap((by) =>
    operandAt(binary32, one.x * by).flatMap((x) => operandAt(binary32, largest.x * by).map((amax) => [x, amax])),
  );
  return [...found, ...scaled];
}

/** Numbers on which roundings go wrong, under scales near one, and under a few others. */
function* elementCases(
  format: BlockFormat,
  choose: (amax: number) => number,
  next: Next,
): Generator<readonly Operand[]> {
  const { element, size } = format;
  const binade = 2 ** exponentIn(element.max);
  const anchor = anchorOf(format);
  const tops = [element.max, 1.25 * element.max, 0.75 * element.max, binade, 2 * binade * (1 - 2 ** -20)];
  const all = conversionCases(element, binary32, next);
  for (let n = 0; ; n++) {
    const e = n < 12 ? 0 : next(13) - 6;
    const top = round(binary32, (tops[n % tops.length] as number) * 2 ** e);
    const amax = anchor === null ? top : Math.min(top, anchor);
    const largest = operandOf(binary32, bitsBeside(binary32, amax, 0));
    const scale = choose(amax);
    yield [largest, largest];
    for (let i = 0; i < 4 * size; i++) {
      const { x } = (all.next().value as readonly Operand[])[0] as Operand;
      const moved = round(binary32, x * scale);
      if (Math.abs(moved) <= amax) yield [operandOf(binary32, bitsBeside(binary32, moved, 0)), largest];
    }
  }
}

function elementBehaviours(
  format: BlockFormat,
  task: Conversion,
  wrong: readonly Row[],
  seen: ReadonlyMap<number, number>,
): Behaviour<ElementSetup>[] {
  const { element } = format;
  const scaled = ([one, largest]: readonly Operand[]): readonly Operand[] => {
    const scale = seen.get((largest as Operand).x) ?? 1;
    return [operandOf('binary64', binary64Bits((one as Operand).x / scale))];
  };
  const quotient = (name: string, text: string, of: ElementSetup['quotient']): Behaviour<ElementSetup> => ({
    group: 'quotient',
    name,
    text,
    change: (setup) => ({ ...setup, quotient: of }),
  });
  const single = Math.fround;
  const conversions = conversionBehaviours(
    task,
    wrong.map((row) => ({ operands: scaled(row.operands), value: row.value })),
  );
  return [
    ...conversions.map(
      ({ group, name, text, change, where }): Behaviour<ElementSetup> => ({
        ...{ group, name, text },
        change: (setup) => ({ ...setup, conversion: change(setup.conversion) }),
        ...(where === undefined ? {} : { where: (operands) => where(scaled(operands)) }),
      }),
    ),
    quotient(
      'unroundedScale',
      'divides by the scale before it was rounded to its format',
      (x, _, amax) => x / (amax / element.max),
    ),
    quotient('quotientBinary32', 'divides in binary32 first, and rounds again', (x, scale) => single(x / scale)),
    quotient('reciprocalBinary32', 'multiplies by the reciprocal of the scale in binary32', (x, scale) =>
      single(x * single(1 / scale)),
    ),
    quotient('quotientBinary16', 'divides in binary16 first, and rounds again', (x, scale) =>
      round(binary16, x / scale, { overflow: 'infinity' }),
    ),
    quotient('noScale', 'leaves out the scale', (x) => x),
    quotient('timesScale', 'multiplies by the scale instead of dividing', (x, scale) => x * scale),
    quotient('halfScale', 'divides by half the scale', (x, scale) => (2 * x) / scale),
    quotient('doubleScale', 'divides by twice the scale', (x, scale) => x / (2 * scale)),
  ];
}

/** Places at which elements might stand instead of their own. */
const permutations: readonly (readonly [string, string, (i: number, size: number) => number])[] = [
  ['swappedNeighbours', 'swaps neighbours: two codes of a byte stand in the other order', (i) => i ^ 1],
  ['reversed', 'writes elements backwards', (i, size) => size - 1 - i],
  ['late', 'writes elements one place late', (i, size) => (i + 1) % size],
  ['early', 'writes elements one place early', (i, size) => (i + size - 1) % size],
  ['halvesApart', 'writes the two halves of a block by turns', (i, size) => (i < size / 2 ? 2 * i : 2 * i - size + 1)],
  ['evenFirst', 'writes even places first, then odd ones', (i, size) => (i % 2 === 0 ? i / 2 : (size + i - 1) / 2)],
];

/** Whole blocks as they were answered, for the question whether elements stand in other places. */
class Orders {
  private readonly size: number;
  private readonly blocks: { readonly pack: readonly (readonly Operand[])[]; readonly elements: readonly number[] }[] =
    [];

  constructor(size: number) {
    this.size = size;
  }

  add(pack: readonly (readonly Operand[])[], elements: readonly number[]): void {
    if (this.blocks.length < 400 && pack.length === this.size - 1) this.blocks.push({ pack, elements });
  }

  /** The order under which nearly every element is right, and how many are not; null where there is none. */
  found(
    right: (operands: readonly Operand[]) => CodeOutcome | null,
  ): { readonly name: string; readonly text: string } | null {
    const cases = this.blocks.reduce((sum, { pack }) => sum + pack.length, 0);
    for (const [name, text, place] of permutations) {
      let wrong = 0;
      for (const { pack, elements } of this.blocks) {
        pack.forEach((operands, i) => {
          if (elements[place(i + 1, this.size)] !== right(operands)?.value) wrong += 1;
        });
      }
      if (cases > 0 && wrong < cases / 10) return { name, text };
    }
    return null;
  }
}

/** A check whose wrong answers are right ones in other places. */
function reordered(
  check: Check,
  orders: Orders,
  format: BlockFormat,
  recipe: BlockRecipe | undefined,
  seen: ReadonlyMap<number, number>,
): Check {
  if (check.ok) return check;
  const found = orders.found(rightElement(format, recipe, seen));
  if (found === null) return check;
  const { wrong, cases } = check;
  const diagnosis: Explained = {
    behaviours: [found],
    alternatives: [],
    explained: wrong,
    differing: wrong,
    contradicted: 0,
    equal: cases - wrong,
    verdict: 'most',
    sentence: `${found.text}: in that order nearly all elements are right`,
    unexplained: [],
  };
  return { ...check, diagnosis };
}
