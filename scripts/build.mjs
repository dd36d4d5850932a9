/**
 * `npm run build`: the engine's module where its sources changed, plain `tsc` to `dist/`, then the outputs whose source is gone are removed.
 * With `--if-needed` nothing happens when no source changed since the last build.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, root, run, walk } from './lib/project.mjs';

const stamp = join(cache, 'build-stamp');
const sources = [...walk('assembly'), ...walk('src'), 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

function fingerprint() {
  const hash = createHash('sha256');
  for (const path of sources) {
    const { mtimeMs, size } = statSync(join(root, path));
    hash.update(`${path} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

const print = fingerprint();
const isBuilt = existsSync(join(root, 'dist')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === print;
if (isBuilt && process.argv.includes('--if-needed')) process.exit(0);

rmSync(stamp, { force: true });
if (run(process.execPath, ['scripts/assembly.mjs', '--if-needed']) !== 0) process.exit(1);
const status = run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
for (const path of walk('dist')) {
  const source = path.replace(/^dist\//, 'src/').replace(/(\.d\.ts|\.js)$/, '.ts');
  if (!existsSync(join(root, source))) rmSync(join(root, path));
}
if (status === 0) {
  mkdirSync(cache, { recursive: true });
  writeFileSync(stamp, print);
}
process.exit(status);
