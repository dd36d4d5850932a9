/**
 * Functions of one number as tables: what a number of a short format becomes is formed once, by the specification, with all that
 * happens on the way.
 *
 * @module
 */
import { MagnitudeCounter } from '../../events/magnitudes.ts';
import { Recorder } from '../../events/recorder.ts';
import type { Format } from '../../formats/format.ts';
import { eventKinds } from '../../rounding/flags.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { addSome, type Some, takeMagnitudes } from '../magnitudes.ts';

const KINDS = eventKinds.length;
/** The longest fraction of a table: 2^19 places, of which a format of 16 bits uses 2^16. */
const MOST_FRACTION = 10;
/** Tables that are kept: of 3 or 5 MB each at most. */
const MOST_TABLES = 16;

/** What happens at a number: counts by stage and kind, the kinds of each stage, and results by their magnitudes. */
interface Account {
  readonly counts: Float64Array;
  readonly flags: readonly number[];
  /** None where the table does not count them. */
  readonly magnitudes: readonly Some[];
}

/** A table over the binary32 numbers whose fraction ends after so many bits: its places are their leading bits. */
export interface FunctionTable {
  readonly shift: number;
  readonly results: Float64Array;
  /** The number of each place's account; 0: not formed yet. */
  readonly ids: Uint16Array;
  /** From 1 on. */
  readonly accounts: readonly Account[];
  /** Forms a place; the number of its account. */
  form(place: number): number;
}

/** How often each account was met. */
export type Met = Uint32Array;

/** Bits of binary32 that numbers of a format leave zero; null where a table has no room for them. */
export function tableShift(format: Format): number | null {
  if (format.kind !== 'float' || format.mantissaBits > MOST_FRACTION) return null;
  return format.emin >= -126 && format.emax <= 127 ? 23 - format.mantissaBits : null;
}

const kept: Map<string, FunctionTable> = /* @__PURE__ */ new Map();

/**
 * The table of a function, made where none is kept under its key, which names all that its results depend on.
 *
 * @param seesMagnitudes - whether its accounts hold the magnitudes of results; part of the key
 * @param make - gives what forms f(x) and tells the recorder of it, for `stages` stages
 */
export function tableOf(
  key: string,
  shift: number,
  stages: number,
  seesMagnitudes: boolean,
  make: () => (x: number, recorder: Recorder) => number,
): FunctionTable {
  const whole = `${key} ${seesMagnitudes}`;
  const known = kept.get(whole);
  kept.delete(whole);
  const table = known ?? createTable(shift, stages, seesMagnitudes, make());
  kept.set(whole, table);
  if (kept.size > MOST_TABLES) kept.delete(kept.keys().next().value as string);
  return table;
}

function createTable(
  shift: number,
  stages: number,
  seesMagnitudes: boolean,
  f: (x: number, recorder: Recorder) => number,
): FunctionTable {
  const places = 2 ** (32 - shift);
  const results = new Float64Array(places);
  const ids = new Uint16Array(places);
  const none: Account = { counts: new Float64Array(0), flags: [], magnitudes: [] };
  const accounts: Account[] = [none];
  const known = new Map<string, number>();
  const number = new Float32Array(1);
  const bits = new Uint32Array(number.buffer);
  const counted = new Float64Array(stages * KINDS);
  const names = Array.from({ length: stages }, (_, i) => `${i}`);
  const recorder = new Recorder(names, 1, 'counts', 0, counted);
  const seen = seesMagnitudes ? new MagnitudeCounter(stages) : null;
  recorder.magnitudes = seen;
  return {
    shift,
    results,
    ids,
    accounts,
    form(place) {
      bits[0] = place << shift;
      recorder.row = 0;
      results[place] = f(number[0] as number, recorder);
      let key = '';
      for (let i = 0; i < counted.length; i++) if (counted[i] !== 0) key += `${i}*${counted[i]} `;
      const magnitudes = seen === null ? [] : takeMagnitudes(seen);
      for (const { stage, places, counts } of magnitudes) key += `${stage}: ${places} ${counts} `;
      let id = known.get(key);
      if (id === undefined) {
        id = accounts.length;
        known.set(key, id);
        accounts.push(accountOf(counted, stages, magnitudes));
      }
      counted.fill(0);
      ids[place] = id;
      return id;
    },
  };
}

function accountOf(counted: Float64Array, stages: number, magnitudes: readonly Some[]): Account {
  const flags = Array.from({ length: stages }, (_, stage) =>
    eventKinds.reduce((all, __, kind) => all | (counted[stage * KINDS + kind] === 0 ? 0 : 1 << kind), 0),
  );
  return { counts: counted.slice(), flags, magnitudes };
}

/** Room to count how often accounts are met. */
export function openMet(): Met {
  return new Uint32Array(2 ** 16);
}

/**
 * Looks up n results into `out`, from number `at` on, and notes what was met; whether all are finite, or null where a number is none
 * of the table's.
 */
export function lookUp(table: FunctionTable, x: Float32Array, out: FloatArray, at: number, met: Met): boolean | null {
  const { shift, results, ids } = table;
  const n = x.length;
  const bits = new Uint32Array(x.buffer, x.byteOffset, n);
  let areFinite = 1;
  let spilt = 0;
  for (let i = 0; i < n; i++) {
    const code = bits[i] as number;
    const place = code >>> shift;
    spilt |= code << (32 - shift);
    let id = ids[place] as number;
    if (id === 0) id = table.form(place);
    met[id] = (met[id] as number) + 1;
    const r = results[place] as number;
    areFinite &= r - r === 0 ? 1 : 0;
    out[at + i] = r;
  }
  return spilt === 0 ? areFinite === 1 : null;
}

/** Adds what was met to counts whose stages from `first` on are the table's, and forgets it; the kinds of each stage. */
export function closeMet(
  { accounts }: FunctionTable,
  met: Met,
  counts: Float64Array,
  seen: MagnitudeCounter | null,
  first: number,
): number[] {
  const found: number[] = [];
  for (let id = 1; id < accounts.length; id++) {
    const times = met[id] as number;
    if (times === 0) continue;
    met[id] = 0;
    const { counts: own, flags, magnitudes } = accounts[id] as Account;
    if (seen !== null) addSome(seen, magnitudes, first, times);
    for (let i = 0; i < own.length; i++) {
      counts[first * KINDS + i] = (counts[first * KINDS + i] as number) + times * (own[i] as number);
    }
    flags.forEach((raised, stage) => {
      found[stage] = (found[stage] ?? 0) | raised;
    });
  }
  return found;
}
