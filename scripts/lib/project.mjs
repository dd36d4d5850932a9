/**
 * Where things are, and how the scripts walk files and run tools.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
/** Where the project lives: package.json's repository, homepage and bugs say the same, and a test holds them to it. */
export const home = 'https://github.com/bittrue/bittrue';
export const cache = join(root, '.cache');
export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/**
 * All files under a folder of the project, sorted, as paths relative to the root with forward slashes.
 *
 * @param {string} folder
 * @param {(path: string) => boolean} [keep]
 * @returns {string[]}
 */
export function walk(folder, keep = () => true) {
  const start = join(root, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter(keep)
    .sort();
}

/**
 * Runs a program in the project's root with its output on ours.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 * @returns {number} its exit status; 1 where it was killed
 */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

/**
 * The entry points that package.json exports: `formats` ↦ `dist/formats/index.js`; the root is called `index`.
 *
 * @returns {Array<{ name: string, specifier: string, source: string, types: string, file: string }>}
 */
export function entryPoints() {
  return Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([path, target]) => ({
      name: path === '.' ? 'index' : path.slice(2),
      specifier: path === '.' ? manifest.name : `${manifest.name}/${path.slice(2)}`,
      source: target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'),
      types: target.types.slice(2),
      file: target.default.slice(2),
    }));
}
