/** Every page opens without an error, a warning, or a request that leaves the site. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { site } from '../scripts/place.mjs';
import { open } from './browser.mjs';

let browser;
before(async () => {
  browser = await open();
});
after(() => browser.close());

const pages = readdirSync(process.env.SITE_DIST ?? join(site, '.vitepress/dist')).filter(
  (name) => name.endsWith('.html') && name !== '404.html',
);

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

test('every page is quiet', async () => {
  assert.ok(pages.length > 60, `${pages.length} pages`);
  const found = [];
  const { page, problems, leave } = await browser.visit('getting-started.html');
  for (const name of pages) {
    await follow(page, name);
    const broken = await page.evaluate(
      () => [...document.images].filter((one) => one.complete && one.naturalWidth === 0).length,
    );
    if (broken > 0) found.push(`${name}: ${broken} broken pictures`);
  }
  // A fresh load of some: the home, a guide with pictures, one of the API.
  for (const name of ['index.html', 'accumulators.html', 'api-formats.html']) {
    await page.goto(`${browser.address}${name}`);
    await page.waitForSelector('#VPContent h1');
  }
  await leave();
  assert.deepEqual([...found, ...problems], []);
});

test('no link of a page leads nowhere', async () => {
  const { page, leave } = await browser.visit('index.html');
  const dead = await page.evaluate(async (names) => {
    const found = new Set();
    for (const name of names) {
      const text = await (await fetch(`./${name}`)).text();
      const made = new DOMParser().parseFromString(text, 'text/html');
      for (const link of made.querySelectorAll('a[href^="./"]')) {
        const target =
          link
            .getAttribute('href')
            .replace(/[?#].*/, '')
            .slice(2) || 'index.html';
        if (!names.includes(target)) found.add(`${name}: ${target}`);
      }
    }
    return [...found];
  }, pages);
  await leave();
  assert.deepEqual(dead, []);
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
