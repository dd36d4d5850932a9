/**
 * When `check` exits 1: the kinds of events that are asked for, and a baseline of those that are known.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { Report } from '../events/index.ts';
import { readJsonObject } from '../files/json.ts';
import { openFile } from '../node/index.ts';
import { type EventKind, eventKinds } from '../rounding/index.ts';
import { type Comparable, type NewEvent, newEvents } from '../studies/index.ts';
import { type Io, print } from './io.ts';

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
export function hasRaised(report: Pick<Report, 'totals'> | null, kinds: readonly EventKind[]): boolean {
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

/** The events that a baseline has not. */
export function sinceBaseline(baseline: Comparable, check: Comparable, kinds: readonly EventKind[] | null): NewEvent[] {
  return kinds === null ? newEvents(baseline, check) : newEvents(baseline, check, kinds);
}

/** Told up to here: whoever changed a target knows by then. */
const MOST = 10;

/** Tells what is new. */
export function printNew(io: Io, events: readonly NewEvent[]): void {
  const told = events
    .slice(0, MOST)
    .map(({ place, kind, before, now }) => `new: ${place}: ${now} ${kind}, before ${before}`);
  const more = events.length > MOST ? [`and ${events.length - MOST} more places`] : [];
  for (const line of events.length === 0 ? ['no new events since the baseline'] : [...told, ...more]) print(io, line);
}
