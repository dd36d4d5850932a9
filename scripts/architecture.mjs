/**
 * `npm run architecture`: writes the table and the drawing of `src/rooms.json` into `docs/architecture.md`.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/project.mjs';
import { drawing } from './lib/rooms.mjs';

const file = join(root, 'docs/architecture.md');
const text = readFileSync(file, 'utf8');
const marked = /(<!-- rooms: [^>]*-->\n)[\s\S]*?(<!-- \/rooms -->)/;
if (!marked.test(text))
  throw new Error('docs/architecture.md has lost its markers <!-- rooms: … --> and <!-- /rooms -->');
writeFileSync(
  file,
  text.replace(marked, (_, open, close) => `${open}\n${drawing()}\n\n${close}`),
);
