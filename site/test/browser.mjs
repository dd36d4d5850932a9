/**
 * Pages of the built site in Chromium, and what went wrong on them.
 *
 * @module
 */
import { hasChromium, launch } from '../../scripts/lib/chromium.mjs';
import { serve } from '../scripts/serve.mjs';

if (!hasChromium) throw new Error('the tests of the site need Chromium: set CHROMIUM, or install Debian’s');

const isPlayground = /^(number|two|steps|kernel|accumulator)\.html/;

/** A browser and the site, served from a folder inside a folder. */
export async function open({ under, headers } = {}) {
  const [browser, server] = await Promise.all([launch(), serve(0, under, headers)]);
  return {
    address: server.address,
    sent: server.sent,
    close: async () => {
      await browser.close();
      server.close();
    },
    /** A page; `problems` lists errors, warnings and requests that leave the site; `before`: a function, and what it is given, that runs first. */
    visit: async (path, { width = 1280, height = 900, dark = false, before } = {}) => {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: dark ? 'dark' : 'light',
        permissions: ['clipboard-read', 'clipboard-write'],
      });
      const page = await context.newPage();
      const problems = [];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) problems.push(`${message.type()}: ${message.text()}`);
      });
      page.on('pageerror', (error) => problems.push(`thrown: ${error.message}`));
      page.on('request', (request) => {
        const told = request.url();
        if (!told.startsWith(server.address) && !/^(data|blob):/.test(told)) problems.push(`outside: ${told}`);
      });
      page.on('response', (response) => {
        if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
      });
      if (before !== undefined) await page.addInitScript(...before);
      await page.goto(`${server.address}${path}`);
      if (isPlayground.test(path)) await page.waitForSelector('.playground');
      return { page, problems, leave: () => context.close() };
    },
  };
}

/** The text of the first element that a selector finds, and of all. */
export const text = (page, selector) => page.locator(selector).first().textContent();
export const values = (page, selector) => page.locator(selector).allTextContents();
