import { constantOf, defineGraph, type Graph, type Node } from 'bittrue/graphs';
import { describe, expect, it } from 'vitest';
import { failure } from '../files/helpers.ts';

const node = (op: string, inputs: string[], outputs: string[], attributes: Node['attributes'] = {}): Node => ({
  name: outputs[0],
  op,
  inputs,
  outputs,
  attributes,
});

const one = constantOf({ type: 'float', shape: [], data: Float64Array.of(1) });
const base: Graph = {
  name: 'g',
  inputs: [{ name: 'x', type: 'float', shape: ['n'] }],
  constants: { one },
  nodes: [node('Add', ['x', 'one'], ['y'])],
  outputs: ['y'],
};
const refused = (change: Partial<Graph>) => failure(() => defineGraph({ ...base, ...change }));

describe('defineGraph', () => {
  it('puts nodes in an order in which they can run, and keeps one that is', () => {
    const nodes = [node('Add', ['b', 'a'], ['y']), node('Abs', ['a'], ['b']), node('Add', ['x', 'one'], ['a'])];
    expect(defineGraph({ ...base, nodes }).nodes.map(({ name }) => name)).toEqual(['a', 'b', 'y']);
    const kept = [node('Add', ['x', 'one'], ['b']), node('Abs', ['x'], ['a']), node('Add', ['a', 'b'], ['y'])];
    expect(defineGraph({ ...base, nodes: kept }).nodes.map(({ name }) => name)).toEqual(['b', 'a', 'y']);
  });

  it('orders a long chain that stands backwards', () => {
    const count = 100_000;
    const nodes = Array.from({ length: count }, (_, i) => node('Add', [i === 0 ? 'x' : `v${i - 1}`, 'one'], [`v${i}`]));
    const graph = defineGraph({ ...base, nodes: nodes.reverse(), outputs: [`v${count - 1}`] });
    expect(graph.nodes[count - 1].name).toBe(`v${count - 1}`);
  });

  it('names a cycle', () => {
    const nodes = [node('Add', ['x', 'c'], ['a']), node('Abs', ['a'], ['b']), node('Add', ['b', 'one'], ['c'])];
    expect(() => defineGraph({ ...base, nodes, outputs: ['b'] })).toThrow(/a cycle: a -> b -> c -> a/);
  });

  it('refuses names that are missing, twice or empty, and constants that nothing reads', () => {
    expect(refused({ outputs: ['z'] })).toBe('name g: outputs');
    expect(refused({ nodes: [node('Add', ['x', 'two'], ['y'])] })).toBe('name g: y');
    expect(refused({ nodes: [...base.nodes, node('Abs', ['x'], ['y'])] })).toBe('name g');
    expect(refused({ nodes: [node('Abs', ['x'], ['x']), ...base.nodes] })).toBe('name g');
    expect(refused({ nodes: [{ ...base.nodes[0], name: '' }] })).toBe('name g');
    expect(refused({ constants: { one, x: one } })).toBe('name g');
    expect(refused({ constants: { one, idle: one } })).toBe('unsupported g');
    expect(refused({ constants: { one, 'rotary_emb.inv_freq': one } })).toBe('no error');
    expect(defineGraph({ ...base, constants: { one, idle: one } }, { unused: 'keep' }).nodes.length).toBe(1);
  });

  it('knows values by names that objects have of themselves', () => {
    expect(refused({ nodes: [node('Add', ['x', 'toString'], ['y'])] })).toBe('name g: y');
    const nodes = [node('Add', ['x', 'one'], ['__proto__']), node('Abs', ['__proto__'], ['constructor'])];
    expect(defineGraph({ ...base, nodes, outputs: ['constructor'] }).nodes.length).toBe(2);
  });
});
