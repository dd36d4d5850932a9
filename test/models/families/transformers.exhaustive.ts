/**
 * Every family beside Hugging Face's transformers: `checkpoints.py` writes small checkpoints and what that library computes from
 * them into the folder that BITTRUE_TRANSFORMERS names; without one the tests are skipped.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evaluate } from 'bittrue/evaluation';
import type { TypedTensor } from 'bittrue/graphs';
import { encoderGraph, families, loadEncoder, loadModel, modelGraph, parseConfig } from 'bittrue/models';
import { openModel } from 'bittrue/node';
import { describe, expect, it } from 'vitest';

const folder = process.env.BITTRUE_TRANSFORMERS ?? '';
const names = existsSync(folder) ? readdirSync(folder).sort() : [];

type Told = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>>;

function fed(name: string, { shape, data }: Told[string], isSequence: boolean): TypedTensor {
  if (name !== 'input_ids') return { type: 'double', shape, data: Float64Array.from(data) };
  return { type: 'int64', shape: isSequence ? shape.slice(1) : shape, data: BigInt64Array.from(data, BigInt) };
}

describe.skipIf(names.length === 0)('families beside transformers (BITTRUE_TRANSFORMERS)', () => {
  it.each(names)('%s', async (name) => {
    const { inputs, outputs } = JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8')) as {
      inputs: Told;
      outputs: Told;
    };
    const { config, checkpoint } = openModel(join(folder, name));
    const speaks = Object.hasOwn(outputs, 'logits');
    const graph = speaks
      ? modelGraph(loadModel(config, checkpoint), { positions: 16 })
      : encoderGraph(loadEncoder(config, checkpoint));
    const feeds = Object.fromEntries(Object.entries(inputs).map(([key, told]) => [key, fed(key, told, speaks)]));
    const found = await evaluate(graph, feeds);
    for (const [key, { data }] of Object.entries(outputs)) {
      const ours = found.outputs[key].data;
      expect(ours.length).toBe(data.length);
      let [worst, largest] = [0, 0];
      data.forEach((value, i) => {
        worst = Math.max(worst, Math.abs(Number(ours[i]) - value));
        largest = Math.max(largest, Math.abs(value));
      });
      // Rotary angles and some norms are binary32 there, whatever the model's type.
      const isOfBinary32 = !/^(bert|roberta|vit|clip|whisper|gpt2)/.test(name);
      expect(worst / largest, key).toBeLessThan(isOfBinary32 ? 2e-6 : 1e-13);
    }
  });

  it('are all there', () => {
    const seen = new Set(
      names.map((name) => parseConfig(JSON.parse(readFileSync(join(folder, name, 'config.json'), 'utf8'))).family.name),
    );
    expect(families.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
  });
});
