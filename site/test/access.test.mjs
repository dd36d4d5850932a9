/** Pages can be read and used by everyone: contrast, names, keyboard, a phone; and they are small. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
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
const others = ['index.html', 'getting-started.html', 'list-kernels.html', 'format-e2m1fn.html', 'target-armFp16.html'];
let site;
before(async () => {
  site = await open();
});
after(() => site.close());

/** No colour goes over into another: what axe measures is what stays. */
const still = '*, *::before, *::after { transition: none !important; animation: none !important; }';

test('axe finds no serious fault, in light and dark', async () => {
  const faults = [];
  for (const [i, path] of [...playground, ...others].entries()) {
    const { page, leave } = await site.visit(path);
    if (path === 'kernel.html') await page.waitForSelector('[data-error]');
    await page.addStyleTag({ content: still });
    await page.evaluate(() => {
      for (const one of document.querySelectorAll('.playground details')) one.open = true;
      document.querySelector('.block > button')?.click();
    });
    await page.evaluate(axe);
    for (const look of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: look });
      await page.waitForFunction(
        (dark) => document.documentElement.classList.contains('dark') === dark,
        look === 'dark',
      );
      // The frame around the contents is the same on every page, and only colours differ in the dark.
      const where = i === 0 ? undefined : { include: ['#VPContent'] };
      const rules = look === 'dark' ? ['color-contrast'] : null;
      const { violations } = await page.evaluate(
        ([context, only]) => axe.run(context ?? document, only === null ? {} : { runOnly: only }),
        [where, rules],
      );
      for (const { id, impact, nodes } of violations) {
        if (['serious', 'critical'].includes(impact))
          faults.push(`${path} ${look}: ${id}, ${nodes[0].html.slice(0, 160)}`);
      }
    }
    await leave();
  }
  assert.deepEqual(faults, []);
});

/** What a keyboard must reach, in the order of the page: numbered, so that what has the focus can be told. */
const number = () => {
  const all = [
    ...document.querySelectorAll('.playground :is(input, select, textarea, button, summary, [tabindex="0"])'),
  ];
  const shown = all.filter(
    (one) => !one.disabled && one.checkVisibility() && one.closest('details:not([open]) > :not(summary)') === null,
  );
  for (const [i, one] of shown.entries()) one.dataset.number = String(i);
  return shown.map((one) => one.outerHTML.slice(0, 99));
};

test('the keyboard reaches every control, in order, and moves every slider', async () => {
  for (const path of [...playground, 'kernel.html#k=attention&t=h100:f16&n=4&w=8&d=normal&m=8', 'number.html#x=1']) {
    const { page, problems, leave } = await site.visit(path);
    if (path.startsWith('kernel')) await page.waitForSelector('[data-error]');
    await page.evaluate(() => {
      for (const one of document.querySelectorAll('.playground details')) one.open = true;
    });
    const wanted = await page.evaluate(number);
    assert.ok(wanted.length > 5, path);
    // From the first control on: what is before it belongs to the page's frame.
    await page.evaluate(() => {
      window.seen = [];
      document.addEventListener('focusin', ({ target }) => {
        if (target.closest('[data-card]') === null) window.seen.push(Number(target.dataset.number ?? -1));
      });
    });
    await page.focus('[data-number="0"]');
    // A block's card opens with the focus, and holds one more place.
    const cards = await page.locator('[data-card]').count();
    for (let n = 1; n < wanted.length + cards; n++) await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => window.seen);
    const missed = wanted.filter((_, i) => !seen.includes(i));
    assert.deepEqual(missed, [], path);
    assert.deepEqual(
      seen,
      seen.toSorted((p, q) => p - q),
      path,
    );
    for (const slider of await page.locator('.playground input[type=range]').all()) {
      const was = await slider.inputValue();
      const isLast = was === (await slider.getAttribute('max'));
      await slider.focus();
      await page.keyboard.press(isLast ? 'ArrowLeft' : 'ArrowRight');
      assert.notEqual(await slider.inputValue(), was, `${path}: ${await slider.getAttribute('data-input')}`);
    }
    await leave();
    assert.deepEqual(problems, [], path);
  }
});

test('the keyboard flips bits, chooses and opens', async () => {
  const { page, leave } = await site.visit('number.html#x=1');
  await page.focus('[aria-label="sign bit 15: 0"]');
  await page.keyboard.press('Enter');
  const value = page.locator('[data-format=binary16] [data-value]');
  assert.equal(await value.textContent(), '-1');
  await page.focus('[data-format=binary16] [aria-label="sign bit 15: 1"]');
  await page.keyboard.press('Space');
  assert.equal(await value.textContent(), '1');
  await page.focus('.as-code summary');
  await page.keyboard.press('Enter');
  assert.ok(await page.locator('[data-code=typescript]').first().isVisible());
  await leave();
  const kernel = await site.visit('kernel.html');
  await kernel.page.focus('[data-input=k]');
  await kernel.page.keyboard.press('ArrowDown');
  await kernel.page.waitForFunction(() => location.hash === '#k=rmsNorm');
  await kernel.leave();
});

test('the first load of a page of the playground is below 400 kB of gzip', async () => {
  const sizes = {};
  for (const path of ['index.html', 'number.html', 'two.html', 'steps.html', 'kernel.html', 'accumulator.html']) {
    const before = site.sent.length;
    const { page, leave } = await site.visit(path);
    await page.waitForLoadState('networkidle');
    if (path === 'kernel.html') await page.waitForSelector('[data-error]');
    // All that was sent, to the page's threads too.
    sizes[path] = site.sent.slice(before).reduce((sum, { bytes }) => sum + bytes, 0);
    await leave();
  }
  console.log(sizes);
  for (const [path, size] of Object.entries(sizes)) assert.ok(size > 0 && size < 400_000, `${path}: ${size}`);
});
