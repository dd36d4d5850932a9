/** Every page opens without an error, a warning, or a request that leaves the site. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { site } from '../scripts/place.mjs';
import { open } from './browser.mjs';

let browser;
before(async () => {
  browser = await open();
});
after(() => browser.close());

const folder = process.env.SITE_DIST ?? join(site, '.vitepress/dist');
const pages = readdirSync(folder).filter((name) => name.endsWith('.html') && name !== '404.html');

/** Goes to a page as a click on a link does, which loads the page's own part and nothing twice. */
async function follow(page, name) {
  await page.evaluate((to) => {
    const link = document.createElement('a');
    link.href = `./${to}`;
    document.body.append(link);
    link.click();
    link.remove();
  }, name);
  await page.waitForFunction(
    (to) => location.pathname.endsWith(to === 'index.html' ? '/' : `/${to}`) && document.querySelector('#VPContent h1'),
    name,
  );
}

/** Pages whose contents are drawn by the library; these are looked at at their full height once they are drawn. */
const drawn = new Set(['number.html', 'two.html', 'steps.html', 'kernel.html', 'accumulator.html']);

test('every page is quiet, and a phone scrolls it up and down only', async () => {
  assert.ok(pages.length > 180, `${pages.length} pages`);
  const found = [];
  const { page, problems, leave } = await browser.visit('getting-started.html', { width: 390, height: 844 });
  for (const name of pages) {
    await follow(page, name);
    if (drawn.has(name)) await page.waitForSelector('.playground');
    if (name === 'kernel.html') await page.waitForSelector('[data-error]');
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > 390) found.push(`${name}: ${width} pixels wide`);
    const broken = await page.evaluate(
      () => [...document.images].filter((one) => one.complete && one.naturalWidth === 0).length,
    );
    if (broken > 0) found.push(`${name}: ${broken} broken pictures`);
  }
  for (const view of ['v=layerNorm', 'v=online']) {
    await page.goto(`${browser.address}steps.html#${view}`);
    await page.waitForSelector('.playground table');
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > 390) found.push(`steps ${view}: ${width} pixels wide`);
  }
  // A fresh load of some: the home, a guide with pictures, one of the API.
  for (const name of ['index.html', 'accumulators.html', 'api-formats.html']) {
    await page.goto(`${browser.address}${name}`);
    await page.waitForSelector('#VPContent h1');
  }
  await leave();
  assert.deepEqual([...found, ...problems], []);
});

test('no link of a page leads nowhere', () => {
  const dead = new Set();
  let links = 0;
  for (const name of pages) {
    const text = readFileSync(join(folder, name), 'utf8');
    for (const [, target = ''] of text.matchAll(/<a [^>]*?href="\.\/([^"#?]*)/g)) {
      links++;
      if (target !== '' && !pages.includes(target)) dead.add(`${name}: ${target}`);
    }
  }
  assert.ok(links > 10 * pages.length, `${links} links`);
  assert.deepEqual([...dead], []);
});

test('a click in the side bar, and a found word, lead to pages of this folder', async () => {
  const { page, problems, leave } = await browser.visit('getting-started.html');
  await page.click('.VPSidebar a[href$="glossary.html"]');
  await page.waitForSelector('h1:has-text("Glossary")');
  assert.equal(page.url(), `${browser.address}glossary.html`);
  await page.keyboard.press('Control+k');
  await page.fill('#localsearch-input', 'masked');
  await page.waitForSelector('.VPLocalSearchBox .result');
  await page.keyboard.press('Enter');
  await page.waitForFunction((was) => location.href !== was, `${browser.address}glossary.html`);
  assert.ok(page.url().startsWith(browser.address), page.url());
  await leave();
  assert.deepEqual(problems, []);
});

/** The kernel page's thread, watched: which rows it gives to other threads. */
async function updateIn(page) {
  return page.evaluate(async () => {
    const source = `
      const given = [];
      globalThis.Worker = class extends Worker {
        postMessage(message, ...rest) {
          if (message?.kernel !== undefined) given.push([message.first, message.end]);
          super.postMessage(message, ...rest);
        }
      };
      addEventListener('message', ({ data }) => { if (data === 'given') postMessage({ given }); });
      await import('${new URL('threads/kernel.js', location.href)}');
      postMessage('ready');`;
    const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })), { type: 'module' });
    const heard = (isWanted) =>
      new Promise((done, failed) => {
        worker.onerror = ({ message }) => failed(new Error(message));
        worker.onmessage = ({ data }) => isWanted(data) && done(data);
      });
    await heard((data) => data === 'ready');
    const asked = {
      ...{
        kernel: 'rmsNorm',
        target: 'fp16',
        json: '',
        source: 'normal',
        rows: 4096,
        width: 64,
        size: 20,
        outlier: 60,
      },
      ...{ text: '', tensor: '', second: { size: 1, length: 1 }, cure: 'scale', scale: 1, variance: 'twoPass' },
      ...{ tile: 0, format: 'e4m3fn' },
    };
    worker.postMessage({ id: 1, question: { kind: 'update', asked } });
    const { told } = await heard((data) => data.id === 1);
    worker.postMessage('given');
    const { given } = await heard((data) => data.given !== undefined);
    worker.terminate();
    return { told, given };
  });
}

test('the site works from any folder, and where memory may be shared threads share the rows: the same bits', async () => {
  const isolated = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
  const runs = [];
  for (const [under, headers] of [
    ['/', {}],
    ['/a/deeper/one/', isolated],
  ]) {
    const other = await open({ under, headers });
    const { page, problems, leave } = await other.visit('kernel.html#k=rmsNorm&d=normal&n=4096&w=64&s=20&o=60');
    await page.waitForSelector('[data-verdict]');
    assert.equal(await page.evaluate(() => crossOriginIsolated), headers === isolated);
    runs.push({
      shown: await page.locator('[data-threads], [data-digest], [data-event]').allTextContents(),
      asked: other.sent.filter(({ path }) => path.endsWith('threads/rows.js')).length,
      cores: await page.evaluate(() => navigator.hardwareConcurrency),
      ...(await updateIn(page)),
    });
    await page.click('nav a[href$="number.html"], .VPNav a[href$="number.html"]');
    await page.waitForSelector('[data-format=binary16]');
    assert.equal(page.url(), `${other.address}number.html`);
    await leave();
    await other.close();
    assert.deepEqual(problems, [], under);
  }
  const [one, many] = runs;
  assert.deepEqual([one.asked, one.given, one.told.threads, one.shown[1]], [0, [], 1, 'one thread']);
  const threads = Math.min(4, many.cores);
  assert.deepEqual([many.told.threads, many.shown[1]], [threads, threads === 1 ? 'one thread' : `${threads} threads`]);
  // All but the first part of the rows are given away.
  assert.equal(many.given.length, threads - 1);
  if (threads > 1) {
    assert.ok(many.asked > 0);
    assert.ok(many.given[0][0] > 0);
    assert.equal(many.given.at(-1)[1], 4096);
  } else console.log('one core: threads are not proved here');
  assert.deepEqual({ ...many.told, threads: 1 }, one.told);
  assert.deepEqual(many.shown.toSpliced(1, 1), one.shown.toSpliced(1, 1));
  assert.equal(one.shown[0], one.told.digest);
  assert.ok(one.told.events.length > 0);
});
