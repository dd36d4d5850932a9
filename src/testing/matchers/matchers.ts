/**
 * Matchers for vitest and jest: plain functions that say whether something holds, and in the message why not.
 *
 * @module
 */
import { BittrueError, checkFunction, checkInteger, checkMade, checkNumbers } from '../../errors/index.ts';
import type { NumericEvent, Report } from '../../events/index.ts';
import type { Format } from '../../formats/format.ts';
import { formatName } from '../../formats/formatName.ts';
import { checkRounding, formatArgument, type RoundingCheckOptions } from '../check/checkRounding.ts';
import { spell } from '../check/conversionWords.ts';
import { describeCheck } from '../check/describeCheck.ts';
import { quantumAt } from '../diagnosis/grid.ts';

/** What a matcher says; `message` is asked for where a test fails, with `not` where it should not have held. */
export interface Match {
  readonly pass: boolean;
  /** What a failing test prints. */
  readonly message: () => string;
}

/** A number or many. */
type Numbers = number | ArrayLike<number>;

/** Differing elements that a message lists. */
const SHOWN = 5;

function listOf(argument: string, numbers: Numbers): ArrayLike<number> {
  if (typeof numbers === 'number') return [numbers];
  checkNumbers(argument, numbers, 'a number or an array of numbers');
  return numbers;
}

/** Elements that differ by a rule, in words. */
function compared(
  received: Numbers,
  expected: Numbers,
  claim: string,
  differs: (got: number, want: number) => string | null,
): Match {
  const [got, want] = [listOf('received', received), listOf('expected', expected)];
  if (got.length !== want.length) {
    return { pass: false, message: () => `expected ${want.length} numbers, received ${got.length}` };
  }
  const lines: string[] = [];
  let count = 0;
  for (let i = 0; i < got.length; i++) {
    const told = differs(got[i] as number, want[i] as number);
    if (told === null) continue;
    count += 1;
    if (lines.length < SHOWN) lines.push(`  [${i}] ${told}`);
  }
  return {
    pass: count === 0,
    message: () =>
      count === 0
        ? `expected some number not to be ${claim}`
        : [`${count} of ${got.length} numbers are not ${claim}:`, ...lines].join('\n'),
  };
}

/** Whether numbers are equal to the last bit: −0 is not +0, NaN is NaN. */
function toBeBitEqual(received: number | ArrayLike<number>, expected: number | ArrayLike<number>): Match {
  return compared(received, expected, 'bit-equal', (got, want) =>
    Object.is(got, want) ? null : `is ${spell(got)}, not ${spell(want)}`,
  );
}

/** Whether numbers lie within some units in the last place of a format, those at the expected number. */
function toBeWithinUlp(
  received: number | ArrayLike<number>,
  expected: number | ArrayLike<number>,
  ulps: number,
  format: Format | string,
): Match {
  if (!(typeof ulps === 'number' && ulps >= 0)) throw new BittrueError('range', 'ulps', ulps, 'a number from 0 on');
  const of = formatArgument('format', format);
  return compared(received, expected, `within ${ulps} ulp of ${formatName(of)}`, (got, want) => {
    if (Object.is(got, want) || got === want) return null;
    const apart = Math.abs(got - want) / quantumAt(of, Number.isFinite(want) ? Math.abs(want) : 0);
    if (apart <= ulps && Number.isFinite(want)) return null;
    return `is ${spell(got)}, ${Number.isFinite(apart) ? `${apart} ulp` : 'far'} from ${spell(want)}`;
  });
}

/** Whether a function rounds to a format: `checkRounding`, whose text, with the diagnosis, is the message. */
function toRoundAs(
  received: (input: never) => unknown,
  to: Format | string,
  options: Omit<RoundingCheckOptions, 'to'> = {},
): Match | Promise<Match> {
  checkFunction('received', received, 'a function of a number or a code');
  const match = (check: Awaited<ReturnType<typeof checkRounding>>): Match => ({
    pass: check.ok,
    message: () => describeCheck(check),
  });
  const check = checkRounding(received as (input: number) => unknown, { ...options, to });
  return check instanceof Promise ? check.then(match) : match(check);
}

function reportOf(received: Report | { readonly report: Report }): Report {
  const report =
    'report' in (checkMade('received', received, [], 'a report or a result') as object)
      ? (received as { report: Report }).report
      : (received as Report);
  return checkMade('received', report, ['counts', 'first', 'rows'], 'a report, or a result that has one');
}

function eventWords({ kind, stage, row, index, exact, masked }: NumericEvent): string {
  const value = exact === null || exact === undefined ? '' : `: exactly ${exact}`;
  return `${kind} in ${stage}, row ${row}, element ${index}${value}${masked === true ? ', masked' : ''}`;
}

/** Whether a kernel's report (or result) is `ok`: no overflow, invalid, saturation and their like. */
function toHaveNoEvents(received: Report | { readonly report: Report }): Match {
  const { ok, first } = reportOf(received);
  const events = Object.values(first).filter((event): event is NumericEvent => event !== null && event !== undefined);
  return {
    pass: ok,
    message: () =>
      ok
        ? 'expected events, there are none that fail a run'
        : ['events:', ...events.map((one) => `  ${eventWords(one)}`)].join('\n'),
  };
}

/** Whether a run overflows first at a stage, and where given at a row and element. */
function toOverflowAt(
  received: Report | { readonly report: Report },
  stage: string,
  place: { readonly row?: number; readonly index?: number } = {},
): Match {
  const report = reportOf(received);
  if (!report.stages.includes(stage)) {
    throw new BittrueError('name', 'stage', stage, `one of ${report.stages.join(', ')}`);
  }
  if (place.row !== undefined) checkInteger('place.row', place.row, 0, Math.max(0, report.rows - 1));
  const overflow = report.first.overflow ?? null;
  const pass =
    overflow !== null &&
    overflow.stage === stage &&
    (place.row === undefined || overflow.row === place.row) &&
    (place.index === undefined || overflow.index === place.index);
  const wanted = [stage, ...Object.entries(place).map(([key, value]) => `${key} ${value}`)].join(', ');
  return {
    pass,
    message: () =>
      `expected ${pass ? 'no first overflow' : 'the first overflow'} at ${wanted}; ${overflow === null ? 'nothing overflows' : `there is ${eventWords(overflow)}`}`,
  };
}

/**
 * The matchers, for `expect.extend` of vitest or jest.
 *
 * @example
 * import { matchers } from 'bittrue/testing/matchers';
 * // expect.extend(matchers); then: expect(toBfloat16).toRoundAs('bfloat16', { from: 'binary32' });
 * matchers.toBeBitEqual([1, -0], [1, 0]).message(); // '1 of 2 numbers are not bit-equal:\n  [1] is -0, not 0'
 */
export const matchers = /* @__PURE__ */ Object.freeze({
  /** Numbers are equal to the last bit: −0 is not +0, NaN is NaN. */
  toBeBitEqual,
  /** Numbers lie within some units in the last place of a format. */
  toBeWithinUlp,
  /** A function rounds as a format does; the message holds the diagnosis. */
  toRoundAs,
  /** A kernel's report is `ok`: no overflow, invalid, saturation and their like. */
  toHaveNoEvents,
  /** A run overflows first at a stage, and where given at a row and element. */
  toOverflowAt,
});
