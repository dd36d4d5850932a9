/**
 * `npm run lock`, after a change of the dependencies: brings package-lock.json in step, then adds the optional
 * packages of other platforms that the registry in use did not serve. npm leaves those out without a word, and
 * `npm ci` then refuses the lockfile, there and everywhere else.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './lib/project.mjs';

const status = run('npm', ['install', '--package-lock-only']);
if (status !== 0) process.exit(status);

const file = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const platform =
  /-(android|darwin|linux|win32|freebsd|openharmony)-(x64|arm64|arm|ia32|ppc64|riscv64|s390x)(?:-(.*))?$/;

for (const [path, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (lock.packages[`${path}/node_modules/${name}`] || lock.packages[`node_modules/${name}`]) continue;
    const [, os, cpu, abi = ''] = platform.exec(name) ?? [];
    if (os === undefined || !/^\d/.test(version)) throw new Error(`${name}@${version} of ${path}: complete it by hand`);
    const libc = abi.startsWith('musl') ? 'musl' : 'glibc';
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu],
      ...(parent.dev ? { dev: true } : {}),
      ...(os === 'linux' ? { libc: [libc] } : {}),
      license: parent.license,
      optional: true,
      os: [os],
      ...(parent.engines ? { engines: parent.engines } : {}),
    };
    console.log(`completed ${name}@${version}`);
  }
}

const { '': top, ...packages } = lock.packages;
const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
lock.packages = { '': top, ...Object.fromEntries(sorted) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
