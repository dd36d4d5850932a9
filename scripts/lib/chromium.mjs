/**
 * Headless Chromium, and pages for it to visit.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

/** Debian's, unless `CHROMIUM` names another. */
export const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const hasChromium = existsSync(executablePath);

/** Starts it. */
export function launch() {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** What a server answers; `isIsolated`: with the headers by which a page may share memory. */
/** @typedef {{ type: string, body: string | Buffer, isIsolated: boolean }} Answer */

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/**
 * Serves what `answer` gives for a path; nothing found is 404.
 *
 * @param {(path: string) => Answer | undefined} answer
 */
export async function serve(answer) {
  const server = createServer((request, response) => {
    const found = answer((request.url ?? '/').replace(/\?.*$/, ''));
    response.writeHead(found === undefined ? 404 : 200, {
      'Content-Type': found?.type ?? 'text/plain',
      ...(found?.isIsolated ? isolation : {}),
    });
    response.end(found?.body);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { address: `http://127.0.0.1:${port}`, close: () => server.close() };
}
