/**
 * Masks on a target. −∞ beside a score says that an entry is left out: it is no fault of the data, and no value that a stage forms.
 * What is judged are the scores before the mask. A format without infinities has its lowest number in that place, as kernels have.
 *
 * @module
 */
import type { Report } from '../events/index.ts';
import { isOk } from '../events/report.ts';
import type { Format } from '../formats/index.ts';
import { add, softmax } from '../kernels/index.ts';
import type { Target } from '../targets/index.ts';

interface Run {
  readonly output: Float64Array;
  readonly report: Report;
}

/** Rows on a target, with or without headroom. */
export interface MaskedRows {
  readonly target: Target;
  readonly reference: boolean;
  readonly rows: number;
  readonly width: number;
}

/** What stands for −∞ in a format. */
function lowest(format: Format): number {
  if (format.kind === 'integer') return format.min;
  return format.infinities === 'none' ? -format.max : -Infinity;
}

/** A report of a run in which some numbers, or none, are told as inputs that are not finite. */
function judged(report: Report, nonFinite: number): Report {
  const inputs = { ...report.inputs, nonFinite, allowed: false };
  return { ...report, inputs, ok: isOk(report.totals, inputs) };
}

/**
 * Softmax of rows after a mask.
 *
 * @param load - the format that scores are loaded in
 * @param nonFinite - how many scores were not finite before the mask; default the NaN and +∞ among the scores
 */
export function softmaxOfScores(
  scores: Float64Array,
  { target, reference, rows, width }: MaskedRows,
  load: Format,
  nonFinite: number = scores.reduce((count, score) => count + Number(!(score < Infinity)), 0),
): Run {
  if (nonFinite === 0 && !scores.includes(-Infinity)) {
    return softmax(scores, { target, reference, rows, width, nonFiniteInputs: 'deny' });
  }
  const options = { target, rows, width, nonFiniteInputs: 'allow' } as const;
  const given = lowest(load) === -Infinity ? scores : leftOutAs(scores, () => lowest(load));
  const { output, report } = softmax(given, { ...options, reference });
  const found = judged(report, nonFinite);
  if (!reference) return { output, report: found };
  // How far scores lie below the largest: of those that are not left out, whose place the least of their row takes here.
  const kept = leftOutAs(scores, (at) => leastScore(scores, at - (at % width), width));
  const { subtract = null } = softmax(kept, { ...options, reference, record: 'counts' }).report.headroom ?? {};
  return { output, report: { ...found, headroom: { ...found.headroom, subtract } } };
}

function leftOutAs(scores: Float64Array, standIn: (at: number) => number): Float64Array {
  return scores.map((score, at) => (score === -Infinity ? standIn(at) : score));
}

/** The least score of a row that is not left out; 0 of a row without any. */
function leastScore(scores: Float64Array, from: number, width: number): number {
  let least = Infinity;
  for (let i = from; i < from + width; i++) if (scores[i] > -Infinity && scores[i] < least) least = scores[i];
  return least === Infinity ? 0 : least;
}

/** a + b, where −∞ added to a number, or to −∞, leaves an entry out. */
export function addMask(
  a: Float64Array,
  b: Float64Array,
  { target, reference, rows, width }: MaskedRows,
  store: Format,
): Run {
  const isLeftOut = (at: number): boolean =>
    (a[at] === -Infinity && b[at] < Infinity) || (b[at] === -Infinity && a[at] < Infinity);
  const options = { target, reference, rows, width, nonFiniteInputs: 'deny' } as const;
  if (!a.includes(-Infinity) && !b.includes(-Infinity)) return add(a, b, options);
  // Zeros in both: they raise nothing, and take no room.
  const kept = (x: Float64Array): Float64Array => x.map((value, at) => (isLeftOut(at) ? 0 : value));
  const { output, report } = add(kept(a), kept(b), options);
  return { output: output.map((sum, at) => (isLeftOut(at) ? lowest(store) : sum)), report };
}
