/**
 * Recursive doubling: partners at distance 1, 2, 4, … exchange all they have. Devices beyond a power of two hand their
 * partial sums to a partner first, and get the result last.
 *
 * @module
 */
import { encode, type Group, reduce, send, store } from './group.ts';
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
  /** Whether it is one device's own partial sum. */
  readonly partial: boolean;
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
    const sent = [low, high].map(({ values, partial }, i) => encode(group, stage, at[i], values, part, partial));
    // Every device of a block sends to its own partner; in a fold only the upper one does.
    if (phase === 'fold') send(group, at[1], sent[1]);
    else {
      at.forEach((first, i) => {
        for (let d = 0; d < copies; d++) send(group, first + d, sent[i]);
      });
    }
    const values = new Float64Array(rows * width);
    reduce(group, stage, [sent[0].values, sent[1].values], at, part, values);
    return { values, partial: false };
  };

  let blocks: Held[] = partials.slice(0, size).map((values) => ({ values, partial: true }));
  for (let extra = size; extra < devices; extra++) {
    const device = extra - size;
    blocks[device] = sum('fold', 0, blocks[device], { values: partials[extra], partial: true }, [device, extra], 1);
  }
  for (let distance = 1, hop = 0; distance < size; distance *= 2, hop++) {
    const joined: Held[] = [];
    for (let b = 0; b < blocks.length; b += 2) {
      const first = b * distance;
      joined.push(sum('exchange', hop, blocks[b], blocks[b + 1], [first, first + distance], distance));
    }
    blocks = joined;
  }
  const out = blocks[0].partial ? Float64Array.from(blocks[0].values) : blocks[0].values;
  store(group, part, out);
  if (devices > size) {
    const result = encode(group, { phase: 'unfold', hop: 0 }, 0, out, part, false, out);
    for (let extra = size; extra < devices; extra++) send(group, extra - size, result);
  }
  return out;
}
