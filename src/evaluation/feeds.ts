/**
 * What a graph is fed, checked.
 *
 * @module
 */
import { BittrueError, checkMade, checkRecord } from '../errors/index.ts';
import { arrayKind, elementKind } from '../graphs/elementTypes.ts';
import { elementCount } from '../graphs/graph.ts';
import type { Graph, TypedTensor } from '../graphs/index.ts';

/** A tensor for every input, of its type and shape. */
export function checkFeeds(graph: Graph, feeds: Readonly<Record<string, TypedTensor>>): Record<string, TypedTensor> {
  checkRecord('feeds', feeds, 'tensors by the names of inputs');
  const names = graph.inputs.map(({ name }) => name);
  for (const name of Object.keys(feeds)) {
    if (!names.includes(name)) throw new BittrueError('name', `feeds.${name}`, name, `an input: ${names.join(', ')}`);
  }
  const lengths = new Map<string, number>();
  return Object.fromEntries(
    graph.inputs.map(({ name, type, shape }) => {
      const where = `feeds.${name}`;
      const fed = Object.hasOwn(feeds, name) ? feeds[name] : undefined;
      if (fed === undefined) throw new BittrueError('type', where, fed, `a tensor of ${type}`);
      checkMade(where, fed, ['type', 'shape', 'data'], 'a tensor { type, shape, data }');
      if (fed.type !== type) throw new BittrueError('type', where, fed.type, type);
      const told = `[${fed.shape.join(', ')}]`;
      const fits =
        shape === null ||
        (shape.length === fed.shape.length &&
          shape.every((axis, i) => {
            if (typeof axis === 'number') return axis === fed.shape[i];
            const known = lengths.get(axis) ?? fed.shape[i];
            lengths.set(axis, known);
            return known === fed.shape[i];
          }));
      if (!fits) throw new BittrueError('shape', where, told, `[${shape?.join(', ')}]`);
      if (fed.data.length !== elementCount(fed.shape))
        throw new BittrueError('shape', where, `${fed.data.length} numbers for ${told}`, 'as many as the shape has');
      const isFloat = elementKind(type) === 'float';
      const isKind = isFloat
        ? fed.data instanceof Float64Array || fed.data instanceof Float32Array
        : fed.data instanceof arrayKind(type);
      if (!isKind)
        throw new BittrueError(
          'type',
          `${where}.data`,
          fed.data,
          isFloat ? 'a Float64Array or a Float32Array' : arrayKind(type).name,
        );
      const data = isFloat && fed.data instanceof Float32Array ? Float64Array.from(fed.data) : fed.data;
      return [name, { type, shape: fed.shape, data }];
    }),
  );
}
