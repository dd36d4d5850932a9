/**
 * Compiles `assembly/` and writes it as base64 to `src/engine/wasm.ts`, where any bundler and any loader finds it.
 * With `--if-needed` nothing happens when no source changed since the last time; `--check` fails when one has.
 * The numbers of event kinds come from `src/rounding/flags.ts`, by way of the generated `assembly/kinds.ts`.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { cache, root, run, walk } from './lib/project.mjs';

const target = join(root, 'src/engine/wasm.ts');
const hash = createHash('sha256');
const sources = walk('assembly', (path) => path !== 'assembly/kinds.ts');
for (const path of [...sources, 'src/rounding/flags.ts', 'scripts/assembly.mjs'])
  hash.update(readFileSync(join(root, path)));
const mark = `// ${hash.digest('hex').slice(0, 32)}`;
const isFresh = existsSync(target) && readFileSync(target, 'utf8').startsWith(mark);
if (isFresh && process.argv.includes('--if-needed')) process.exit(0);
if (process.argv.includes('--check')) {
  if (!isFresh) console.error('src/engine/wasm.ts is not of these sources: npm run assembly');
  process.exit(isFresh ? 0 : 1);
}

// Of two functions of one name the module would export one, and say nothing.
const names = sources.flatMap((path) =>
  Array.from(readFileSync(join(root, path), 'utf8').matchAll(/^export function (\w+)/gm), ([, name]) => name),
);
const twice = names.find((name, i) => names.indexOf(name) !== i);
if (twice !== undefined) {
  console.error(`assembly/ has two functions ${twice}`);
  process.exit(1);
}

const { code } = transformSync(readFileSync(join(root, 'src/rounding/flags.ts'), 'utf8'), { loader: 'ts' });
const { eventKinds } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
const constant = (/** @type {string} */ kind) => kind.replace(/[A-Z]/g, '_$&').toUpperCase();
writeFileSync(
  join(root, 'assembly/kinds.ts'),
  `// Written by scripts/assembly.mjs from src/rounding/flags.ts: kind k has column k of the totals and the flag 1 << k.
${eventKinds.map((/** @type {string} */ kind, /** @type {number} */ k) => `export const ${constant(kind)}_KIND: i32 = ${k};`).join('\n')}
/** Number of kinds; the totals' column of NaN. */
export const KINDS: i32 = ${eventKinds.length};
`,
);

mkdirSync(cache, { recursive: true });
const binary = join(cache, 'engine.wasm');
const status = run(process.execPath, [
  'node_modules/assemblyscript/bin/asc.js',
  'assembly/index.ts',
  ...['-O3', '--runtime', 'stub', '--noAssert'],
  ...['--enable', 'simd', '--enable', 'bulk-memory', '--enable', 'threads'],
  // Functions of vectors call each other; none is an export.
  ...['--disableWarning', '112'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--outFile', binary],
]);
if (status !== 0) process.exit(status);
const lines = readFileSync(binary)
  .toString('base64')
  .match(/.{1,110}/g)
  ?.map((line) => `  '${line}'`);
writeFileSync(
  target,
  `${mark}
/**
 * The engine's WebAssembly module, from \`assembly/\`. Written by \`npm run assembly\`.
 *
 * @module
 */

export const base64: string =
${lines?.join(' +\n')};
`,
);
