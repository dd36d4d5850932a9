/**
 * Every pair of values of a format through an operation of its unit, judged by the oracle's cells.
 *
 * @module
 */
import { Unit } from '../../../src/arithmetic/unit.ts';
import { type Format, formatName } from '../../../src/formats/index.ts';
import { type Policy, resolvePolicy, roundTo, subnormalPolicies, tininessRules } from '../../../src/rounding/index.ts';
import { oracleLimits, oracleValues } from '../../../src/testing/oracle/codes.ts';
import { oracleOperation } from '../../../src/testing/oracle/operations.ts';
import { generator } from '../../random.ts';
import { modePolicies } from '../../rounding/helpers.ts';
import { Cells } from './cells.ts';

export const pairOperations = ['add', 'subtract', 'multiply', 'divide'] as const;
export type PairOperation = (typeof pairOperations)[number];

/** What a sweep found: how many comparisons, and the first few differences in words. */
export interface Tally {
  cases: number;
  readonly wrong: string[];
}

/** Overflow and saturation: a result that they made is no addend that was kept. */
export const NOT_ABSORBED = 4 | 32;
export const ABSORPTION = 128;
/** The pair is not in any cell: an operand or the exact result is zero or not finite. */
const SPECIAL = -1;

/** The values of a format, each once; one NaN, and both zeros. */
export function distinctValues(format: Format): number[] {
  const found = new Map<string, number>();
  for (const x of oracleValues(format)) found.set(Object.is(x, -0) ? '-0' : String(x), x);
  return [...found.values()];
}

const isOrdinary = (x: number): boolean => x !== 0 && Number.isFinite(x);

/** The cell of each pair's exact result, row by row. */
function cellsOfPairs(cells: Cells, operation: PairOperation, values: readonly number[]): Int32Array {
  const scaled = values.map((x) => (Number.isFinite(x) ? cells.scaled(x) : 0n));
  const found = new Int32Array(values.length ** 2).fill(SPECIAL);
  values.forEach((a, i) => {
    if (!isOrdinary(a)) return;
    values.forEach((b, j) => {
      if (!isOrdinary(b)) return;
      const [x, y] = [scaled[i]!, scaled[j]!];
      const at = i * values.length + j;
      if (operation === 'multiply') found[at] = cells.ofProduct(x * y, a * b);
      else if (operation === 'divide') found[at] = cells.ofQuotient(x, y, a / b);
      else {
        const sum = operation === 'add' ? x + y : x - y;
        if (sum !== 0n) found[at] = cells.ofSum(sum, operation === 'add' ? a + b : a - b);
      }
    });
  });
  return found;
}

/** The smallest number that is not flushed as an operand; 0 where none is. */
export function flushLimit(format: Format, { subnormals }: Policy): number {
  const flushes = subnormals === 'flushInputs' || subnormals === 'flushBoth';
  return flushes && format.kind === 'float' && format.lowest !== 'normal' ? oracleLimits(format).minNormal : 0;
}

export function difference(what: string, found: number, flags: number, value: number, wanted: number): string | null {
  if (Object.is(found, value) && flags === wanted) return null;
  return `${what} gives ${found} with flags ${flags}, not ${value} with flags ${wanted}`;
}

/** Every pair under every policy. */
export function sweepPairs(
  format: Format,
  operations: readonly PairOperation[],
  policies: readonly Policy[],
  tally: Tally,
): void {
  const cells = new Cells(format);
  const values = distinctValues(format);
  const answers = policies.map((policy) => cells.answers(policy));
  for (const operation of operations) {
    const places = cellsOfPairs(cells, operation, values);
    policies.forEach((policy, k) => {
      const unit = new Unit(format, policy);
      const at = roundTo(format, policy);
      const limit = flushLimit(format, policy);
      const answer = answers[k]!;
      let place = 0;
      for (const a of values) {
        for (const b of values) {
          const found = unit[operation](a, b);
          const { flags } = unit;
          const cell = places[place++]!;
          const isFlushed = Math.abs(a) < limit || Math.abs(b) < limit;
          let value: number;
          let wanted: number;
          if (cell === SPECIAL || isFlushed) ({ value, flags: wanted } = oracleOperation(operation, at, [a, b]));
          else {
            value = answer.values[cell]!;
            wanted = answer.flags[cell]!;
            const isSum = operation === 'add' || operation === 'subtract';
            const isKept = value === a || value === (operation === 'add' ? b : -b);
            if (isSum && isKept && (wanted & NOT_ABSORBED) === 0) wanted |= ABSORPTION;
          }
          if (found === value && flags === wanted && value !== 0) continue;
          const what = () => `${formatName(format)} ${JSON.stringify(policy)} ${operation} ${a} ${b}`;
          const text = difference('', found, flags, value, wanted);
          if (text !== null && tally.wrong.length < 5) tally.wrong.push(what() + text);
        }
      }
      tally.cases += places.length;
    });
  }
}

/** Random pairs under every policy, each through the oracle whole: what the cells rest on. */
export function samplePairs(format: Format, policies: readonly Policy[], count: number, tally: Tally): void {
  const values = distinctValues(format);
  const next = generator(format.bits * 1000 + values.length);
  for (const policy of policies) {
    const unit = new Unit(format, policy);
    const at = roundTo(format, policy);
    for (const operation of pairOperations) {
      for (let i = 0; i < count; i++) {
        const a = values[Math.floor(next() * values.length)]!;
        const b = values[Math.floor(next() * values.length)]!;
        const found = unit[operation](a, b);
        const { value, flags } = oracleOperation(operation, at, [a, b]);
        const text = difference('', found, unit.flags, value, flags);
        const what = () => `${formatName(format)} ${JSON.stringify(policy)} ${operation} ${a} ${b}`;
        if (text !== null && tally.wrong.length < 5) tally.wrong.push(what() + text);
      }
      tally.cases += count;
    }
  }
}

/** Every mode with the format's defaults, and every third mode again with choices that rotate from format to format. */
export function sweptPolicies(format: Format, ordinal: number): Policy[] {
  const defaults = modePolicies(format);
  if (format.kind === 'integer') return defaults;
  const overflows = ['ieee', 'infinity', 'saturate', 'saturateFinite', 'nan'] as const;
  const rotated = defaults.filter((_, k) => (k + ordinal) % 3 === 0);
  const others = rotated.map((policy, k) => {
    const turn = ordinal * 7 + k;
    return resolvePolicy(format, {
      ...policy,
      overflow: overflows[turn % overflows.length]!,
      subnormals: subnormalPolicies[(ordinal + 2 * k) % subnormalPolicies.length]!,
      tininess: tininessRules[((ordinal >> 2) + k) % tininessRules.length]!,
      nanInput: 'max',
    });
  });
  return [...defaults, ...others];
}
