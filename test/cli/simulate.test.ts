import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { float32, onnxFile } from '../models/onnxFile.ts';
import { finished, npy } from './helpers.ts';

const path = mkdtempSync(join(tmpdir(), 'bittrue-test-'));
afterAll(() => rmSync(path, { recursive: true, force: true }));
const file = (name: string, content: string | Uint8Array): string => {
  const at = join(path, name);
  writeFileSync(at, content);
  return at;
};
const text = file('text.txt', 'And God said');
const tokens = file(
  'tokens.json',
  JSON.stringify({
    sequences: [
      [65, 110, 100, 32],
      [71, 111, 100],
    ],
  }),
);
const onnx = file(
  'm.onnx',
  onnxFile({
    inputs: [['x', 1, ['rows', 4]]],
    nodes: [{ op: 'MatMul', name: 'y', inputs: ['x', 'w'], outputs: ['y'] }],
    constants: { w: float32([4, 2], [1, 2, 3, 4, 5, 6, 7, 8]) },
    outputs: ['y'],
  }),
);

/** One layer of the embedded model on a few tokens, as data. */
async function simulated(...flags: string[]) {
  const { status, out, err } = await finished('simulate', '--layers', '1', '--json', ...flags);
  expect(err).toBe('');
  return { status, found: JSON.parse(out) };
}
/** What is told of a mistake, and its exit status. */
async function refused(...flags: string[]): Promise<string> {
  const { status, out, err } = await finished('simulate', ...flags);
  expect([status, out]).toEqual([2, '']);
  return err;
}
const short = ['--text', text, '--target', 'fp16'];

describe('bittrue simulate', () => {
  it('runs targets, units and plans side by side', async () => {
    const epilogue = { output: { format: 'binary16' } };
    const plan = file('plan.json', JSON.stringify({ name: 'plan', target: 'a100:f16', epilogue }));
    const { status, found } = await simulated('--tokens', tokens, '--target', 'h100:f16', '--target', plan);
    expect(status).toBe(0);
    expect(found.predictions).toBe(5);
    expect(found.model.layers).toBe(1);
    const [chip, own] = found.targets;
    expect([chip.name, chip.unit, chip.epilogue]).toEqual(['h100:f16', 'f16', null]);
    expect([own.name, own.unit, own.attentionUnit]).toEqual(['plan', 'gemm', 'f16']);
    expect(own.epilogue).toEqual(epilogue);
  });

  it('takes the recipe of weights, the format of the cache, units, tiles, sequences, and asks for headroom', async () => {
    const { found } = await simulated(
      ...[
        '--tokens',
        tokens,
        '--sequences',
        '1',
        '--target',
        'h100:fp8Wgmma',
        '--weights',
        'mxfp4',
        '--cache',
        'e4m3fn',
      ],
      ...['--vector-unit', 'vectorF32', '--attention-unit', 'bf16', '--tile', '2', '--headroom'],
    );
    expect([found.weights, found.cache, found.predictions]).toEqual(['mxfp4', 'e4m3fn', 3]);
    const [chip] = found.targets;
    expect([chip.vectorUnit, chip.attentionUnit]).toEqual(['vectorF32', 'bf16']);
    const attention = chip.nodes.find(({ op }: { op: string }) => op === 'Attention');
    expect(attention.kernels).toEqual(['keys', 'values', 'attention']);
    expect(attention.headroom.bits).toBeGreaterThan(0);
  });

  it('prints a table, lines, plots; and writes a page and a plot, again only by force', async () => {
    const [page, plot] = [join(path, 'page.html'), join(path, 'plot.svg')];
    const all = await finished('simulate', '--layers', '1', ...short, '--plot', '--html', page, '--svg', plot);
    expect(all.status).toBe(0);
    expect(all.out).toContain('Perplexity in binary64');
    expect([existsSync(page), readFileSync(plot, 'utf8').startsWith('<svg')]).toEqual([true, true]);
    file('page.html', 'mine');
    expect(await refused(...short, '--html', page)).toContain('--html');
    const forced = await finished('simulate', '--layers', '1', ...short, '--csv', '--html', page, '--force');
    expect([forced.status, readFileSync(page, 'utf8').startsWith('<!')]).toEqual([0, true]);
    expect(forced.out.split('\n')[0]).toContain('node');
  });

  it('runs a graph on inputs from files or at random, and exits by what it finds', async () => {
    const x = file('x.npy', npy(Float64Array.of(1, 1, 1, 70_000), [1, 4]));
    const run = async (...flags: string[]) => finished('simulate', onnx, '--target', 'fp16', '--json', ...flags);
    const given = await run('--input', `x=${x}`);
    expect(given.status).toBe(1);
    expect(JSON.parse(given.out).targets[0].first.event.kind).toBe('overflow');
    const random = await run('--length', 'rows=3', '--seed', '5');
    expect([random.status, JSON.parse(random.out).inputs.x]).toEqual([0, [3, 4]]);
    expect((await run('--length', 'rows=3', '--seed', '6')).out).not.toBe(random.out);
    expect((await finished('simulate', onnx, '--target', 'fp16', '--length', 'rows=3', '--csv')).out).toContain('node');
  });

  it('refuses what it cannot mean, and names the flag', async () => {
    const missing = await finished('simulate');
    expect([missing.status, missing.err.includes('--target')]).toEqual([2, true]);
    const by = (...flags: string[]) => refused('--text', text, ...flags);
    for (const [flag, ...flags] of [
      ['h100', '--target', 'h100'],
      ['fp17', '--target', 'fp17'],
      ['once', '--target', 'fp16', '--target', 'fp16'],
      ['zzz', '--target', 'fp16', '--weights', 'zzz'],
      ['--cache', '--target', 'fp16', '--cache', 'zzz'],
      ['zzz', '--target', 'fp16', '--vector-unit', 'zzz'],
      ['zzz', '--target', 'h100:f16', '--attention-unit', 'zzz'],
      ['--tile', '--target', 'fp16', '--tile', '0'],
      ['--tile', '--target', 'fp16', '--tile', '1.5'],
      ['--layers', '--target', 'fp16', '--layers', '9'],
      ['--sequences', '--target', 'fp16', '--sequences', '0'],
      ['--tokens', '--target', 'fp16', '--tokens', tokens],
      ['--csv', '--target', 'fp16', '--csv', '--json'],
      ['--force', '--target', 'fp16', '--force'],
      ['--svg', '--target', 'fp16', '--svg', `${path}/`],
      ['--input', '--target', 'fp16', '--input', 'x=x.npy'],
      ['--length', '--target', 'fp16', '--length', 'rows=2'],
      ['--seed', '--target', 'fp16', '--seed', '1'],
    ] as const) {
      expect(await by(...flags)).toContain(flag);
    }
    const plan = (epilogue: object) => file('bad.json', JSON.stringify({ name: 'p', target: 'h100:f16', epilogue }));
    expect(await by('--target', plan({ alpha: 2 }))).toContain('epilogue.alpha');
    for (const flag of ['--text', '--tokens', '--sequences', '--layers', '--html', '--svg']) {
      expect(await refused(onnx, '--target', 'fp16', flag, '1')).toContain(flag);
    }
    expect(await refused(onnx, '--target', 'fp16', '--plot')).toContain('--plot');
    expect(await refused(onnx, '--target', 'fp16', '--length', 'zzz=2')).toContain('zzz');
    expect(await refused(onnx, '--target', 'fp16', '--input', 'z=z.npy')).toContain('z');
    expect(await refused(join(path, 'nowhere'), '--target', 'fp16')).toContain('nowhere');
  });
});
