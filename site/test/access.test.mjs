/** Pages can be read and used by everyone: contrast, names, keyboard, a phone; and they are small. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { open } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const playground = [
  'number.html',
  'two.html',
  'steps.html',
  'steps.html#v=layerNorm',
  'kernel.html',
  'accumulator.html',
];
const others = ['index.html', 'getting-started.html', 'list-kernels.html'];
let site;
before(async () => {
  site = await open();
});
after(() => site.close());

test('axe finds no serious fault, in light and dark', async () => {
  const faults = [];
  for (const path of [...playground, ...others]) {
    for (const dark of [false, true]) {
      const { page, leave } = await site.visit(path, { dark });
      await page.waitForTimeout(400);
      await page.evaluate(() => {
        for (const one of document.querySelectorAll('.playground details')) one.open = true;
      });
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => axe.run());
      for (const { id, impact, nodes } of violations) {
        if (['serious', 'critical'].includes(impact))
          faults.push(`${path}${dark ? ' dark' : ''}: ${id}, ${nodes[0].html.slice(0, 160)}`);
      }
      await leave();
    }
  }
  assert.deepEqual(faults, []);
});

test('a phone scrolls up and down only', async () => {
  const wide = [];
  for (const path of [...playground, ...others, 'formats.html']) {
    const { page, leave } = await site.visit(path, { width: 375, height: 740 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > 375) wide.push(`${path}: ${width}`);
    await leave();
  }
  assert.deepEqual(wide, []);
});

test('the keyboard is enough', async () => {
  const { page, leave } = await site.visit('number.html#x=1');
  await page.focus('[data-input=x]');
  const focused = () =>
    page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent);
  let seen = '';
  for (let n = 0; n < 12 && seen !== 'sign bit 15: 0'; n++) {
    await page.keyboard.press('Tab');
    seen = await focused();
  }
  assert.equal(seen, 'sign bit 15: 0');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('[data-format=binary16] [data-value]').textContent(), '-1');
  // Every control of every page is one that a keyboard reaches.
  for (const path of playground) {
    await page.goto(`${site.address}${path}`);
    await page.waitForSelector('.playground');
    const unreachable = await page.evaluate(() =>
      [...document.querySelectorAll('.playground [onclick], .playground [tabindex="-1"]')].map((one) =>
        one.outerHTML.slice(0, 99),
      ),
    );
    assert.deepEqual(unreachable, [], path);
  }
  await leave();
});

test('the first load of a page of the playground is below 400 kB of gzip', async () => {
  const sizes = {};
  for (const path of ['number.html', 'two.html', 'steps.html', 'kernel.html', 'accumulator.html']) {
    const { page, leave } = await site.visit('404.html');
    const loaded = [];
    page.on('response', async (response) => loaded.push(response.body().then((body) => gzipSync(body).length)));
    await page.goto(`${site.address}${path}`, { waitUntil: 'networkidle' });
    sizes[path] = (await Promise.all(loaded)).reduce((sum, size) => sum + size, 0);
    await leave();
  }
  console.log(sizes);
  for (const [path, size] of Object.entries(sizes)) assert.ok(size < 400_000, `${path}: ${size}`);
});
