import { describe, expect, it } from 'vitest';
import { circles } from '../scripts/lib/rooms.mjs';

const of = (graph: Record<string, string[]>) => circles(Object.keys(graph), (node) => graph[node] ?? []);

describe('circles', () => {
  it('are the groups of nodes that reach each other', () => {
    expect(of({ a: ['b'], b: ['c'], c: ['d'], d: [] })).toEqual([]);
    expect(of({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] })).toEqual([]);
    expect(of({ a: ['a'] })).toEqual([['a']]);
    expect(of({ a: ['b'], b: ['c'], c: ['b', 'd'], d: ['e'], e: ['d'] })).toEqual([
      ['d', 'e'],
      ['b', 'c'],
    ]);
    expect(of({ c: ['a', 'd'], a: ['b'], b: ['c'], d: [] })).toEqual([['a', 'b', 'c']]);
  });
});
