/**
 * Compiles `assembly/` and writes `src/engine/wasm.ts`: the module as base64, where any bundler and any loader finds it,
 * and the types of its functions, as the compiler declares them. Neither it is committed, nor what both sides of the
 * call agree on: `assembly/lanes/kinds.ts`, the numbers of the event kinds from `src/rounding/flags.ts`, and
 * `assembly/lanes/layouts.ts`, the offsets of fields from `src/engine/layouts.ts`. The build, the tests and the type check
 * write what is missing.
 * With `--if-needed` nothing happens when no source changed since the last time.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { cache, root, run, walk } from './lib/project.mjs';

const target = join(root, 'src/engine/wasm.ts');
const kindsTarget = 'assembly/lanes/kinds.ts';
const flags = 'src/rounding/flags.ts';
const layoutsTarget = 'assembly/lanes/layouts.ts';
const layouts = 'src/engine/layouts.ts';
const sources = walk('assembly', (path) => path.endsWith('.ts') && ![kindsTarget, layoutsTarget].includes(path));
const hash = createHash('sha256');
for (const path of [...sources, flags, layouts, 'scripts/assembly.mjs']) hash.update(readFileSync(join(root, path)));
const mark = `// ${hash.digest('hex').slice(0, 32)}`;
const isFresh = existsSync(target) && readFileSync(target, 'utf8').startsWith(mark);
if (isFresh && process.argv.includes('--if-needed')) process.exit(0);

// Of two functions of one name the module would export one, and say nothing.
const names = sources.flatMap((path) =>
  Array.from(readFileSync(join(root, path), 'utf8').matchAll(/^export function (\w+)/gm), ([, name]) => name),
);
const twice = names.find((name, i) => names.indexOf(name) !== i);
if (twice !== undefined) {
  console.error(`assembly/ has two functions ${twice}`);
  process.exit(1);
}

writeFileSync(join(root, kindsTarget), await kinds());
writeFileSync(join(root, layoutsTarget), await offsets());
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
  // Declarations of the functions come with the bindings, which nothing else needs.
  ...['--bindings', 'raw', '--outFile', binary],
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

/** The module's functions. Addresses, of type \`usize\` there, are in bytes; see \`assembly/\` for what each does. */
export interface Exports {
${exportTypes(readFileSync(binary.replace(/wasm$/, 'd.ts'), 'utf8')).join('\n')}
}

export const base64: string =
${lines?.join(' +\n')};
`,
);

/**
 * What a source of the library exports.
 *
 * @param {string} path
 */
async function load(path) {
  const { outputFiles } = buildSync({ entryPoints: [join(root, path)], bundle: true, format: 'esm', write: false });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? '')}`);
}

/**
 * A name as constants have it.
 *
 * @param {string} name
 */
function upper(name) {
  return name.replace(/[A-Z]/g, '_$&').toUpperCase();
}

/** The constants of the event kinds, for AssemblyScript. */
async function kinds() {
  const { eventKinds } = await load(flags);
  const constants = eventKinds.map((/** @type {string} */ kind, /** @type {number} */ k) => {
    return `export const ${upper(kind)}_KIND: i32 = ${k};`;
  });
  return `// Written by scripts/assembly.mjs from ${flags}: kind k has column k of the totals and the flag 1 << k.
${constants.join('\n')}
/** Number of kinds; the totals' column of NaN. */
export const KINDS: i32 = ${eventKinds.length};
`;
}

/** Every exported layout as a namespace of offsets, every other table as one of its numbers. */
async function offsets() {
  const { layoutBytes, offsetsOf, ...exports } = await load(layouts);
  const tables = Object.entries(exports).filter(([, value]) => typeof value === 'object');
  const namespaces = tables.map(([key, table]) => {
    const isLayout = Object.values(table).every((value) => typeof value === 'string');
    const name = key[0]?.toUpperCase() + key.slice(1).replace(/Layout$/, '');
    const numbers = isLayout ? { ...offsetsOf(table), bytes: layoutBytes(table) } : table;
    const lines = Object.entries(numbers).map(([field, value]) => {
      return `  export const ${upper(field)}: ${isLayout ? 'usize' : 'i32'} = ${value};`;
    });
    return `export namespace ${name} {\n${lines.join('\n')}\n}\n`;
  });
  return `// Written by scripts/assembly.mjs from ${layouts}, which says what each field is.\n${namespaces.join('\n')}`;
}

/**
 * The functions that the compiler declares, as members of an interface. A function of the module gives a truth value as
 * a number.
 *
 * @param {string} declarations
 * @returns {string[]}
 */
function exportTypes(declarations) {
  return Array.from(declarations.matchAll(/export function (\w+)\((.*)\): (\w+);/g), ([, name, parameters, result]) => {
    return `  ${name}(${parameters}): ${result === 'boolean' ? 'number' : result};`;
  });
}
