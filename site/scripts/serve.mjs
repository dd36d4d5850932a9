/**
 * Serves the built site as any static server does, from a folder inside a folder: `npm run preview`.
 *
 * @module
 */
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { site } from './place.mjs';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const folder = resolve(site, process.env.SITE_DIST ?? '.vitepress/dist');

/** Starts it; gives the address of the site and what closes it. */
export async function serve(port = 0, under = '/some/folder/') {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://a').pathname);
    const file = join(folder, normalize(path.slice(under.length - 1)).replace(/\/$/, '/index.html'));
    const isThere = path.startsWith(under) && statSync(file, { throwIfNoEntry: false })?.isFile();
    response.writeHead(isThere ? 200 : 404, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' });
    response.end(isThere ? readFileSync(file) : 'not found');
  });
  await new Promise((ready) => server.listen(port, '127.0.0.1', () => ready(undefined)));
  return { address: `http://127.0.0.1:${server.address().port}${under}`, close: () => server.close() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log((await serve(4173)).address);
