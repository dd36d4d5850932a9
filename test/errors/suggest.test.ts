import { describe, expect, it } from 'vitest';
import { BittrueError, checkName, checkObject, nearest, renamed } from '../../src/errors/index.ts';

describe('nearest', () => {
  const names = ['layerNorm', 'rmsNorm', 'softmax', 'matmul', 'dot', 'sum'];

  it.each([
    ['layernorm', ['layerNorm']],
    ['layer_norm', ['layerNorm']],
    ['laeyrNorm', ['layerNorm']],
    ['softmx', ['softmax']],
    ['mamtul', ['matmul']],
    ['dut', ['dot']],
    ['soft', ['softmax']],
    ['summation', ['sum']],
    ['gelu', []],
    ['', []],
    ['zz', []],
    ['x'.repeat(1e6), []],
    [7, []],
  ])('of %j: %j', (text, found) => {
    expect(nearest(text, names)).toEqual(found);
  });

  it('counts a swap of neighbours as one edit, and gives all that are as near, at most three', () => {
    expect(nearest('abcd', ['abdc', 'axyd'])).toEqual(['abdc']);
    expect(nearest('int5', ['int1', 'int2', 'int3', 'int4'])).toEqual(['int1', 'int2', 'int3']);
  });
});

describe('a suggestion', () => {
  const told = (run: () => unknown): BittrueError => {
    try {
      run();
    } catch (error) {
      if (error instanceof BittrueError) return error;
      throw error;
    }
    throw new Error('nothing was thrown');
  };

  it('stands at the end of the message, and as data', () => {
    const error = told(() => checkName('kernel', 'layernorm', ['layerNorm', 'rmsNorm']));
    expect(error.message).toBe(
      "kernel: expected one of layerNorm, rmsNorm, received 'layernorm': did you mean layerNorm?",
    );
    expect(error.suggestions).toEqual(['layerNorm']);
    expect(renamed(error, '--kernel').message).toBe(error.message.replace('kernel:', '--kernel:'));
    expect(renamed(error, '--kernel').suggestions).toEqual(['layerNorm']);
  });

  it('is made for a misspelt option', () => {
    const error = told(() => checkObject('options', { epsilom: 1 }, ['epsilon', 'gamma']));
    expect(error.message).toBe(
      "options.epsilom: expected one of epsilon, gamma, received 'epsilom': did you mean epsilon?",
    );
  });

  it('shortens a long list in the message and leaves it whole in the field', () => {
    const names = Array.from({ length: 40 }, (_, i) => `target${i}`);
    const error = told(() => checkName('target', 'tarmet7', names));
    expect(error.message).toBe(
      "target: expected one of target0, target1, target2, target3, …, received 'tarmet7': did you mean target7?",
    );
    expect(error.expected).toBe(`one of ${names.join(', ')}`);
  });

  it('is one of several where several are as near', () => {
    expect(new BittrueError('name', 'x', 'c', 'a letter', ['a', 'b', 'd']).message).toBe(
      "x: expected a letter, received 'c': did you mean a, b or d?",
    );
  });
});
