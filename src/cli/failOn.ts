/**
 * When `check` exits 1: limits, the kinds of events that are asked for, and a baseline of those that are known.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { Report } from '../events/index.ts';
import { readJsonObject } from '../files/json.ts';
import { openFile } from '../node/index.ts';
import { type EventKind, eventKinds } from '../rounding/index.ts';
import { type CheckLimits, type Comparable, type NewEvent, newEvents } from '../studies/index.ts';
import { EVENTS, OK } from './exit.ts';
import { type Io, print } from './io.ts';

/** What a check is held to: limits, kinds of events, and an earlier check. */
export interface Held {
  readonly limits: CheckLimits;
  readonly kinds: readonly EventKind[] | null;
  readonly baseline: Comparable | null;
}

/** Whether there are limits. */
export function isLimited(limits: CheckLimits): boolean {
  return Object.keys(limits).length > 0;
}

/** The kinds of `--fail-on`; null where it is not given. */
export function kindsAsked(text: string | undefined): EventKind[] | null {
  if (text === undefined) return null;
  return text.split(',').map((given) => {
    const name = given.trim();
    if (!eventKinds.includes(name as EventKind)) {
      throw new BittrueError('name', '--fail-on', name, `some of ${eventKinds.join(', ')}, with commas between them`);
    }
    return name as EventKind;
  });
}

/** Whether a run raised one of these kinds. */
function hasRaised(report: Pick<Report, 'totals'> | null, kinds: readonly EventKind[]): boolean {
  return kinds.some((kind) => (report?.totals[kind] ?? 0) > 0);
}

/** Whether a run proves nothing, whatever it raised: inputs were not finite, and no one allowed that. */
export function hasNoVerdict({ inputs }: Pick<Report, 'inputs'>): boolean {
  return inputs.nonFinite > 0 && !inputs.allowed;
}

/** The baseline of `--baseline`, read before anything runs; null where it is not given. */
export function baselineAsked(path: string | undefined): Comparable | null {
  return path === undefined ? null : (readJsonObject(openFile(path)) as unknown as Comparable);
}

/**
 * The exit status of a check whose limits are met: by its events that the baseline has not, by the kinds that were asked for, or by
 * its own verdict.
 *
 * @param io - where new events are told; null: nowhere, the output is data
 */
export function statusOf(
  { kinds, baseline }: Held,
  check: Comparable,
  reports: readonly (Pick<Report, 'totals'> | null)[],
  isOk: boolean,
  io: Io | null,
): number {
  if (baseline !== null) {
    const events = kinds === null ? newEvents(baseline, check) : newEvents(baseline, check, kinds);
    if (io !== null) printNew(io, events);
    return events.length === 0 ? OK : EVENTS;
  }
  return (kinds === null ? isOk : !reports.some((report) => hasRaised(report, kinds))) ? OK : EVENTS;
}

/** Told up to here: whoever changed a target knows by then. */
const MOST = 10;

/** Tells what is new. */
function printNew(io: Io, events: readonly NewEvent[]): void {
  const told = events
    .slice(0, MOST)
    .map(({ place, kind, before, now }) => `new: ${place}: ${now} ${kind}, before ${before}`);
  const more = events.length > MOST ? [`and ${events.length - MOST} more places`] : [];
  for (const line of events.length === 0 ? ['no new events since the baseline'] : [...told, ...more]) print(io, line);
}
