/**
 * Magnitudes that were counted elsewhere: by the module, by other threads, for the results of a table.
 *
 * @module
 */
import { COUNTS, type MagnitudeCounter, reachOf } from '../events/magnitudes.ts';
import type { Binades } from '../formats/binades.ts';

/** A few results of a stage: the places of counts that are not zero, and these. */
export interface Some {
  readonly stage: number;
  readonly places: readonly number[];
  readonly counts: readonly number[];
  readonly binades: Binades;
}

/** Adds results of a stage, in the order of its counts. */
export function addStage(to: MagnitudeCounter, stage: number, counts: Float64Array): void {
  for (let at = 0; at < COUNTS; at++) to.add(stage, at, counts[at]);
}

/** Adds all that another counter of the same stages has counted. */
export function addMagnitudes(to: MagnitudeCounter, other: MagnitudeCounter): void {
  for (let stage = 0; stage < other.stages; stage++) {
    const numbers = other.of(stage);
    const binades = reachOf(numbers);
    if (binades === null) continue;
    addStage(to, stage, numbers);
    to.reach(stage, binades);
  }
}

/** Adds a few results so many times over; their first stage is number `first` of the counter. */
export function addSome(to: MagnitudeCounter, some: readonly Some[], first: number, times: number): void {
  for (const { stage, places, counts, binades } of some) {
    to.reach(first + stage, binades);
    for (let i = 0; i < places.length; i++) to.add(first + stage, places[i] as number, times * (counts[i] as number));
  }
}

/** What a counter has counted, stage by stage; it forgets it. */
export function takeMagnitudes(from: MagnitudeCounter): Some[] {
  const found: Some[] = [];
  for (let stage = 0; stage < from.stages; stage++) {
    const numbers = from.of(stage);
    const binades = reachOf(numbers);
    if (binades === null) continue;
    const [places, counts]: [number[], number[]] = [[], []];
    for (let at = 0; at < COUNTS; at++) {
      if (numbers[at] === 0) continue;
      places.push(at);
      counts.push(numbers[at] as number);
    }
    found.push({ stage, places, counts, binades });
    from.clear(stage);
  }
  return found;
}
