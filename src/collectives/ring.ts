/**
 * The ring all-reduce: part c starts on device c and goes around, every device adding its own partial sum; then the
 * finished parts go around. The order of a sum is the ring's; the accumulator is the caller's.
 *
 * @module
 */
import { encode, type Group, reduce, send, store } from './group.ts';
import { addExactly, measure, noSum } from './hops.ts';
import { parts } from './shares.ts';

/** Stages, in order. */
export const ringStages = ['scatter.encode', 'scatter.reduce', 'gather.encode'] as const;

/**
 * Reduce-scatter and all-gather in 2(N − 1) hops. A running sum is encoded at every hop: the first by its device's codec,
 * later ones by that of sums. The finished part is encoded once more, and forwarded as it is.
 */
export function ring(group: Group): Float64Array {
  const { devices, rows, width, partials, split } = group;
  const out = new Float64Array(rows * width);
  const exact = noSum(group);
  const received = new Float64Array(rows * width);
  parts(rows, width, devices, split).forEach((part, first) => {
    let running = partials[first];
    addExactly(exact, running, part, width);
    for (let hop = 0; hop < devices - 1; hop++) {
      const sender = (first + hop) % devices;
      const receiver = (sender + 1) % devices;
      const stage = { phase: 'scatter', hop };
      const sent = encode(group, stage, sender, running, part, hop === 0, received);
      send(group, sender, sent);
      reduce(group, stage, [received, partials[receiver]], [sender, receiver], part, out);
      running = out;
      addExactly(exact, partials[receiver], part, width);
      if (hop === devices - 2) store(group, part, out);
      measure(group, stage, hop + 2, out, exact, part);
    }
    const owner = (first + devices - 1) % devices;
    const gather = { phase: 'gather', hop: 0 };
    const gathered = encode(group, gather, owner, out, part, false, out);
    measure(group, gather, devices, out, exact, part);
    // The owner and all but the last device on the way send it on.
    for (let hop = 0; hop < devices - 1; hop++) send(group, (owner + hop) % devices, gathered);
  });
  return out;
}
