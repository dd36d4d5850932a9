/**
 * All-gather of codes and a local sum: what codes with scales of their own on every device need, since no network can
 * add them up.
 *
 * @module
 */
import { encode, type Group, reduce, send, store } from './group.ts';
import { addExactly, measure, noSum } from './hops.ts';
import { wholePart } from './shares.ts';

/** Stages, in order. */
export const allGatherStages = ['gather.encode', 'gather.reduce'] as const;

/** Every device sends its codes to all others. All of them compute the same sum, which is counted once. */
export function allGather(group: Group): Float64Array {
  const { devices, rows, width, partials } = group;
  const part = wholePart(rows, width);
  const stage = { phase: 'gather', hop: 0 };
  const values: Float64Array[] = [];
  for (let device = 0; device < devices; device++) {
    const sent = encode(group, stage, device, partials[device], part, true);
    send(group, device, sent, devices - 1);
    values.push(sent.values);
  }
  const out = new Float64Array(rows * width);
  const all = Array.from({ length: devices }, (_, device) => device);
  reduce(group, stage, values, all, part, out);
  store(group, part, out);
  const exact = noSum(group);
  for (const partial of partials) addExactly(exact, partial, part, width);
  measure(group, stage, devices, out, exact, part);
  return out;
}
