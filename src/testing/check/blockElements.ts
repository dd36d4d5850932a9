/**
 * The elements of blocks under scales that were chosen: cases, right answers, words.
 *
 * @module
 */
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import type { BlockFormat } from '../../formats/blockFormat.ts';
import { binary16, binary32 } from '../../formats/index.ts';
import { type BlockRecipe, quantizeBlocks } from '../../quantization/index.ts';
import { decode } from '../../rounding/codes.ts';
import { resolvePolicy } from '../../rounding/policy.ts';
import type { CodeOutcome } from '../../rounding/profileOutcome.ts';
import { plainRules } from '../../rounding/profiles.ts';
import { round } from '../../rounding/round.ts';
import { type Conversion, convertWith, outcomeOf, type Setup, setupOf } from '../conformance/compute.ts';
import { hexBits, numberOperand, type Operand, operandOf } from '../conformance/operand.ts';
import { draws, type Next } from '../conformance/sample.ts';
import type { Behaviour } from '../diagnosis/behaviour.ts';
import { anchorOf, chooser } from '../diagnosis/blockScales.ts';
import { conversionBehaviours } from '../diagnosis/conversions.ts';
import { exponentIn } from '../diagnosis/grid.ts';
import type { Row } from './call.ts';
import { comparison, type EffortOptions, effort } from './checkRounding.ts';
import { bitsBeside, conversionCases } from './conversionCases.ts';
import { answer, answerWords, classOf, complexity, hex, operandAt, spell, wrongness } from './conversionWords.ts';
import type { Subject } from './examine.ts';

const RUNS = 4000;

/** The scale that was chosen, by the operand that stands for a block's largest magnitude: one object a block. */
export type Seen = Map<Operand, number>;

/** What elements become under a scale, and how. */
export interface ElementSetup {
  readonly quotient: (x: number, scale: number, amax: number) => number;
  readonly conversion: Setup;
}

/** The right element under the scale that was chosen; null where that is none. */
export function rightElement(
  format: BlockFormat,
  recipe: BlockRecipe | undefined,
  seen: Seen,
  anchor = anchorOf(format),
): (operands: readonly Operand[]) => CodeOutcome | null {
  const { element } = format;
  const rounding = recipe?.rounding ?? 'tiesToEven';
  const unit = new ValueUnit(element, resolvePolicy(element, { rounding, overflow: 'saturate' }));
  const right = chooser(format, recipe, anchor);
  const [scales, known] = [new Map<number, number>(), new Map<string, number>()];
  return ([one, largest]) => {
    const [x, amax] = [(one as Operand).x, (largest as Operand).x];
    const scale = seen.get(largest as Operand);
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

export function elementSubject(
  format: BlockFormat,
  recipe: BlockRecipe | undefined,
  seen: Seen,
  options: EffortOptions,
  anchor = anchorOf(format),
): Subject<ElementSetup> {
  const { seed = 1 } = options;
  const { runs } = effort({ ...options, runs: options.runs ?? RUNS }, Infinity);
  const { element } = format;
  const policy = resolvePolicy(element, {
    rounding: recipe?.rounding ?? 'tiesToEven',
    overflow: 'saturate',
    ...(element.kind === 'integer' || element.nan === 'none' ? { nanInput: 'zero' } : {}),
  });
  const task: Conversion = { source: 'binary64', format: element, policy, rules: plainRules };
  const exact = rightElement(format, recipe, seen, anchor);
  const base: ElementSetup = { quotient: (x, scale) => x / scale, conversion: setupOf(task) };
  const inSteps = (one: Operand, largest: Operand): Operand => numberOperand(one.x / (seen.get(largest) ?? 1));
  return {
    what: `elements of ${format.name}, ${formatWords(recipe)}`,
    seed,
    cases: elementCases(format, chooser(format, recipe), draws(seed)),
    runs,
    exhaustive: false,
    exact,
    agrees: comparison(false, false),
    classOf: ([one, largest]) => classOf(element, inSteps(one as Operand, largest as Operand).x),
    wrongness: (expected, row) => wrongness(element, expected, row),
    words: (expected, row) => {
      const [x, amax] = row.operands.map((one) => one.x) as [number, number];
      const scale = seen.get(row.operands[1] as Operand) as number;
      return `${spell(x)} in a block with ${spell(amax)}, under the scale ${scale}: right is ${answer(element, expected.value, expected.code)}, the implementation ${answerWords(element, row)}`;
    },
    hexOperand: ({ bits }) => (typeof bits === 'bigint' ? null : `0x${hexBits(binary32, bits).toLowerCase()}`),
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
        const scale = seen.get(largest as Operand);
        if (scale === undefined || !(scale > 0) || scale === Infinity) return null;
        const q = quotient(x, scale, amax);
        return convert([numberOperand(q)]);
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
  const { max } = element;
  // The last one lies just above the range under a scale with fraction bits, which rounds down.
  const tops = [max, 1.25 * max, 0.75 * max, binade, 2 * binade * (1 - 2 ** -20), 1.05 * max];
  const all = conversionCases(element, binary32, next);
  for (let n = 0; ; n++) {
    const e = n < 12 ? 0 : next(13) - 6;
    const top = round(binary32, (tops[n % tops.length] as number) * 2 ** e);
    const amax = anchor === null ? top : Math.min(top, anchor);
    const largest = operandOf(binary32, bitsBeside(binary32, amax, 0));
    const scale = choose(amax);
    yield [largest, largest];
    if (element.signed) yield [operandOf(binary32, bitsBeside(binary32, -amax, 0)), largest];
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
  seen: Seen,
): Behaviour<ElementSetup>[] {
  const { element } = format;
  const scaled = ([one, largest]: readonly Operand[]): readonly Operand[] => {
    const scale = seen.get(largest as Operand) ?? 1;
    return [numberOperand((one as Operand).x / scale)];
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
      ({ change, where, ...named }): Behaviour<ElementSetup> => ({
        ...named,
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
