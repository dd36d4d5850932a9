/**
 * What can be proved of a cell: of all rows between the least and the largest number of its data, or of its format.
 *
 * @module
 */
import { bounds } from '../bounds/bounds.ts';
import type { InputSet } from '../bounds/inputSet.ts';
import type { BoundsOptions } from '../bounds/options.ts';
import { limitOf } from '../bounds/ranges.ts';
import type { Claim, Verdict } from '../bounds/verdict.ts';
import { BittrueError } from '../errors/index.ts';
import type { Machine } from './machine.ts';
import { type Held, loadedFormats } from './operands.ts';
import type { Sweep, SweepPlace } from './sweep.ts';

/** What is proved; null where nothing is asked, or there is no bound for such a unit. */
export interface Proof {
  readonly verdict: Verdict | null;
  readonly claim: Claim | null;
}

/** What `bounds` says; null where nothing is asked of it, or it has no bound for such a unit. */
export function proofOf({ checked: { proof } }: Sweep, place: SweepPlace, machine: Machine, held: Held): Proof {
  // Bounds end with the sums: of what an epilogue makes of them they say nothing.
  if (proof === 'none' || place.target.epilogue !== undefined) return { verdict: null, claim: null };
  const set = proof === 'format' ? numbersOfFormat(place, machine) : span(held, place);
  try {
    const { verdict, claim } = bounds(questionOf(place, machine, set, held));
    return { verdict, claim };
  } catch (error) {
    if (!(error instanceof BittrueError)) throw error;
    return { verdict: null, claim: null };
  }
}

/** All numbers of the format that is loaded, times the scale of the inputs. */
function numbersOfFormat({ kernel, scale }: SweepPlace, machine: Machine): InputSet {
  const [format] = loadedFormats(kernel, machine);
  const factor = kernel === 'rmsNorm' || kernel === 'layerNorm' ? 1 : scale;
  if (factor === 1) return { kind: 'format', format };
  // What is scaled is no longer a number of the format.
  const { min, max } = limitOf(format);
  const [one, other] = [min * factor, max * factor];
  return { kind: 'intervals', low: Math.min(one, other), high: Math.max(one, other) };
}

const spans: WeakMap<Float64Array, readonly [number, number]> = /* @__PURE__ */ new WeakMap();

/** From the least to the largest number of the data. */
function span({ inputs }: Held, { kernel, scale }: SweepPlace): InputSet {
  let found = spans.get(inputs);
  if (found === undefined) {
    let [least, most] = [Infinity, -Infinity];
    for (const x of inputs) {
      if (x < least) least = x;
      if (x > most) most = x;
    }
    found = [least, most];
    spans.set(inputs, found);
  }
  const factor = kernel === 'softmax' ? scale : 1;
  const [one, other] = [found[0] * factor, found[1] * factor];
  return { kind: 'intervals', low: Math.min(one, other), high: Math.max(one, other) };
}

function questionOf(
  { kernel, scale }: SweepPlace,
  machine: Machine,
  inputs: InputSet,
  { width, channels, weights }: Held,
): BoundsOptions {
  const { target } = machine;
  switch (kernel) {
    case 'dot':
    case 'matmul':
      return { kernel: 'matmul', ...machine, inputs, weights: weights as Float64Array, n: channels };
    case 'sum':
    case 'softmax':
      return { kernel, target, inputs, width };
    default:
      return { kernel, target, inputs, width, scale };
  }
}
