/**
 * Fused multiply-adds judged by the oracle's cells: every triple of a small format, or random ones.
 *
 * @module
 */
import { Unit } from '../../../src/arithmetic/unit.ts';
import { type Format, formatName } from '../../../src/formats/index.ts';
import { type Policy, roundTo } from '../../../src/rounding/index.ts';
import { oracleOperation } from '../../../src/testing/oracle/operations.ts';
import { generator } from '../../random.ts';
import { Cells } from './cells.ts';
import { ABSORPTION, difference, distinctValues, flushLimit, NOT_ABSORBED, type Tally } from './pairs.ts';

type Triple = readonly [a: number, b: number, c: number];

/** Every triple of values. */
export function* allTriples(format: Format): Generator<Triple> {
  const values = distinctValues(format);
  for (const a of values) for (const b of values) for (const c of values) yield [a, b, c];
}

/** Random triples; in half of them the addend is near the product or its negative, so that the sum cancels or ties. */
export function* randomTriples(format: Format, count: number): Generator<Triple> {
  const values = distinctValues(format).filter((x) => !Number.isNaN(x));
  const ordered = values.filter(Number.isFinite).sort((x, y) => x - y);
  const next = generator(format.bits + 31 * ordered.length);
  const any = (): number => values[Math.floor(next() * values.length)]!;
  for (let i = 0; i < count; i++) {
    const [a, b] = [any(), any()];
    if (next() < 0.5) yield [a, b, any()];
    else {
      const aim = next() < 0.5 ? a * b : -a * b;
      const found = ordered.findIndex((x) => x >= aim);
      const near = (found < 0 ? ordered.length - 1 : found) + Math.floor(next() * 5) - 2;
      yield [a, b, ordered[Math.max(0, Math.min(ordered.length - 1, near))]!];
    }
  }
}

/** Triples under every policy. The exact result is found once, and looked up once a policy. */
export function sweepTriples(
  format: Format,
  triples: Iterable<Triple>,
  policies: readonly Policy[],
  tally: Tally,
): void {
  const cells = new Cells(format);
  const judges = policies.map((policy) => ({
    policy,
    unit: new Unit(format, policy),
    at: roundTo(format, policy),
    limit: flushLimit(format, policy),
    answers: cells.answers(policy),
  }));
  for (const [a, b, c] of triples) {
    const finite = Number.isFinite(a) && Number.isFinite(b) && Number.isFinite(c);
    // Values of at most 8 bits: their products are binary64 numbers.
    const product = a * b;
    let cell = -1;
    if (finite && product !== 0) {
      const sum = cells.scaled(a) * cells.scaled(b) + (cells.scaled(c) << cells.shift);
      if (sum !== 0n) cell = cells.ofProduct(sum, product + c);
    }
    const least = Math.min(Math.abs(a), Math.abs(b), Math.abs(c));
    for (const { policy, unit, at, limit, answers } of judges) {
      const found = unit.fusedMultiplyAdd(a, b, c);
      let value: number;
      let wanted: number;
      if (cell < 0 || least < limit) ({ value, flags: wanted } = oracleOperation('fusedMultiplyAdd', at, [a, b, c]));
      else {
        value = answers.values[cell]!;
        wanted = answers.flags[cell]!;
        if (c !== 0 && (value === product || value === c) && (wanted & NOT_ABSORBED) === 0) wanted |= ABSORPTION;
      }
      tally.cases += 1;
      if (found === value && unit.flags === wanted && value !== 0) continue;
      const text = difference('', found, unit.flags, value, wanted);
      if (text !== null && tally.wrong.length < 5) {
        tally.wrong.push(`${formatName(format)} ${JSON.stringify(policy)} fusedMultiplyAdd ${a} ${b} ${c}${text}`);
      }
    }
  }
}
