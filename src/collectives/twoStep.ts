/**
 * The two-step all-reduce: each device sums one part. Parts are rows by default, since features in 16 bits are not evenly
 * spread over parts of features.
 *
 * @module
 */
import { encode, type Group, reduce, send, store } from './group.ts';
import { addExactly, measure, noSum } from './hops.ts';
import { parts } from './shares.ts';

/** Stages, in order. */
export const twoStepStages = ['scatter.encode', 'scatter.reduce', 'gather.encode'] as const;

/**
 * All-to-all of encoded parts, a local sum by each part's device, the sum encoded by its own codec and sent to all
 * others. A device's own part passes through its codec too, so the sum before the second encoding is `allGather`'s; and
 * every device, the owner too, takes the sum from the second message, so that all hold the same bits.
 */
export function twoStep(group: Group): Float64Array {
  const { devices, rows, width, partials, split } = group;
  const scatter = { phase: 'scatter', hop: 0 };
  const gather = { phase: 'gather', hop: 0 };
  const out = new Float64Array(rows * width);
  const all = Array.from({ length: devices }, (_, device) => device);
  const exact = noSum(group);
  const values = all.map(() => new Float64Array(rows * width));
  parts(rows, width, devices, split).forEach((part, owner) => {
    for (const device of all) {
      const sent = encode(group, scatter, device, partials[device], part, true, values[device]);
      if (device !== owner) send(group, device, sent);
    }
    reduce(group, scatter, values, all, part, out);
    store(group, part, out);
    for (const partial of partials) addExactly(exact, partial, part, width);
    measure(group, scatter, devices, out, exact, part);
    const gathered = encode(group, gather, owner, out, part, false, out);
    send(group, owner, gathered, devices - 1);
    measure(group, gather, devices, out, exact, part);
  });
  return out;
}
