/**
 * The node tests of the onnx package, every one of which is the same, refused with a reason, or other by a meaning of ours that is
 * named here. `onnxNodes.py` writes them into the folder that ONNX_NODES names; without one the tests are skipped.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BittrueError } from 'bittrue';
import { evaluate } from 'bittrue/evaluation';
import { memorySource, readOnnxModel } from 'bittrue/files';
import type { OnnxElementType, TypedTensor } from 'bittrue/graphs';
import { onnxGraph } from 'bittrue/models';
import { describe, expect, it } from 'vitest';
import { arrayKind } from '../../src/graphs/elementTypes.ts';

const folder = process.env.ONNX_NODES ?? '';

interface Told {
  readonly name: string;
  readonly type: OnnxElementType;
  readonly shape: readonly number[];
  readonly data: readonly string[];
}

/** Where exact evaluation means something else than the package's reference, and why. */
const meanings: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/(bf16|fp16|bfloat16|BFLOAT16)/, 'float types of 16 bits or more hold binary64 numbers: nothing is rounded to them'],
  [/^test_dynamicquantizelinear/, 'quotients are real: those of binary32 fall on the other side of a half'],
  [
    /^test_resize_downsample_scales_(linear|cubic)_align_corners$/,
    'length_resized is the length of the output, as the text and onnxruntime have it; the reference takes length · scale',
  ],
  [/^test_dft_inverse/, "the reference's zeros are 2e-7, beyond its own tolerance"],
];

const number = (text: string): number =>
  text === 'nan' ? Number.NaN : text === 'inf' ? Infinity : text === '-inf' ? -Infinity : Number(text);

function tensor({ type, shape, data }: Told): TypedTensor {
  const kind = arrayKind(type) as unknown as { from(values: readonly unknown[]): TypedTensor['data'] };
  const isWide = type === 'int64' || type === 'uint64';
  return { type, shape, data: kind.from(data.map((text) => (isWide ? BigInt(text) : number(text)))) };
}

/** `same`, `refused: code`, or the first difference. */
async function verdict(name: string): Promise<string> {
  const { input, output, rtol, atol } = JSON.parse(readFileSync(join(folder, name, 'data.json'), 'utf8')) as {
    input: readonly Told[];
    output: readonly Told[];
    rtol: number;
    atol: number;
  };
  try {
    const graph = onnxGraph(
      readOnnxModel(memorySource(new Uint8Array(readFileSync(join(folder, name, 'model.onnx'))))),
    );
    const { outputs } = await evaluate(graph, Object.fromEntries(input.map((one) => [one.name, tensor(one)])));
    for (const one of output) {
      const found = outputs[one.name];
      if (found.type !== one.type) return `${one.name}: ${found.type}, there ${one.type}`;
      if (found.shape.join() !== one.shape.join()) return `${one.name}: [${found.shape}], there [${one.shape}]`;
      for (const [i, text] of one.data.entries()) {
        const [here, there] = [Number(found.data[i]), number(text)];
        const isNear =
          Object.is(here, there) || here === there || Math.abs(here - there) <= atol + rtol * Math.abs(there);
        if (!isNear) return `${one.name}[${i}]: ${here}, there ${there}`;
      }
    }
    return 'same';
  } catch (error) {
    if (error instanceof BittrueError) return `refused: ${error.code}`;
    throw error;
  }
}

describe.skipIf(!existsSync(folder))('the node tests of the onnx package (ONNX_NODES)', () => {
  it('are the same, refused, or other for a reason', async () => {
    const names = readdirSync(folder).sort();
    expect(names.length).toBeGreaterThan(1500);
    const counts = { same: 0, refused: 0, meant: 0 };
    const wrong: string[] = [];
    for (const name of names) {
      const found = await verdict(name);
      if (found === 'same') counts.same++;
      else if (found.startsWith('refused')) counts.refused++;
      else if (meanings.some(([pattern]) => pattern.test(name))) counts.meant++;
      else wrong.push(`${name}: ${found}`);
    }
    console.log(counts);
    expect(wrong).toEqual([]);
    expect(counts.same).toBeGreaterThan(0.85 * names.length);
    // A meaning that no case needs any more is to go.
    for (const [pattern] of meanings)
      expect(
        names.some((name) => pattern.test(name)),
        String(pattern),
      ).toBe(true);
  });
});
