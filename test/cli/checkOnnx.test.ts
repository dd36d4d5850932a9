import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/run.ts';
import { float32, int32, onnxFile, type Stored } from '../models/onnxFile.ts';
import { folder, npy, zipOf } from './helpers.ts';

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
        w: float32(
          [8, 2],
          Array.from({ length: 16 }, (_, i) => 30_000 - 1000 * i),
        ),
        ...more,
      },
      outputs: ['y'],
    }),
  );
  return path;
}

describe('bittrue slanc model.onnx', () => {
  it('gives scales where the blocks are known, reasons where not, and exits by that', async () => {
    const path = join(folder(), 'slanc.onnx');
    const eye = float32([2, 2], [1, 0, 0, 1]);
    const node = (op: string, inputs: string[], output: string) => ({ op, name: output, inputs, outputs: [output] });
    const file = (last: readonly ReturnType<typeof node>[]) =>
      onnxFile({
        inputs: [['ids', 7, ['n']]],
        nodes: [
          node('Gather', ['table', 'ids'], 'rows'),
          node('RMSNormalization', ['rows', 'g'], 'first'),
          node('MatMul', ['first', 'w'], 'h'),
          node('Relu', ['h'], 'a'),
          node('MatMul', ['a', 'w'], 'm'),
          node('Add', ['rows', 'm'], 's'),
          ...last,
        ],
        constants: { table: eye, w: float32([2, 2], [3, 0, 0, 1]), g: float32([2], [1, 1]) },
        outputs: [(last.at(-1) as ReturnType<typeof node>).outputs[0] as string],
      });
    writeFileSync(path, file([node('RMSNormalization', ['s', 'g'], 'second')]));
    const found = await bittrue('slanc', path);
    expect([found.status, found.err]).toEqual([0, '']);
    // ‖W W Γ‖_F = √(81 + 1).
    expect(JSON.parse(found.out).norms[1]).toMatchObject({ position: 'mlp', fedBy: 'first', alpha: Math.sqrt(82) });
    writeFileSync(path, file([node('Sin', ['s'], 'wave'), node('RMSNormalization', ['wave', 'g'], 'second')]));
    const open = await bittrue('slanc', path, '--table');
    expect([open.status, open.err]).toEqual([1, expect.stringContaining('1 of 2 norms have no scale')]);
    expect(open.out).toContain('second has no scale: Sin (wave) feeds it');
  });
});

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

  it('takes inputs of any type from .npz and .npy, and writes a page', async () => {
    const path = model();
    const files = folder();
    // NumPy's own: x of binary32, by savez_compressed.
    const x = Float64Array.from({ length: 8 }, (_, i) => (i % 2 ? 795 : -795));
    writeFileSync(join(files, 'x.npy'), npy(x, [1, 8]));
    writeFileSync(join(files, 'x.npz'), zipOf({ 'x.npy': npy(x, [1, 8]) }));
    writeFileSync(join(files, 'other.npz'), zipOf({ 'y.npy': npy(x, [1, 8]) }));
    const html = join(files, 'page.html');
    const single = await bittrue('check', path, '--input', `x=${join(files, 'x.npy')}`, '--csv');
    const archive = await bittrue('check', path, '--input', join(files, 'x.npz'), '--csv', '--html', html);
    expect([archive.status, archive.out]).toEqual([1, single.out]);
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('<tr class="failed"><td>block/norm</td>');
    expect(page).toContain('fp16 fails in 1 of 1 node, first in block/norm.');
    expect((await bittrue('check', path, '--input', join(files, 'other.npz'))).err).toContain('other.npz: y');
    writeFileSync(html, 'mine');
    const refused = await bittrue('check', path, '--input', join(files, 'x.npz'), '--html', html);
    expect([refused.status, readFileSync(html, 'utf8')]).toEqual([2, 'mine']);
  });

  it('finds the nodes that must stay in binary32', async () => {
    const path = model();
    const file = join(folder(), 'x.npy');
    writeFileSync(
      file,
      npy(
        Float64Array.from({ length: 8 }, (_, i) => (i % 2 ? 795 : -795) + i),
        [1, 8],
      ),
    );
    const { status, out } = await bittrue(
      'check',
      path,
      '--input',
      `x=${file}`,
      '--bisect',
      '0.5',
      '--kernels',
      'norms',
    );
    expect(status).toBe(1);
    expect(out).toContain('verdict: 1 node must stay on fp32: no smaller set will do (');
    const none = await bittrue('check', path, '--length', 'rows=4', '--bisect', '0.5', '--target', 'fp32', '--json');
    expect([none.status, JSON.parse(none.out).verdict]).toEqual([0, 'nothing']);
    const wrong = async (...args: string[]) => (await bittrue('check', path, '--length', 'rows=4', ...args)).err;
    const unit = { name: 'fp32:vector', verified: 'definition', confidence: expect.any(String) };
    expect(JSON.parse(none.out).units).toEqual([unit]);
    const words = await bittrue('check', path, '--length', 'rows=4', '--bisect', '0.5', '--target', 'h100:f16');
    expect(words.err).toBe('');
    expect(words.out).toContain('on h100:vectorF16, a vector unit: computes in binary16');
    expect(words.out).toContain('products on h100:f16, known by: silicon');
    expect(await wrong('--bisect', '-1')).toContain('--bisect');
    expect(await wrong('--bisect', '1', '--csv')).toContain('--csv');
    expect(await wrong('--bisect', '1', '--target', 'fp16', '--target', 'bf16')).toContain('one target with --bisect');
    expect(await wrong('--force')).toContain('--html with it');
  });

  it('says which targets have a unit of products, where one has several and none was named', async () => {
    const path = join(folder(), 'product.onnx');
    writeFileSync(
      path,
      onnxFile({
        inputs: [['x', 1, [2, 2]]],
        nodes: [
          { op: 'MatMul', name: 'linear', inputs: ['x', 'w'], outputs: ['p'] },
          { op: 'Softmax', name: 'shares', inputs: ['p'], outputs: ['y'] },
        ],
        constants: { w: float32([2, 2], [1, 2, 3, 4]) },
        outputs: ['y'],
      }),
    );
    for (const more of [[], ['--bisect', '0.1']]) {
      const refused = await bittrue('check', path, '--kernels', 'all', '--target', 'h100', ...more);
      expect(refused.status).toBe(2);
      expect(refused.err).toContain('bittrue: --target: expected a unit for products with it, as linear needs one');
      expect(refused.err).toContain('did you mean h100:f16, h100:bf16');
      expect(refused.err).not.toContain('options');
    }
    // A kernel that multiplies nothing needs no such unit, nor does a chip that has one by default.
    expect((await bittrue('check', path, '--kernels', 'softmax', '--target', 'h100')).status).toBe(0);
    expect((await bittrue('check', path, '--kernels', 'all', '--target', 'h100:f16')).status).toBe(0);
  });

  it('checks beside a runtime what it does not evaluate: an unknown operator, a branch that the data decide', async () => {
    const half = { graph: { nodes: [{ op: 'Mul', inputs: ['r', 'h'], outputs: ['p'] }], outputs: ['p'] } };
    const whole = { graph: { nodes: [{ op: 'Identity', inputs: ['r'], outputs: ['p'] }], outputs: ['p'] } };
    const path = join(folder(), 'if.onnx');
    const file = onnxFile({
      inputs: [['x', 1, [1, 2, 4, 4]]],
      nodes: [
        {
          op: 'CropAndResize',
          domain: 'com.microsoft',
          name: 'responses',
          inputs: ['x', 'rois', 'batches', 'size'],
          outputs: ['r'],
        },
        { op: 'ReduceMax', inputs: ['r'], outputs: ['top'], attributes: { keepdims: 0n } },
        { op: 'Greater', inputs: ['top', 'h'], outputs: ['large'] },
        {
          op: 'If',
          name: 'choice',
          inputs: ['large'],
          outputs: ['c'],
          attributes: { then_branch: half, else_branch: whole },
        },
        { op: 'MatMul', name: 'linear', inputs: ['c', 'w'], outputs: ['y'] },
      ],
      constants: {
        rois: float32([1, 4], [0, 0, 1, 1]),
        batches: int32([0]),
        size: int32([4, 4]),
        h: float32([], [0.5]),
        w: float32([4, 1], [1, -2, 3, 70_000]),
      },
      outputs: [['y', 1, [1, 2, 4, 1]]],
    });
    writeFileSync(path, file);
    const alone = await bittrue('check', path, '--kernels', 'matmul');
    expect(alone.status).toBe(2);
    expect(alone.err).toContain('com.microsoft.CropAndResize (responses)');
    const beside = await bittrue('check', path, '--kernels', 'matmul', '--companion', 'onnxruntime-web', '--json');
    expect([beside.status, beside.err]).toEqual([1, '']);
    const { runs, unchecked, units } = JSON.parse(beside.out);
    expect(runs).toMatchObject([{ node: 'linear', first: { kind: 'overflow', stage: 'load' } }]);
    expect(unchecked).toEqual(['choice']);
    expect(units).toMatchObject([{ name: 'fp16:vector', verified: 'definition' }]);
    const told = await bittrue('check', path, '--kernels', 'matmul', '--companion', 'onnxruntime-web');
    expect(told.out).toContain('Not checked: the nodes within these, whose course a run decides (1): choice');
    const other = await bittrue('check', path, '--companion', 'left-pad');
    expect([other.status, other.err]).toMatchObject([
      2,
      expect.stringContaining('onnxruntime-web or onnxruntime-node'),
    ]);
    const absent = await bittrue('check', path, '--companion', 'onnxruntime-node');
    expect([absent.status, absent.err]).toMatchObject([2, expect.stringContaining('npm install onnxruntime-node')]);
  });

  it('holds every node against limits', async () => {
    const path = model();
    const asked = (...limits: string[]) =>
      bittrue('check', path, '--length', 'rows=4', '--kernels', 'norms,matmul', '--target', 'fp32', ...limits);
    const met = await asked('--min-sqnr', '60', '--max-lost', '1', '--max-ulp', '1e6', '--min-headroom', '1');
    expect([met.status, met.err]).toEqual([0, '']);
    const missed = await asked('--min-sqnr', '400');
    expect(missed.status).toBe(1);
    expect(missed.out).toMatch(/^missed: SQNR .* dB, at least 400 dB asked for in [12] nodes?, worst in block\//m);
    const told = await asked('--max-ulp', '0', '--json');
    expect(told.status).toBe(1);
    const data = JSON.parse(told.out);
    expect(data.limits).toEqual({ maxUlp: 0 });
    expect(data.missed.map(({ site }: { site: string }) => site)).toContain('block/linear');
    const none = await bittrue('check', path, '--length', 'rows=4', '--kernels', 'matmul', '--max-lost', '0.5');
    expect([none.status, none.err]).toMatchObject([2, expect.stringContaining('--max-lost: expected a norm')]);
    const both = await bittrue('check', path, '--length', 'rows=4', '--bisect', '1', '--min-sqnr', '3');
    expect([both.status, both.err]).toMatchObject([2, expect.stringContaining('--bisect')]);
  });

  it('tells what is new since a baseline, and takes no baseline of another kind', async () => {
    const path = model();
    const earlier = join(folder(), 'earlier.json');
    const input = (name: string, factor: number) => {
      const file = join(folder(), name);
      const data = Float64Array.from({ length: 8 }, (_, i) => (i % 2 ? factor : -factor));
      writeFileSync(file, npy(data, [1, 8]));
      return ['--input', `x=${file}`];
    };
    const fine = await bittrue('check', path, ...input('small.npy', 2), '--json');
    expect(fine.status).toBe(0);
    writeFileSync(earlier, fine.out);
    const same = await bittrue('check', path, ...input('small.npy', 2), '--baseline', earlier);
    expect([same.status, same.err]).toEqual([0, '']);
    const worse = await bittrue('check', path, ...input('large.npy', 795), '--baseline', earlier);
    expect(worse.status).toBe(1);
    expect(worse.out).toMatch(/block\/norm.*overflow/);
    const known = join(folder(), 'known.json');
    writeFileSync(known, (await bittrue('check', path, ...input('large.npy', 795), '--json')).out);
    const again = await bittrue('check', path, ...input('large.npy', 795), '--baseline', known);
    expect(again.status).toBe(0);
    writeFileSync(known, '{"schema":"check-rows/1"}');
    const wrong = await bittrue('check', path, ...input('small.npy', 2), '--baseline', known);
    expect(wrong.status).toBe(2);
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
