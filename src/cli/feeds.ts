/**
 * Inputs of a graph from files: `NAME=FILE.npy`, or `FILE.npz`, whose members are called as the inputs are.
 *
 * @module
 */
import { allocate, BittrueError } from '../errors/index.ts';
import { arrayKind, elementKind } from '../graphs/elementTypes.ts';
import type { ElementArray, Graph, TypedTensor, Value } from '../graphs/index.ts';
import { npyTensor } from '../models/index.ts';
import { openFile, openNpz } from '../node/index.ts';

/** The inputs that one `--input` gives. */
export function feedsFrom(text: string, graph: Graph): readonly (readonly [string, TypedTensor])[] {
  const named = new Map(graph.inputs.map((input) => [input.name, input]));
  const wanted = `NAME=FILE.npy or FILE.npz, names those of inputs: ${[...named.keys()].join(', ')}`;
  if (/\.npz$/i.test(text) && !named.has(text.slice(0, Math.max(0, text.indexOf('='))))) {
    return [...openNpz(text)].map(([name, source]) => {
      const input = named.get(name);
      if (input === undefined) throw new BittrueError('name', '--input', `${text}: ${name}`, wanted);
      return [name, fitted(npyTensor(source), input, source.name)] as const;
    });
  }
  const at = text.indexOf('=');
  const input = named.get(text.slice(0, Math.max(0, at)));
  if (input === undefined) throw new BittrueError('name', '--input', text, wanted);
  const path = text.slice(at + 1);
  return [[input.name, fitted(npyTensor(openFile(path)), input, path)]];
}

/** A tensor as an input's type has it: every number as it is, or an error that names one that has no place there. */
function fitted({ type: from, shape, data }: TypedTensor, { name, type }: Value, path: string): TypedTensor {
  if (from === type) return { type, shape, data };
  const made = allocate(path, arrayKind(type) as typeof Float64Array, data.length) as ElementArray;
  const to = made as unknown as (number | bigint)[];
  const isFloat = elementKind(type) === 'float';
  const isWide = type === 'int64' || type === 'uint64';
  (data as unknown as (number | bigint)[]).forEach((one, i) => {
    const isWhole = typeof one === 'bigint' || Number.isInteger(one);
    if (isWhole || isFloat) to[i] = isWide ? BigInt(one) : Number(one);
    // An array wraps or rounds what it has no place for; truth is 0 or 1.
    const isSame = isWhole ? BigInt(to[i]) === BigInt(one) : isFloat;
    if (!isSame || (type === 'bool' && to[i] !== 0 && to[i] !== 1))
      throw new BittrueError('value', path, `${one} at ${i}`, `numbers of ${type}, for ${name}`);
  });
  return { type, shape, data: made };
}
