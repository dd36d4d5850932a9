/**
 * One node of several copies of a model, whose rows lie one below the other: the first in binary64, each other on its chip.
 *
 * @module
 */
import { computeExactly } from '../../evaluation/evaluate.ts';
import type { NodeCall } from '../../evaluation/index.ts';
import type { TargetRun } from '../../evaluation/onTarget.ts';
import type { Node, TypedTensor } from '../../graphs/index.ts';
import type { Chip } from './chip.ts';

/** Tells of a node on a chip: what it gave, or why it is exact; what the exact copy gave, where there is one; what the chip's did. */
export type Visit = (chip: Chip, run: TargetRun | string, ideal: Float64Array | null, output: Float64Array) => void;

/** The outputs of a node, copy for copy. `isShared`: operands that all copies have in common. */
export function sideBySide(
  { node, inputs }: NodeCall,
  copies: readonly (Chip | null)[],
  constants: ReadonlySet<string>,
  visit: Visit,
): readonly TypedTensor[] {
  const count = copies.length;
  const parts = inputs.map((input, place) =>
    input === undefined || isShared(node, inputs, place, constants) ? input : divided(input, count),
  );
  const operandsOf = (copy: number): readonly (TypedTensor | undefined)[] =>
    parts.map((part) => (Array.isArray(part) ? (part[copy] as TypedTensor) : (part as TypedTensor | undefined)));
  let ideal: readonly TypedTensor[] | null = null;
  const outputs = copies.map((chip, copy) => {
    const operands = operandsOf(copy);
    if (chip === null) {
      const made = computeExactly(node, operands);
      ideal = made;
      return made;
    }
    const run = chip.run(node, operands);
    const made = typeof run === 'string' ? computeExactly(node, operands) : run.outputs;
    visit(chip, run, (ideal?.[0]?.data as Float64Array | undefined) ?? null, made[0]?.data as Float64Array);
    return made;
  });
  return (outputs[0] as readonly TypedTensor[]).map((first, place) =>
    place > 0 && (node.outputs[place] ?? '') === '' ? first : joined(outputs.map((each) => each[place] as TypedTensor)),
  );
}

/** Whether an operand is none of the rows: a weight, or a mask. Rows lie along the first axis. */
function isShared(
  { op, inputs: names }: Node,
  inputs: readonly (TypedTensor | undefined)[],
  place: number,
  constants: ReadonlySet<string>,
): boolean {
  if (constants.has(names[place] ?? '') || (op === 'Attention' && place === 3)) return true;
  const rows = inputs.reduce(
    (most, input, i) =>
      input === undefined || constants.has(names[i] ?? '') ? most : Math.max(most, input.shape[0] ?? 0),
    0,
  );
  return (inputs[place]?.shape[0] ?? 0) !== rows;
}

function divided({ type, shape: [rows = 0, ...rest], data }: TypedTensor, count: number): TypedTensor[] {
  const numbers = data as Float64Array;
  const size = numbers.length / count;
  return Array.from({ length: count }, (_, copy) => ({
    type,
    shape: [rows / count, ...rest],
    data: numbers.subarray(copy * size, (copy + 1) * size),
  }));
}

function joined(parts: readonly TypedTensor[]): TypedTensor {
  const [
    {
      type,
      shape: [rows = 0, ...rest],
      data,
    },
  ] = parts as [TypedTensor];
  const size = (data as Float64Array).length;
  const all = new Float64Array(size * parts.length);
  parts.forEach((part, copy) => {
    all.set(part.data as Float64Array, copy * size);
  });
  return { type, shape: [rows * parts.length, ...rest], data: all };
}
