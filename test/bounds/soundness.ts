/**
 * Holds verdicts against every input of their sets.
 *
 * @module
 */
import fc from 'fast-check';
import { type BoundsOptions, bounds, type Verdict } from '../../src/bounds/index.ts';
import { BittrueError } from '../../src/errors/index.ts';
import { failuresOf, overflowsOf, run, type SmallKernel, smallKernels } from './kernels.ts';

/** What was seen. */
export interface Tally {
  readonly verdicts: Record<Verdict | 'sameResult' | 'refused', number>;
  /** Unknown verdicts where no input overflows, and where one does. */
  readonly unknown: { safe: number; overflowing: number };
  rows: number;
}

/**
 * Runs every input of random kernels; throws where a verdict is wrong.
 *
 * @param ask - what the bounds are asked in place of the kernel: a bound made wrong on purpose
 */
export function checkSoundness(
  runs: number,
  kernels: fc.Arbitrary<SmallKernel> = smallKernels(),
  ask: (options: BoundsOptions) => BoundsOptions = (options) => options,
): Tally {
  const tally: Tally = {
    verdicts: { proved: 0, overflows: 0, unknown: 0, sameResult: 0, refused: 0 },
    unknown: { safe: 0, overflowing: 0 },
    rows: 0,
  };
  fc.assert(
    fc.property(kernels, (kernel) => checkOne(kernel, tally, ask)),
    { numRuns: runs, endOnFailure: true },
  );
  return tally;
}

function checkOne(
  { options, width, rows }: SmallKernel,
  tally: Tally,
  ask: (options: BoundsOptions) => BoundsOptions,
): void {
  let answer: ReturnType<typeof bounds>;
  try {
    answer = bounds(ask(options));
  } catch (error) {
    if (!(error instanceof BittrueError)) throw error;
    tally.verdicts.refused += 1;
    return;
  }
  const { verdict, claim, witness } = answer;
  tally.verdicts[claim === 'sameResult' ? 'sameResult' : verdict] += 1;
  if (verdict === 'overflows') {
    const x = witness?.x ?? new Float64Array();
    const { low, high } = options.inputs as unknown as { low: number[]; high: number[] };
    if (x.length !== width || x.some((value, k) => value < (low[k] as number) || value > (high[k] as number))) {
      throw new Error('the witness is no row of the set');
    }
    const seen = ran(options, x, width);
    if (seen === null) tally.verdicts.refused += 1;
    else if (overflowsOf(options, seen.report) === 0) throw new Error('the witness does not overflow');
    return;
  }
  const all = ran(options, rows, width);
  if (all === null) {
    if (verdict === 'proved') throw new Error('proved, and the kernel refuses a row');
    tally.verdicts.refused += 1;
    return;
  }
  const { report, output } = all;
  tally.rows += rows.length / width;
  const seen = failuresOf(options, report);
  if (verdict === 'unknown') tally.unknown[seen === 0 ? 'safe' : 'overflowing'] += 1;
  else if (claim === 'noEvent' && seen > 0) throw new Error(`proved, and ${seen} events were seen`);
  else if (claim === 'sameResult') checkSums({ options, width, rows }, output);
}

/** A run; null where the kernel refuses one: a register that wraps needs all bits of what it is given, and 104 is the most. */
function ran(...given: Parameters<typeof run>): ReturnType<typeof run> | null {
  try {
    return run(...given);
  } catch (error) {
    if (error instanceof BittrueError && error.code === 'range' && error.argument === 'x') return null;
    throw error;
  }
}

/** Wrapping registers hold integers; their right sums are those of wide ones. */
function checkSums({ options, width, rows }: SmallKernel, output: Float64Array): void {
  const widened = widen(JSON.parse(JSON.stringify(options))) as typeof options;
  const right = run(widened, rows, width).output;
  if (options.kernel === 'squareSum') return;
  right.forEach((x, r) => {
    if (!Object.is(x, output[r])) throw new Error(`sum ${r} is ${output[r]}, and ${x} without a wrap`);
  });
}

/** Every wrapping register with 53 bits. */
function widen(value: unknown): unknown {
  return mapObjects(value, (made) =>
    made.kind === 'integer' && made.overflow === 'wrap' && made.policy === undefined ? { ...made, bits: 53 } : made,
  );
}

/** Plain data with every object in it changed, the inner ones first. */
export function mapObjects(
  value: unknown,
  change: (made: Record<string, unknown>) => Record<string, unknown>,
): unknown {
  if (Array.isArray(value)) return value.map((one) => mapObjects(one, change));
  if (typeof value !== 'object' || value === null) return value;
  return change(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapObjects(inner, change)])));
}
