/**
 * `npm run guides`: writes the tables of docs/formats.md and docs/targets.md.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { between, blocksTable, codebooksTable, formatsTable, targetsTable } from './lib/guides.mjs';
import { root } from './lib/project.mjs';

const files = [
  'formats/index',
  'formats/sources',
  'rounding/index',
  'reports/text/formats',
  'reports/index',
  'targets/index',
  'accumulators/describe',
];
const library = Object.assign({}, ...(await Promise.all(files.map((file) => import(`../dist/${file}.js`)))));

/** @param {string} file @param {Readonly<Record<string, string>>} parts */
function write(file, parts) {
  const path = join(root, file);
  let text = readFileSync(path, 'utf8');
  for (const [name, content] of Object.entries(parts)) text = between(text, name, content);
  writeFileSync(path, text);
}

write('docs/formats.md', {
  formats: formatsTable(library),
  codebooks: codebooksTable(library),
  blocks: blocksTable(library),
});
write('docs/targets.md', { targets: targetsTable(library) });
