/**
 * Where the events of a collective come together. Every piece of work (one device encoding one part, one part being
 * summed) has a recorder of its own, whose rows are the part's values; closed, it is told in terms of device, feature and
 * row, and forgotten.
 *
 * @module
 */
import type { Counts, NumericEvent, RecordMode } from '../events/index.ts';
import { type MaskableCounts, noMaskable } from '../events/maskable.ts';
import { Recorder } from '../events/recorder.ts';
import { eventKinds, maskableKinds } from '../rounding/flags.ts';
import type { EventKind } from '../rounding/index.ts';
import type { CommunicationEvent } from './report.ts';
import { type Part, sizeOf } from './shares.ts';

const KINDS = eventKinds.length;

/** An event on its way: with its place in the order of work. */
interface Draft {
  readonly output: number;
  readonly work: number;
  readonly event: CommunicationEvent;
}

/** All events so far. */
export interface Ledger {
  readonly stages: readonly string[];
  readonly width: number;
  readonly record: RecordMode;
  readonly limit: number;
  /** `[stage · kinds + kind]` */
  readonly counts: Float64Array;
  /** Flags raised on the way to each output. */
  readonly flags: Uint16Array;
  readonly first: Map<EventKind, Draft>;
  readonly drafts: Draft[];
  /** Events that a piece of work had more than the limit. */
  dropped: number;
  /** Pieces of work closed. */
  closed: number;
}

/** A ledger without events. */
export function openLedger(
  stages: readonly string[],
  rows: number,
  width: number,
  record: RecordMode,
  limit: number,
): Ledger {
  return {
    stages,
    width,
    record,
    limit,
    counts: new Float64Array(stages.length * KINDS),
    flags: new Uint16Array(rows * width),
    first: new Map(),
    drafts: [],
    dropped: 0,
    closed: 0,
  };
}

/** The recorder of a piece of work on a part. */
export function openWork({ record, limit }: Ledger, stage: string, part: Part): Recorder {
  return new Recorder([stage], sizeOf(part), record, limit);
}

/** Where a piece of work stands. */
export interface Work {
  readonly stage: string;
  readonly hop: number;
  readonly part: Part;
  /** The device that each element of a sum stands for; of an encoder, its own at every place. */
  readonly addends: readonly number[];
}

/** Enters what a recorder found. */
export function closeWork(ledger: Ledger, recorder: Recorder, { stage, hop, part, addends }: Work): void {
  const { width, counts, flags, first, drafts, record } = ledger;
  const base = ledger.stages.indexOf(stage) * KINDS;
  for (let kind = 0; kind < KINDS; kind++) counts[base + kind] += recorder.counts[kind];
  const features = part.toFeature - part.fromFeature;
  for (let place = 0, row = part.fromRow; row < part.toRow; row++) {
    for (let j = part.fromFeature; j < part.toFeature; j++) flags[row * width + j] |= recorder.rowFlags[place++];
  }
  const work = ledger.closed++;
  const located = ({ row: place, index, step: _, masked: __, ...rest }: NumericEvent): Draft => {
    const row = part.fromRow + Math.floor(place / features);
    const feature = part.fromFeature + (place % features);
    const device = index === null ? null : (addends[index] ?? null);
    const { kind, operation, operands, exact, result } = rest;
    const event = { kind, stage, hop, device, row, feature, operation, operands, exact, result };
    return { output: row * width + feature, work, event };
  };
  for (const [name, event] of Object.entries(recorder.firstEvents())) {
    const kind = name as EventKind;
    const draft = located(event);
    const known = first.get(kind);
    if (known === undefined || before(draft, known) < 0) first.set(kind, draft);
  }
  if (record !== 'all') return;
  const { events, dropped } = recorder.allEvents();
  for (const event of events) drafts.push(located(event));
  ledger.dropped += dropped;
}

function before(a: Draft, b: Draft): number {
  return a.output - b.output || a.work - b.work;
}

/** What a finished ledger tells. */
export interface Findings {
  readonly counts: Readonly<Record<string, Counts>>;
  readonly first: Readonly<Partial<Record<EventKind, CommunicationEvent>>>;
  readonly maskedOutputs: Readonly<MaskableCounts>;
  readonly events?: readonly CommunicationEvent[];
  readonly dropped?: number;
}

/** The findings, once the output is known. */
export function closeLedger(ledger: Ledger, output: Float64Array): Findings {
  const { stages, counts, flags, first, drafts, limit, record } = ledger;
  const told = ({ event, output: at }: Draft): CommunicationEvent => {
    if (!(maskableKinds as readonly string[]).includes(event.kind)) return event;
    return { ...event, masked: Number.isFinite(output[at]) };
  };
  const maskedOutputs = noMaskable();
  const bits = maskableKinds.map((kind) => 1 << eventKinds.indexOf(kind));
  for (let i = 0; i < flags.length; i++) {
    if (flags[i] <= 1 || !Number.isFinite(output[i])) continue;
    for (let k = 0; k < bits.length; k++) if ((flags[i] & bits[k]) !== 0) maskedOutputs[maskableKinds[k]]++;
  }
  drafts.sort(before);
  return {
    counts: Object.fromEntries(
      stages.map((stage, s) => [
        stage,
        Object.fromEntries(eventKinds.map((kind, k) => [kind, counts[s * KINDS + k]])) as Counts,
      ]),
    ),
    first: Object.fromEntries(eventKinds.flatMap((kind) => (first.has(kind) ? [[kind, told(first.get(kind)!)]] : []))),
    maskedOutputs,
    ...(record === 'all'
      ? {
          events: drafts.slice(0, limit).map(told),
          dropped: ledger.dropped + Math.max(0, drafts.length - limit),
        }
      : {}),
  };
}
