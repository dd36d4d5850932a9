import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeNpy, writeSafetensors } from '../../src/files/index.ts';
import { compareRecipes } from '../../src/quantization/index.ts';
import { compareEmulated } from '../../src/studies/index.ts';
import { finished as bittrue, folder } from './helpers.ts';

const weight = Float64Array.from({ length: 64 }, (_, i) => Math.fround(Math.sin(i) / (1 + (i % 7))));

/** A weight, rows that go into it, and a file of two tensors. */
function files() {
  const own = folder();
  const [npy, inputs, model] = ['w.npy', 'x.npy', 'm.safetensors'].map((name) => join(own, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(npy, writeNpy({ data: weight, shape: [4, 16] }));
  writeFileSync(inputs, writeNpy({ data: weight.subarray(0, 32), shape: [2, 16] }));
  const gamma = Float32Array.from({ length: 16 }, (_, i) => 1 - i / 1000);
  writeFileSync(
    model,
    writeSafetensors({
      'a.weight': { data: Float32Array.from(weight), shape: [4, 16] },
      'b.gamma': { data: gamma, shape: [16] },
    }),
  );
  return { own, npy, inputs, model };
}

it('compares recipes on one tensor, with the outputs of inputs', async () => {
  const { npy, inputs } = files();
  const { status, out } = await bittrue(
    'recipes',
    npy,
    '--recipes',
    'mxfp4,nvfp4@fourOverSix',
    '--inputs',
    inputs,
    '--json',
  );
  expect(status).toBe(0);
  const { schema, tensors } = JSON.parse(out);
  expect(schema).toBe('recipe-comparison/1');
  expect(tensors).toHaveLength(1);
  const x = { data: weight, shape: [4, 16] };
  const wanted = compareRecipes(x, {
    recipes: ['mxfp4', 'nvfp4@fourOverSix'],
    inputs: { data: weight.subarray(0, 32), shape: [2, 16] },
  });
  expect(tensors[0]).toEqual({ name: 'w', shape: [4, 16], isGamma: false, ...wanted });
});

it('takes every tensor of a file, those of a pattern, or one', async () => {
  const { model } = files();
  const all = await bittrue('recipes', model, '--recipes', 'mxfp4,nvfp4');
  expect(all.out).toContain('2 tensors, 80 numbers');
  expect(all.out).toContain('b.gamma (γ of a norm): 1 block by nvfp4');
  const csv = await bittrue('recipes', model, '--recipes', 'mxfp4,nvfp4', '--csv');
  expect(
    csv.out
      .trimEnd()
      .split('\n')
      .map((line) => line.split(',').slice(0, 2).join(' ')),
  ).toEqual(['tensor recipe', 'a.weight mxfp4', 'a.weight nvfp4', 'b.gamma mxfp4', 'b.gamma nvfp4']);
  const one = await bittrue('recipes', `${model}#b.gamma`, '--recipes', 'mxfp4');
  expect(one.out).toContain('b.gamma [16], 16 numbers');
  const matched = await bittrue('recipes', model, '--tensors', '*.gamma', '--recipes', 'mxfp4', '--csv');
  expect(matched.out.trimEnd().split('\n')).toHaveLength(2);
});

it('draws what every recipe reaches, on a page, as one plot, in the terminal', async () => {
  const { own, model } = files();
  const [html, svg] = [join(own, 'page.html'), join(own, 'plot.svg')];
  const { status, out } = await bittrue(
    ...['recipes', model, '--recipes', 'mxfp4,nvfp4', '--html', html, '--svg', `${svg}#2`, '--plot'],
  );
  expect(status).toBe(0);
  expect(out).toContain('mxfp4: exponents of 80 numbers');
  expect(readFileSync(html, 'utf8')).toMatch(/content="bittrue recipes"[\s\S]*b\.gamma \(γ of a norm\)/);
  expect(readFileSync(svg, 'utf8')).toMatch(/^<svg [\s\S]*nvfp4: exponents of 80 numbers/);
});

it('takes captured layers, each beside its weight, and products on the codes of a chip beside emulated ones', async () => {
  const { own, inputs } = files();
  const [acts, model] = [join(own, 'acts.safetensors'), join(own, 'model.safetensors')];
  const x = { data: Float32Array.from({ length: 64 }, (_, i) => Math.cos(i)), shape: [2, 32] };
  const matrix = { data: Float32Array.from({ length: 96 }, (_, i) => Math.sin(i * i)), shape: [3, 32] };
  const kernels = { 'a.input': { kernel: 'linear' } };
  const metadata = { bittrue: JSON.stringify({ schema: 'captured/1', kernels }) };
  writeFileSync(acts, writeSafetensors({ 'a.input': x }, { metadata }));
  writeFileSync(model, writeSafetensors({ 'a.weight': matrix }));
  const flags = ['--model', model, '--recipes', 'nvfp4', '--target', 'b200:nvfp4', '--target', 'b200:mxfp4'];
  const { tensors, emulated } = JSON.parse((await bittrue('recipes', acts, ...flags, '--json')).out);
  expect(tensors.map((one: { name: string; rows: unknown[] }) => [one.name, one.rows[0]])).toEqual([
    ['a.input', compareRecipes(x, { recipes: ['nvfp4'], inputs: matrix }).rows[0]],
    ['a.weight', compareRecipes(matrix, { recipes: ['nvfp4'], inputs: x }).rows[0]],
  ]);
  const wanted = (['b200:nvfp4', 'b200:mxfp4'] as const).map((target) =>
    compareEmulated('a.weight', x, matrix, { target }),
  );
  expect(emulated).toEqual(JSON.parse(JSON.stringify(wanted, (_, v) => (v === Infinity ? 'Infinity' : v))));
  expect((await bittrue('recipes', acts, ...flags)).out).toMatch(/b200:nvfp4 +a\.weight/);
  for (const [args, text] of [
    [[...flags, '--inputs', inputs], '--inputs'],
    [[...flags, '--csv'], '--target'],
    [['--target', 'b200:nvfp4'], '--target: expected --inputs or --model'],
    [[...flags, '--target', 'b200:bf16'], 'under scales'],
  ] as const) {
    const { status, err } = await bittrue('recipes', acts, ...args);
    expect({ args, status }).toEqual({ args, status: 2 });
    expect(err).toContain(text);
  }
});

it('refuses what it cannot compare, with exit code 2', async () => {
  const { own, npy, inputs, model } = files();
  const odd = join(own, 'odd.safetensors');
  writeFileSync(odd, writeSafetensors({ odd: { data: Float32Array.of(1, Infinity), shape: [2] } }));
  for (const [args, wanted] of [
    [[npy, '--recipes', 'mxfp4@zzz'], '--recipes: expected mxfp4@ and one of'],
    [[npy, '--csv', '--json'], '--csv'],
    [[model, '--inputs', inputs], '--inputs: expected FILE#TENSOR'],
    [[model, '--tensors', 'zzz'], '--tensors: expected a tensor with numbers'],
    [[`${model}#a.weight`, '--tensors', '*'], '--tensors'],
    [[`${model}#a.weigth`], 'a.weight'],
    [[npy, '--inputs', model], 'm.safetensors#a.weight'],
    [[odd], 'odd[1]: expected a finite number'],
    [[join(own, 'nowhere.npy')], 'nowhere.npy'],
  ] as const) {
    const { status, err } = await bittrue('recipes', ...args);
    expect({ args, status }).toEqual({ args, status: 2 });
    expect(err.replace(/\s+/g, ' ')).toContain(wanted);
  }
});
