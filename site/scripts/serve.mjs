/**
 * Serves the built site as any static server does, from a folder inside a folder: `npm run preview`.
 *
 * @module
 */
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { site } from './place.mjs';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const folder = resolve(site, process.env.SITE_DIST ?? '.vitepress/dist');

/**
 * Starts it; gives the address of the site, what was sent (the path and the bytes of its gzip), and what closes it.
 *
 * @param {number} [port] 0: any
 * @param {string} [under] the folder
 * @param {Readonly<Record<string, string>>} [headers]
 */
export async function serve(port = 0, under = '/some/folder/', headers = {}) {
  /** @type {{ path: string, bytes: number }[]} */
  const sent = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://a').pathname);
    const file = join(folder, normalize(path.slice(under.length - 1)).replace(/\/$/, '/index.html'));
    const isThere = path.startsWith(under) && statSync(file, { throwIfNoEntry: false })?.isFile();
    const type = { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' };
    response.writeHead(isThere ? 200 : 404, { ...type, ...headers });
    const body = isThere ? readFileSync(file) : 'not found';
    sent.push({ path, bytes: gzipSync(body).length });
    response.end(body);
  });
  await new Promise((ready) => server.listen(port, '127.0.0.1', () => ready(undefined)));
  return { address: `http://127.0.0.1:${server.address().port}${under}`, sent, close: () => server.close() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log((await serve(4173)).address);
