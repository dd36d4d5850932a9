/**
 * Recursive doubling: partners at distance 1, 2, 4, … exchange all they have. Devices beyond a power of two hand their
 * partial sums to a partner first, and get the result last.
 *
 * @module
 */
import { encode, type Group, reduce, send, store } from './group.ts';
import { addExactly, type ExactSum, measure, noSum, type Stage } from './hops.ts';
import { wholePart } from './shares.ts';

/** Stages, in order. */
export const recursiveDoublingStages = [
  'fold.encode',
  'fold.reduce',
  'exchange.encode',
  'exchange.reduce',
  'unfold.encode',
] as const;

/** What a block of devices holds: the same on all of them. */
interface Held {
  readonly values: Float64Array;
  /** Whose partial sums are in it, and their exact sum. */
  readonly members: readonly number[];
  readonly exact: ExactSum;
}

/**
 * log2 N exchanges of everything. Both partners add up what both encoded, so that they hold the same bits; the devices of
 * a block do the same work, which is counted once, as its first device's.
 */
export function recursiveDoubling(group: Group): Float64Array {
  const { devices, rows, width, partials } = group;
  const part = wholePart(rows, width);
  const size = 2 ** Math.floor(Math.log2(devices));
  const sum = (phase: string, hop: number, low: Held, high: Held, at: readonly [number, number], copies: number) => {
    const stage = { phase, hop };
    const sent = [low, high].map(({ values, members }, i) =>
      encode(group, stage, at[i], values, part, members.length === 1),
    );
    // Every device of a block sends to its own partner; in a fold only the upper one does.
    if (phase === 'fold') send(group, at[1], sent[1]);
    else {
      at.forEach((first, i) => {
        for (let d = 0; d < copies; d++) send(group, first + d, sent[i]);
      });
    }
    const values = new Float64Array(rows * width);
    reduce(group, stage, [sent[0].values, sent[1].values], at, part, values);
    for (const device of high.members) addExactly(low.exact, partials[device], part, width);
    return { values, members: [...low.members, ...high.members], exact: low.exact };
  };

  const own = (device: number): Held => {
    const exact = noSum(group);
    addExactly(exact, partials[device], part, width);
    return { values: partials[device], members: [device], exact };
  };
  /** The errors of what all blocks hold after a hop. */
  const measured = (stage: Stage, held: readonly Held[]): void => {
    for (const { values, members, exact } of held) {
      if (members.length > 1) measure(group, stage, members.length, values, exact, part);
    }
  };
  let blocks: Held[] = partials.slice(0, size).map((_, device) => own(device));
  for (let extra = size; extra < devices; extra++) {
    const device = extra - size;
    blocks[device] = sum('fold', 0, blocks[device], own(extra), [device, extra], 1);
  }
  if (devices > size) measured({ phase: 'fold', hop: 0 }, blocks);
  for (let distance = 1, hop = 0; distance < size; distance *= 2, hop++) {
    const joined: Held[] = [];
    for (let b = 0; b < blocks.length; b += 2) {
      const first = b * distance;
      joined.push(sum('exchange', hop, blocks[b], blocks[b + 1], [first, first + distance], distance));
    }
    blocks = joined;
    if (joined.length === 1) store(group, part, joined[0].values);
    measured({ phase: 'exchange', hop }, joined);
  }
  const [{ values: out, exact }] = blocks;
  if (devices > size) {
    const unfold = { phase: 'unfold', hop: 0 };
    const result = encode(group, unfold, 0, out, part, false, out);
    measure(group, unfold, devices, out, exact, part);
    for (let extra = size; extra < devices; extra++) send(group, extra - size, result);
  }
  return out;
}
