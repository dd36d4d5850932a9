import { describe, expect, it } from 'vitest';
import { isMadeTarget } from '../../src/targets/check.ts';
import * as room from '../../src/targets/index.ts';

const { findTarget, targets } = room;

describe('targets as users write them', () => {
  it.each([
    ['H100', 'h100'],
    ['FP16', 'fp16'],
    ['MI300X', 'mi300x'],
    ['RTX4090', 'rtx4090'],
    ['rtxblackwell', 'rtxBlackwell'],
    ['NeuralEngineFP16', 'neuralEngineFp16'],
  ])('%s is %s', (written, name) => {
    expect(findTarget(written)).toBe(targets[name]);
  });

  it.each([
    ['hopper', ['h100']],
    ['Blackwell', ['b200', 'rtxBlackwell']],
    ['h10', ['h100', 'h20']],
    ['rtx-4090', ['rtx4090']],
    ['mi300xx', ['mi300x']],
    ['fp17', ['fp16']],
    ['float16', ['fp16']],
    ['zzzzzz', []],
    ['constructor', []],
  ])('%s is refused, with %j', (written, names) => {
    expect(() => findTarget(written)).toThrow(expect.objectContaining({ code: 'name' }));
    try {
      findTarget(written);
    } catch (error) {
      const { suggestions } = error as { suggestions: readonly string[] };
      for (const name of names) expect(suggestions).toContain(name);
      if (names.length === 0) expect(suggestions).toEqual([]);
      for (const name of suggestions) expect(Object.hasOwn(targets, name), name).toBe(true);
    }
  });

  it('no case of a name is another name', () => {
    const names = Object.keys(targets).map((name) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the table of targets', () => {
  it('has every target that the room exports', () => {
    const exported = Object.values(room as Readonly<Record<string, unknown>>).filter(isMadeTarget);
    expect(exported.length).toBeGreaterThan(60);
    expect(exported.filter(({ name }) => !Object.hasOwn(targets, name)).map(({ name }) => name)).toEqual([]);
  });
});
