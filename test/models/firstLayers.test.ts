import { describe, expect, it } from 'vitest';
import { BittrueError } from '../../src/errors/index.ts';
import { firstLayers, loadModel, normSites } from '../../src/models/index.ts';
import { embeddedModel, openModel } from '../../src/node/index.ts';
import { checkModel } from '../../src/studies/index.ts';
import { fp16 } from '../../src/targets/index.ts';

describe('firstLayers', () => {
  const { config, checkpoint } = openModel(embeddedModel());
  const model = loadModel(config, checkpoint);
  const tokens = [[73, 110, 32, 116, 104, 101]];

  it('runs the layers that are left as the whole model runs them, and reads no other weight', () => {
    const cut = firstLayers(model, 2);
    const read = new Set<string>();
    const watched = Object.fromEntries(
      Object.entries(cut.weights).map(([name, tensor]) => [
        name,
        {
          shape: tensor.shape,
          get data() {
            read.add(name);
            return tensor.data;
          },
        },
      ]),
    );
    const found = checkModel({ ...cut, weights: watched }, tokens, { target: fp16 });
    const whole = checkModel(model, tokens, { target: fp16 });
    expect(found.norms.slice(0, 4)).toEqual(whole.norms.slice(0, 4));
    expect(found.norms.map(({ site }) => site).at(-1)).toBe('norm');
    expect(found.model.layers).toBe(2);
    expect([...read].some((name) => name.includes('layers.1.'))).toBe(true);
    expect([...read].filter((name) => /layers\.[23]\./.test(name))).toEqual([]);
    expect(normSites(cut).length).toBe(5);
  });

  it('refuses other numbers', () => {
    expect(firstLayers(model, 4)).toBe(model);
    for (const layers of [0, 5, 1.5, Number.NaN, '2']) {
      expect(() => firstLayers(model, layers as number)).toThrow(BittrueError);
    }
  });
});
