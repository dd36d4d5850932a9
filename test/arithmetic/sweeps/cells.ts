/**
 * The oracle as a table, for sweeps over every pair of operands.
 *
 * Under any deterministic policy the rounded value and its flags change at finitely many points only: the values of the
 * format continued beyond both ends, and their midpoints (overflow, tininess before and after rounding, and the gap of a
 * format without subnormals are decided at such points too). So the line falls into cells, the points and the open
 * intervals between them, and one answer of the oracle holds for a whole cell. What this leaves to trust, that no
 * decision falls inside an interval, the sweeps check on random pairs that go through the oracle whole, and
 * `npm run test:exhaustive` on all pairs.
 *
 * Which cell an exact result lies in is decided by BigInt comparison. A binary64 guess only says where to look first.
 *
 * @module
 */
import type { Format } from '../../../src/formats/index.ts';
import type { Policy } from '../../../src/rounding/index.ts';
import { exactly } from '../../../src/testing/oracle/exact.ts';
import { oracleProject } from '../../../src/testing/oracle/round.ts';

/** What the oracle says of each cell under one policy. */
export interface Answers {
  readonly values: Float64Array;
  readonly flags: Int32Array;
}

/** Every point where a rounding to the format may change, ascending. Built from the primitive parameters alone. */
function pointsOf(format: Format): number[] {
  const magnitudes = new Set<number>([0]);
  const addGrid = (from: number, to: number, quantum: number): void => {
    for (let n = from; n <= to; n++) magnitudes.add(n * quantum).add((n + 0.5) * quantum);
  };
  if (format.kind === 'integer') addGrid(0, 2 ** format.bits + 2, 2 ** -format.fractionBits);
  else {
    const { exponentBits, mantissaBits: m, bias } = format;
    // From two binades below the lowest exponent field to two above the highest.
    for (let e = -bias - 2; e <= 2 ** exponentBits - bias + 1; e++) addGrid(2 ** m, 2 ** (m + 1), 2 ** (e - m));
    addGrid(0, 2 ** (m + 1), 2 ** (1 - bias - m));
  }
  const positive = [...magnitudes].sort((a, b) => a - b);
  return [
    ...positive
      .slice(1)
      .map((x) => -x)
      .reverse(),
    ...positive,
  ];
}

export class Cells {
  readonly format: Format;
  readonly points: Float64Array;
  /** Points and operands times 2^shift are integers. */
  readonly shift: bigint;
  private readonly unit: number;
  private readonly grid: readonly bigint[];
  private readonly productGrid: readonly bigint[];
  private readonly representatives: readonly number[];

  constructor(format: Format) {
    this.format = format;
    const points = pointsOf(format);
    this.points = Float64Array.from(points);
    const bits = format.kind === 'integer' ? format.fractionBits + 1 : format.bias + format.mantissaBits + 3;
    this.shift = BigInt(Math.max(0, bits));
    this.unit = 2 ** Math.max(0, bits);
    this.grid = points.map((x) => this.scaled(x));
    this.productGrid = this.grid.map((n) => n << this.shift);
    const last = points[points.length - 1]!;
    this.representatives = [
      -2 * last,
      ...points.flatMap((x, i) => [x, i + 1 < points.length ? (x + points[i + 1]!) / 2 : 2 * last]),
    ];
  }

  /** A number as an integer of 2^−shift. */
  scaled(x: number): bigint {
    return BigInt(x * this.unit);
  }

  /** The oracle's answers, one a cell. */
  answers(policy: Policy): Answers {
    const values = new Float64Array(this.representatives.length);
    const flags = new Int32Array(this.representatives.length);
    this.representatives.forEach((x, cell) => {
      const rounded = oracleProject(this.format, policy, exactly(x));
      values[cell] = rounded.value;
      flags[cell] = rounded.flags;
    });
    return { values, flags };
  }

  /** The cell of n · 2^−shift. */
  ofSum(n: bigint, guess: number): number {
    return this.search(this.grid, n, this.near(guess));
  }

  /** The cell of n · 2^−2·shift. */
  ofProduct(n: bigint, guess: number): number {
    return this.search(this.productGrid, n, this.near(guess));
  }

  /** The cell of a / b, both times 2^shift; b is not zero. */
  ofQuotient(a: bigint, b: bigint, guess: number): number {
    const n = (b < 0n ? -a : a) << this.shift;
    const divisor = b < 0n ? -b : b;
    let i = this.near(guess);
    while (i >= 0 && n < this.grid[i]! * divisor) i -= 1;
    while (i + 1 < this.grid.length && n >= this.grid[i + 1]! * divisor) i += 1;
    return i >= 0 && n === this.grid[i]! * divisor ? 2 * i + 1 : 2 * i + 2;
  }

  private search(grid: readonly bigint[], n: bigint, near: number): number {
    let i = near;
    while (i >= 0 && n < grid[i]!) i -= 1;
    while (i + 1 < grid.length && n >= grid[i + 1]!) i += 1;
    return i >= 0 && n === grid[i]! ? 2 * i + 1 : 2 * i + 2;
  }

  /** The last point not above the guess, or −1. */
  private near(guess: number): number {
    let low = -1;
    let high = this.points.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.points[middle]! <= guess) low = middle;
      else high = middle;
    }
    return low;
  }
}
