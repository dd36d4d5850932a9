/**
 * `npm run sizes`: bundles every core entry point for browsers with esbuild. Fails where one needs a Node
 * module, or is larger (minified, gzip) than `scripts/size-budgets.json` allows. The entries under
 * `imports` are single statements: they show that what is not imported is not bundled.
 * With `--write` the budgets become the present sizes plus a tenth.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { entryPoints, root } from './lib/project.mjs';

const budgetFile = join(root, 'scripts/size-budgets.json');
/** @type {{ rooms: Record<string, number>, imports: Record<string, number> }} */
const budgets = JSON.parse(readFileSync(budgetFile, 'utf8'));
const rooms = JSON.parse(readFileSync(join(root, 'src/rooms.json'), 'utf8')).rooms;

/**
 * Bundles one module text for browsers; its imports of the package resolve to `dist/` by self-reference.
 *
 * @param {string} contents
 */
async function measure(contents) {
  /** @type {string[]} */
  const problems = [];
  const result = await build({
    stdin: { contents, resolveDir: root, sourcefile: 'entry.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    write: false,
    metafile: true,
    tsconfigRaw: '{}',
    logLevel: 'silent',
    plugins: [
      {
        name: 'no-node',
        setup(builder) {
          builder.onResolve({ filter: /^node:/ }, ({ path, importer }) => {
            problems.push(`${path}, imported by ${importer.replace(root, '')}`);
            return { path, external: true };
          });
        },
      },
    ],
  }).catch((/** @type {import('esbuild').BuildFailure} */ failure) => {
    problems.push(...failure.errors.map((error) => error.text));
  });
  const text = result?.outputFiles?.[0]?.contents ?? new Uint8Array();
  for (const output of Object.values(result?.metafile?.outputs ?? {})) {
    for (const { path, external } of output.imports) {
      if (external && builtinModules.includes(path)) problems.push(path);
    }
  }
  return { bytes: text.length, gzip: gzipSync(text, { level: 9 }).length, problems };
}

/** @type {Array<{ kind: 'rooms' | 'imports', key: string, contents: string }>} */
const cases = [
  ...entryPoints()
    // What belongs to a test runner goes into no bundle.
    .filter((entry) => !rooms[entry.name]?.node && !['testing/vitest', 'testing/jest'].includes(entry.name))
    .map((entry) => ({
      kind: /** @type {const} */ ('rooms'),
      key: entry.name,
      contents: `export * from '${entry.specifier}';`,
    })),
  ...Object.keys(budgets.imports).map((key) => ({ kind: /** @type {const} */ ('imports'), key, contents: key })),
];

let failures = 0;
console.log('   bytes    gzip  budget  bundled for a browser');
for (const { kind, key, contents } of cases) {
  const { bytes, gzip, problems } = await measure(contents);
  if (process.argv.includes('--write')) budgets[kind][key] = Math.ceil((gzip * 1.1 + 50) / 100) * 100;
  const budget = budgets[kind][key];
  if (budget === undefined) problems.push('no budget in scripts/size-budgets.json');
  else if (gzip > budget) problems.push(`over budget by ${gzip - budget} bytes`);
  const cell = (/** @type {unknown} */ value) => String(value ?? '-').padStart(8);
  console.log(`${cell(bytes)}${cell(gzip)}${cell(budget)}  ${key}`);
  for (const problem of problems) console.error(`          FAILED: ${problem}`);
  failures += problems.length;
}

if (process.argv.includes('--write')) {
  for (const key of Object.keys(budgets.rooms)) if (!cases.some((one) => one.key === key)) delete budgets.rooms[key];
  writeFileSync(budgetFile, `${JSON.stringify(budgets, null, 2)}\n`);
}
process.exit(failures > 0 ? 1 : 0);
