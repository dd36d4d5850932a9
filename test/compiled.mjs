/**
 * A run of tests takes the sources compiled to plain modules, which Node loads itself. Under vitest's own loader every call of an
 * imported function reads a property first: arithmetic takes half as long again, and every file is compiled when it is met.
 *
 * @module
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { root, walk } from '../scripts/lib/project.mjs';

const src = join(root, 'src/');
/** Beside `src/`: what a module finds by a path relative to itself is found from here, too. */
const compiled = join(root, '.compiled/');

/** @param {string} path */
const outputOf = (path) => path.replace(/\.ts$/, '.js');

/** Compiles every module of `src/` by itself. A file that would stay as it is is not written, so that runs may share the folder. */
export async function compile() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: walk('src', (path) => path.endsWith('.ts') && !path.endsWith('.d.ts')),
    outbase: 'src',
    outdir: compiled,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    sourcemap: 'inline',
    sourcesContent: false,
    write: false,
    bundle: true,
    plugins: [
      {
        name: 'modules of their own',
        setup({ onResolve }) {
          onResolve({ filter: /./ }, ({ kind, path }) =>
            kind === 'entry-point' ? undefined : { path: path.startsWith('.') ? outputOf(path) : path, external: true },
          );
        },
      },
    ],
  });
  const stale = new Set(walk('.compiled').map((path) => join(root, path)));
  for (const { path, text } of outputFiles) {
    stale.delete(path);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  for (const path of stale) rmSync(path);
}

/**
 * Leads what tests import of `src/` to what {@link compile} wrote.
 *
 * @returns {import('vite').Plugin}
 */
export function compiledSources() {
  return {
    name: 'compiled sources',
    enforce: 'pre',
    resolveId(id, importer) {
      const path = importer !== undefined && id.startsWith('.') ? resolve(dirname(importer), id) : id;
      return path.startsWith(src) && path.endsWith('.ts')
        ? { id: outputOf(join(compiled, path.slice(src.length))), external: true }
        : undefined;
    },
  };
}
