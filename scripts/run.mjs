/**
 * `npm run example NAME` and `npm run bench [NAME]`: compiles TypeScript files that import the package
 * by its name, and runs each with plain node against `dist/`.
 *
 *     node scripts/run.mjs FOLDER [NAME] [ARGUMENTS…]
 *
 * @module
 */
import { join } from 'node:path';
import { build } from 'esbuild';
import { cache, root, run, walk } from './lib/project.mjs';

const [folder = 'examples', name, ...args] = process.argv.slice(2);
const programs = walk(folder, (path) => /^[^/]+\/[^/_][^/]*\.(ts|mjs)$/.test(path) && !path.endsWith('.d.ts'));
const title = (/** @type {string} */ path) => path.replace(/^[^/]+\//, '').replace(/\.(ts|mjs)$/, '');
const chosen = name === undefined && folder === 'bench' ? programs : programs.filter((path) => title(path) === name);
if (chosen.length === 0) {
  const names = programs.map(title).join(', ') || 'none';
  console.error(
    `${folder}: ${name === undefined ? 'name a program' : `no program called ${name}`}; there are: ${names}`,
  );
  process.exit(2);
}

let worst = run(process.execPath, ['scripts/build.mjs', '--if-needed']);
for (const path of worst === 0 ? chosen : []) {
  const outfile = join(cache, 'run', `${path}.mjs`);
  await build({
    entryPoints: [join(root, path)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    tsconfigRaw: '{}',
    logLevel: 'warning',
  });
  if (chosen.length > 1) console.log(`\n# ${title(path)}`);
  worst = Math.max(worst, run(process.execPath, [outfile, ...args]));
}
process.exit(worst);
