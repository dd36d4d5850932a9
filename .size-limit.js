/**
 * What `npm run sizes` bundles for browsers, by size-limit: every core entry point, and single imports, which show that
 * what is not imported is not bundled. `scripts/size-budgets.json` says how many bytes of gzip each may have; one that
 * needs a Node module does not bundle.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { entryPoints, manifest, root } from './scripts/lib/project.mjs';

const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const budgets = read('scripts/size-budgets.json');
const { rooms } = read('src/rooms.json');
const entries = entryPoints();

/** One measure; a budget that is missing is an error. */
function measure(name, specifier, budget, what) {
  const entry = entries.find((one) => one.specifier === specifier);
  if (entry === undefined || budget === undefined) throw new Error(`scripts/size-budgets.json: ${name}`);
  return {
    name,
    path: entry.file,
    ...what,
    limit: `${budget} B`,
    gzip: true,
    modifyEsbuildConfig: (config) => ({
      ...config,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      tsconfigRaw: '{}',
    }),
  };
}

// What belongs to a test runner goes into no bundle.
const inBundles = ({ name }) => !rooms[name]?.node && !['testing/vitest', 'testing/jest'].includes(name);
const known = entries.filter(inBundles);
const unknown = Object.keys(budgets.rooms).filter((name) => !known.some((entry) => entry.name === name));
if (unknown.length > 0) throw new Error(`scripts/size-budgets.json: no entry ${unknown.join(', ')}`);

export default [
  ...known.map(({ name, specifier }) => measure(specifier, specifier, budgets.rooms[name], {})),
  ...budgets.imports.map(([names, path, budget]) =>
    measure(`${names} of ${manifest.name}${path}`, `${manifest.name}${path}`, budget, { import: names }),
  ),
];
