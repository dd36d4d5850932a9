/**
 * `npm run smoke`: packs the package, installs the tarball into an empty folder with production
 * dependencies only, and uses it there as a stranger would.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './lib/project.mjs';

/** The most that the tarball may take, in bytes: what `npm install bittrue` fetches. */
const TARBALL = 2_500_000;
/** The lines of Node that the package is held to: the oldest that it runs on, and those with long-term support. */
const NODES = [20, 22, 24];

const folder = mkdtempSync(join(tmpdir(), 'bittrue-smoke-'));
let failures = 0;

/**
 * @param {string} title
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, expect?: (output: string) => boolean }} [options]
 */
function step(title, program, args, { cwd = folder, expect = () => true } = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 300_000 });
  const ok = status === 0 && expect(stdout);
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${title}`);
  if (!ok) {
    console.log(`exit status ${status}${error ? `: ${error.message}` : ''}\n${stdout}\n${stderr}`);
    failures++;
  }
  return ok;
}

/**
 * The installed package on another line of Node, which npm's packages of Node bring; skipped where they cannot be had.
 *
 * @param {number} major
 */
function onNode(major) {
  if (process.version.startsWith(`v${major}.`)) return;
  const name = `node-${process.platform}-${process.arch}`;
  const home = join(folder, `node${major}`);
  const install = [
    'install',
    '--silent',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--prefix',
    home,
    `${name}@${major}`,
  ];
  const node = join(home, 'node_modules', name, 'bin/node');
  const { status } = spawnSync('npm', install, { cwd: folder, encoding: 'utf8', timeout: 120_000 });
  if (status !== 0 || !existsSync(node))
    return console.log(`skipped Node ${major}: ${name}@${major} cannot be installed`);
  step(`Node ${major}: a three-line import`, node, ['main.js'], { expect: (output) => output === '65504\n' });
  const command = join(folder, 'node_modules/bittrue/dist/cli/main.js');
  step(`Node ${major}: compare, on the engine`, node, [command, 'compare', 'tpu', 'tpu'], {
    expect: (output) => output.includes('the same bits in all 1000'),
  });
}

/** Other runtimes, by the packages of npm that bring their programs. */
const RUNTIMES = [
  { title: 'Deno', name: '@deno/linux-x64-glibc', program: 'deno', before: ['run', '--allow-all'] },
  { title: 'Bun', name: '@oven/bun-linux-x64', program: 'bin/bun', before: [] },
];

/**
 * The installed package on Deno or Bun; skipped where it cannot be had.
 *
 * @param {typeof RUNTIMES[number]} runtime
 */
function onRuntime({ title, name, program, before }) {
  const home = join(folder, title);
  const install = ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', home, name];
  const isOurs = process.platform === 'linux' && process.arch === 'x64';
  const { status } = isOurs
    ? spawnSync('npm', install, { cwd: folder, encoding: 'utf8', timeout: 120_000 })
    : { status: 1 };
  const file = join(home, 'node_modules', name, program);
  if (status !== 0 || !existsSync(file)) return console.log(`skipped ${title}: ${name} cannot be installed here`);
  step(`${title}: a three-line import`, file, [...before, 'main.js'], { expect: (output) => output === '65504\n' });
  const command = join(folder, 'node_modules/bittrue/dist/cli/main.js');
  step(`${title}: compare, on the engine`, file, [...before, command, 'compare', 'tpu', 'tpu'], {
    expect: (output) => output.includes('the same bits in all 1000'),
  });
}

try {
  const packed = step('npm pack', 'npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  const size = tarball === undefined ? 0 : statSync(join(folder, tarball)).size;
  if (size > TARBALL) {
    console.log(`FAILED the tarball takes ${size} bytes, more than ${TARBALL}`);
    failures++;
  }
  writeFileSync(join(folder, 'package.json'), '{ "name": "stranger", "private": true, "type": "module" }\n');
  const install = ['install', '--silent', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`];
  if (packed && step('install with production dependencies only', 'npm', install)) {
    const main = "import { binary16, round } from 'bittrue';\n\nconsole.log(round(binary16, 65519.99999999999));\n";
    writeFileSync(join(folder, 'main.js'), main);
    step('a three-line import', process.execPath, ['main.js'], { expect: (output) => output === '65504\n' });
    // fast-check, an optional peer, is not here: what needs no arbitraries must not ask for it.
    const tester = [
      "import { checkRounding } from 'bittrue/testing';",
      "import { matchers } from 'bittrue/testing/matchers';",
      "const { ok } = checkRounding(Math.fround, { from: 'binary64', to: 'binary32', runs: 100 });",
      "const found = await import('bittrue/testing/arbitraries').catch(({ code }) => code);",
      'console.log(ok, typeof matchers.toRoundAs, found);',
    ];
    writeFileSync(join(folder, 'tester.js'), `${tester.join('\n')}\n`);
    step('bittrue/testing without fast-check', process.execPath, ['tester.js'], {
      expect: (output) => output === 'true function ERR_MODULE_NOT_FOUND\n',
    });
    step('npx bittrue check', 'npx', ['--no-install', 'bittrue', 'check'], {
      expect: (output) => /overflow/i.test(output) && /perplexity/i.test(output),
    });
    step('npx bittrue formats', 'npx', ['--no-install', 'bittrue', 'formats'], {
      expect: (output) => output.includes('e4m3fn'),
    });
    for (const major of NODES) onNode(major);
    for (const runtime of RUNTIMES) onRuntime(runtime);
    step('npx bittrue explain e4m3fn 465', 'npx', ['--no-install', 'bittrue', 'explain', 'e4m3fn', '465'], {
      expect: (output) => output.includes('448'),
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failures > 0 ? 1 : 0);
