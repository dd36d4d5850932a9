import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/run.ts';
import { float32, onnxFile, type Stored } from '../models/onnxFile.ts';
import { folder, npy } from './helpers.ts';

/** The command, waited for. */
async function bittrue(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const told = { out: '', err: '' };
  const status = await runCommand(args, {
    out: (text) => {
      told.out += text;
      return true;
    },
    err: (text) => {
      told.err += text;
    },
    color: false,
    progress: false,
  });
  return { status, ...told };
}

function model(more: Record<string, Stored> = {}): string {
  const path = join(folder(), 'm.onnx');
  writeFileSync(
    path,
    onnxFile({
      inputs: [['x', 1, ['rows', 8]]],
      nodes: [
        { op: 'LayerNormalization', name: 'block/norm', inputs: ['x', 'g', 'b'], outputs: ['n'] },
        { op: 'MatMul', name: 'block/linear', inputs: ['n', 'w'], outputs: ['y'] },
      ],
      constants: {
        g: float32([8], Array(8).fill(1)),
        b: float32([8], Array(8).fill(0)),
        w: float32([8, 2], Array(16).fill(30_000)),
        ...more,
      },
      outputs: ['y'],
    }),
  );
  return path;
}

describe('bittrue check model.onnx', () => {
  it('checks norms on seeded inputs: exit 0 where nothing fails', async () => {
    const { status, out, err } = await bittrue('check', model(), '--length', 'rows=4');
    expect([status, err]).toEqual([0, '']);
    expect(out).toContain('block/norm');
    expect(out).toContain('verdict: fp16 is fine.');
  });

  it('checks on several targets, by .npy inputs, and exits 1 where one fails', async () => {
    const path = model();
    const data = Float64Array.from({ length: 8 }, (_, i) => (i % 2 ? 795 : -795));
    const file = join(folder(), 'x.npy');
    writeFileSync(file, npy(data, [1, 8]));
    const { status, out } = await bittrue(
      'check',
      path,
      '--input',
      `x=${file}`,
      '--target',
      'fp16',
      '--target',
      'fp32',
      '--json',
    );
    expect(status).toBe(1);
    const { schema, ok, runs } = JSON.parse(out);
    expect([schema, ok]).toEqual(['graph-check/1', false]);
    expect(
      runs.map(({ node, target, report }: { node: string; target: string; report: { ok: boolean } }) => [
        node,
        target,
        report.ok,
      ]),
    ).toEqual([
      ['block/norm', 'fp16', false],
      ['block/norm', 'fp32', true],
    ]);
    const csv = await bittrue('check', path, '--input', `x=${file}`, '--csv');
    expect(csv.out.split('\n')[1]).toContain('row 0, square, step 0');
    const only = await bittrue('check', path, '--input', `x=${file}`, '--fail-on', 'invalid');
    expect(only.status).toBe(0);
    expect((await bittrue('check', path, '--input', `x=${file}`, '--fail-on', 'overflow,invalid')).status).toBe(1);
  });

  it('refuses weights that no node reads, by name, or tells them', async () => {
    const path = model({ 'head.weight': float32([1], [1]) });
    const { status, err } = await bittrue('check', path, '--length', 'rows=4');
    expect([status, err]).toEqual([2, expect.stringContaining('head.weight, which no node reads')]);
    const kept = await bittrue('check', path, '--length', 'rows=4', '--unused', 'keep');
    expect([kept.status, kept.err]).toEqual([0, '']);
    expect(kept.out).toContain('Weights that no node reads (1): head.weight');
  });

  it('tells mistakes in a line, exit 2', async () => {
    const path = model();
    const refused = async (...args: string[]) => {
      const { status, err } = await bittrue('check', path, ...args);
      return [status, err.split('\n').length, err];
    };
    expect(await refused()).toEqual([2, 2, expect.stringContaining('no length of rows')]);
    expect(await refused('--length', 'rows=x')).toEqual([2, 2, expect.stringContaining('--length')]);
    expect(await refused('--length', 'rows=4', '--kernels', 'norm')).toEqual([
      2,
      2,
      expect.stringContaining('--kernels'),
    ]);
    expect(await refused('--length', 'rows=4', '--kernels', 'softmax')).toEqual([
      2,
      2,
      expect.stringContaining('no softmax'),
    ]);
    expect(await refused('--length', 'rows=4', '--fail-on', 'zz')).toEqual([
      2,
      2,
      expect.stringContaining('--fail-on'),
    ]);
    expect(await refused('--input', 'y=absent.npy')).toEqual([2, 2, expect.stringContaining('--input')]);
    expect(await refused('--slanc', 'residual')).toEqual([2, 2, expect.stringContaining('--slanc')]);
    expect(await refused('--length', 'rows=4', '--length', 'rows=5')).toEqual([
      2,
      2,
      expect.stringContaining('--length'),
    ]);
    expect(await refused('--length', 'rows=4', '--unused', 'drop')).toEqual([
      2,
      2,
      expect.stringContaining('--unused'),
    ]);
    writeFileSync(path, 'no model');
    expect(await refused()).toEqual([2, 2, expect.stringContaining('m.onnx')]);
  });
});
