/** The playground does what the library does. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { e8m0fnu, parseBlock } from '../../dist/formats/index.js';
import { explain, parseFormat } from '../../dist/index.js';
import { dequantizeBlocks, quantizeBlocks } from '../../dist/quantization/index.js';
import { decode } from '../../dist/rounding/index.js';
import { defineSweep, runCell } from '../../dist/sweeps/index.js';
import { distinguish, traceSum } from '../../dist/testing/index.js';
import { open, text, values } from './browser.mjs';

let site;
before(async () => {
  site = await open();
});
after(() => site.close());

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
  // The address follows a moment later.
  await page.waitForURL(/0xb400/);
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

test('a block that is pointed at, focused or tapped tells its scale, codes and what was lost', async () => {
  const given = [0.02, -0.3, 1.7, 6.1, 0.4, -2.2, 0.9, 12, ...new Array(24).fill(1), 100, 1];
  const { page, problems, leave } = await site.visit(`number.html#v=${given.join(',')}`, { height: 2600 });
  const blocks = quantizeBlocks(
    { data: Float64Array.from([...given, ...new Array(30).fill(0)]), shape: [1, 64] },
    parseBlock('mxfp4'),
  );
  const kept = dequantizeBlocks(blocks);
  const card = (n) => page.locator(`[data-block="${n}"] [data-card]`);
  await page.hover('[data-block="0"] button');
  assert.ok(await card(0).isVisible());
  const told = await card(0).textContent();
  assert.ok(
    told.includes(`scale ${decode(e8m0fnu, blocks.scaleCodes[0])}, code 0x${blocks.scaleCodes[0].toString(16)}`),
    told,
  );
  const cells = await card(0)
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.cells].map((one) => one.textContent)));
  assert.deepEqual(
    cells.map(([, code, value]) => [code, value]),
    given
      .slice(0, 32)
      .map((_, i) => [`0x${blocks.codes[i].toString(16)}`, Object.is(kept[i], -0) ? '-0' : String(kept[i])]),
  );
  assert.equal(cells[0][3], '0.02, lost');
  // The pointer may go into the card; elsewhere it closes.
  await card(0).hover();
  assert.ok(await card(0).isVisible());
  await page.hover('h1');
  assert.ok(await card(0).isHidden());
  await page.focus('[data-block="0"] button');
  assert.ok(await card(0).isVisible());
  await page.keyboard.press('Escape');
  assert.ok(await card(0).isHidden());
  await page.focus('[data-block="1"] button');
  assert.match(await card(1).textContent(), /1 *0x0 *0 *1, lost/);
  await page.focus('[data-input=values]');
  assert.ok(await card(1).isHidden());
  await page.dispatchEvent('[data-block="1"] button', 'click');
  assert.ok(await card(1).isVisible());
  await leave();
  assert.deepEqual(problems, []);
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
  // Units whose operands differ are compared too, but there is nothing to search for.
  await page.selectOption('[data-input=l]', 'b200:mxfp8');
  await page.fill('[data-input=p]', '2^-3');
  const { a, b, c } = found;
  const scales = { scaleA: [2 ** -3], scaleB: [1] };
  const [p, q] = [traceSum('b200:mxfp8', { a, b, c, ...scales }), traceSum('a100:f16', { a, b, c })];
  assert.deepEqual(
    await values(page, '[data-side] .value span'),
    [p, q].map(({ code, format }) => `${code} of ${format}`),
  );
  assert.ok(await page.locator('[data-action=smallest]').isDisabled());
  await page.selectOption('[data-input=r]', 'rtxBlackwell:mxfp8');
  assert.ok(await page.locator('[data-action=smallest]').isEnabled());
  await page.selectOption('[data-input=k]', 'orders');
  assert.match(await text(page, '[data-verdict]'), /Different|The same/);
  await page.selectOption('[data-input=k]', 'formats');
  assert.equal(await page.locator('[data-rows] tbody tr').count(), 5);
  await leave();
  assert.deepEqual(problems, []);
});

test('the steps are those of the library’s trace', async () => {
  for (const [target, a, b, c, p = [], q = []] of [
    ['v100:f16', [1, 2 ** -12, -1, 0.5, 3, 2 ** -14], [1, 2 ** -13, 1, 2 ** -24, 2 ** -3, 2 ** -14], 2 ** -10],
    ['mi300:f16', [1, 2 ** -12, -1, 0.5, 3], [1, 2 ** -13, 1, 2 ** -10, 0.125], 0],
    ['h100:vectorF16', [2048, 1, 1, -2048], [1, 1, 1, 1], 0],
    ['b200:mxfp8', [1, 0.5, -1, 448], [3, 2 ** -6, 1, 0.875], 2 ** -9, [2 ** 5], [3]],
    ['b200:nvfp4', [...new Array(16).fill(0), 1, 6, -0.5], [...new Array(16).fill(0), 3, 4, 0.1], 0, [2, 0.3]],
  ]) {
    const hash = `t=${target}&a=${a.join(',')}&b=${b.join(',')}&c=${c}&p=${p}&q=${q}`;
    const { page, problems, leave } = await site.visit(`steps.html#${hash}`);
    // Scales that are not typed are 1.
    const filled = (scales) => [...scales, ...new Array(p.length).fill(1)].slice(0, p.length);
    const told = traceSum(target, { a, b, c, ...(p.length === 0 ? {} : { scaleA: filled(p), scaleB: filled(q) }) });
    assert.equal(await page.locator('[data-scales]').count(), p.length === 0 ? 0 : 1, target);
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

test('the table of registers is the library’s sweep, its answer stands first, and both follow the slider', async () => {
  const list = 'int12..int24:saturate';
  const { page, problems, leave } = await site.visit(`accumulator.html#a=${list}&o=sequential&w=64`);
  for (const width of [64, 80]) {
    const data = { name: `normal ${width}`, rows: 16, width, inputs: { kind: 'normal' }, weights: { kind: 'normal' } };
    const grid = { kernels: ['dot'], data: [data], formats: ['int8'], accumulators: [list], orders: ['sequential'] };
    const sweep = defineSweep({ ...grid, fit: 'max' });
    const cells = Array.from({ length: sweep.cells }, (_, i) => runCell(sweep, i));
    const [here, always] = [(one) => one.overflowRate === 0, (one) => one.verdict === 'proved'].map(
      (holds) => cells.find(holds).accumulator,
    );
    assert.notEqual(here, always);
    await page.waitForFunction(
      ([told, verdicts]) =>
        document.querySelector('[data-answer]')?.textContent === told &&
        [...document.querySelectorAll('[data-cells] td:last-child')].map((one) => one.textContent).join() === verdicts,
      [
        `sequential: ${here} holds these sums, ${always} those of every input`,
        cells.map(({ verdict }) => verdict).join(),
      ],
    );
    await page.focus('[data-input=w]');
    await page.keyboard.press('ArrowRight');
  }
  await leave();
  assert.deepEqual(problems, []);
});

test('what makes no sense is told in words', async () => {
  const own = (json) => `j=${encodeURIComponent(JSON.stringify(json))}`;
  const wanted = {
    'number.html': [
      ['x=', /type a number/],
      ['f=float:e9m60', /float:e9m60: mantissaBits: expected an integer in 0…51/],
      ['b=block:e2m1fn;size=1000000000', /this page shows at most 1024/],
      ['v=', /type numbers/],
    ],
    'two.html': [
      ['a=1&b=1,2', /a has 1 number, b has 2/],
      ['k=other', /compare chips, orders or formats/],
      ['l=b200:mxfp8&p=1,2', /1 of the blocks of 32; there are 2 scales/],
    ],
    'steps.html': [
      ['a=&b=', /type numbers/],
      ['v=other', /is none of dot/],
      ['v=online&w=0', /a whole number from 1/],
    ],
    'kernel.html': [
      ['w=1e9', /width: a whole number/],
      ['s=abc', /size: a finite number/],
      ['k=layerNorm&e=mirror', /no cure of layerNorm/],
      ['d=pasted&p=', /paste numbers/],
      ['j=abc', /the target is no JSON/],
      [own({ name: 'mine', foo: 1 }), /target\.foo: expected one of name/],
      ['k=attention&t=b200:mxfp8&i=0&m=4', /without block scales/],
    ],
    'accumulator.html': [['a=foo', /expected one of binary32/]],
  };
  for (const [path, states] of Object.entries(wanted)) {
    const { page, problems, leave } = await site.visit(path);
    for (const [hash, words] of states) {
      await page.evaluate((to) => {
        location.hash = to;
      }, hash);
      await page.waitForFunction(
        (source) => [...document.querySelectorAll('.problem')].some((one) => new RegExp(source).test(one.textContent)),
        words.source,
      );
    }
    if (path === 'kernel.html') {
      await page.evaluate(() => {
        location.hash = 'd=pasted&p=NaN,1e39,1';
      });
      await page.waitForSelector('[data-odd]');
      assert.match(await text(page, '[data-odd]'), /^2 of the numbers given are no finite binary32 numbers/);
    }
    await leave();
    assert.deepEqual(problems, [], path);
  }
});
