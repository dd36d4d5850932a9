/**
 * Inputs made up from a seed, by the shapes that a graph declares.
 *
 * @module
 */
import { allocate, BittrueError, checkInteger, checkMade, checkObject } from '../../errors/index.ts';
import { arrayKind, elementKind } from '../../graphs/elementTypes.ts';
import { elementCount } from '../../graphs/graph.ts';
import type { Graph, TypedTensor, Value } from '../../graphs/index.ts';
import { philox } from '../../rounding/philox.ts';

/** How {@link seededFeeds} makes inputs up. */
export interface SeededFeedsOptions {
  /** Default 0. */
  readonly seed?: number;
  /** Lengths of axes that have names: `{ batch: 1 }`. */
  readonly lengths?: Readonly<Record<string, number>>;
  /** Inputs that are given, and not made up. */
  readonly given?: Readonly<Record<string, TypedTensor>>;
}

/**
 * A tensor for every input: floats of a standard normal distribution; truth true; integers 1 where the name says mask,
 * their place along the last axis where it says position, else 0 … 9. The same for the same seed, whatever else is fed.
 *
 * @throws {@link BittrueError} `shape` for axes whose length is not known, by name
 * @example
 * import { defineGraph } from 'bittrue/graphs';
 * import { seededFeeds } from 'bittrue/studies';
 * const graph = defineGraph({
 *   name: 'g',
 *   inputs: [{ name: 'x', type: 'float', shape: ['n', 4] }],
 *   constants: {},
 *   nodes: [{ name: 'y', op: 'Abs', inputs: ['x'], outputs: ['y'], attributes: {} }],
 *   outputs: ['y'],
 * });
 * seededFeeds(graph, { lengths: { n: 2 } }).x.shape; // [2, 4]
 */
export function seededFeeds(graph: Graph, options: SeededFeedsOptions = {}): Record<string, TypedTensor> {
  checkMade('graph', graph, ['name', 'inputs', 'nodes'], 'a graph, as defineGraph gives it');
  checkObject('options', options, ['seed', 'lengths', 'given']);
  const seed = checkInteger('options.seed', options.seed ?? 0, 0, Number.MAX_SAFE_INTEGER);
  const { lengths = {}, given = {} } = options;
  const names = new Set(graph.inputs.flatMap(({ shape }) => (shape ?? []).filter((axis) => typeof axis === 'string')));
  for (const [axis, length] of Object.entries(lengths)) {
    checkInteger(`options.lengths.${axis}`, length, 0, 2 ** 31);
    if (!names.has(axis))
      throw new BittrueError('name', 'options.lengths', axis, `an axis: ${[...names].join(', ') || 'none has a name'}`);
  }
  const open = new Set<string>();
  for (const { name, shape } of graph.inputs) {
    if (Object.hasOwn(given, name)) continue;
    if (shape === null)
      throw new BittrueError('shape', `input ${name}`, 'no shape', 'a declared shape, or this input given');
    for (const axis of shape) if (typeof axis === 'string' && !Object.hasOwn(lengths, axis)) open.add(axis);
  }
  if (open.size > 0) {
    throw new BittrueError(
      'shape',
      'options.lengths',
      `no length of ${[...open].join(', ')}`,
      'a length for every axis that has a name',
    );
  }
  return Object.fromEntries(
    graph.inputs.map((input, stage) => [
      input.name,
      Object.hasOwn(given, input.name) ? given[input.name] : seeded(input, seed, stage, lengths),
    ]),
  );
}

function seeded(
  { name, type, shape }: Value,
  seed: number,
  stage: number,
  lengths: Readonly<Record<string, number>>,
): TypedTensor {
  const axes = (shape ?? []).map((axis) => (typeof axis === 'number' ? axis : lengths[axis]));
  const data = allocate(name, arrayKind(type) as typeof Float64Array, elementCount(axes));
  const fraction = (index: number, step: number): number => (philox(seed, { index, step, stage }) + 0.5) / 2 ** 32;
  const last = axes[axes.length - 1] ?? 1;
  const isWide = type === 'int64' || type === 'uint64';
  for (let i = 0; i < data.length; i++) {
    if (elementKind(type) === 'float') {
      data[i] = Math.fround(Math.sqrt(-2 * Math.log(fraction(i, 0))) * Math.cos(2 * Math.PI * fraction(i, 1)));
      continue;
    }
    const whole =
      /mask/i.test(name) || type === 'bool' ? 1 : /position/i.test(name) ? i % last : Math.floor(10 * fraction(i, 0));
    (data as unknown as (number | bigint)[])[i] = isWide ? BigInt(whole) : whole;
  }
  return { type, shape: axes, data };
}
