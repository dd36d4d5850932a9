/**
 * `npm run smoke`: packs the package, installs the tarball into an empty folder with production
 * dependencies only, and uses it there as a stranger would.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checks } from './lib/checks.mjs';
import { installPacked, quietly } from './lib/stranger.mjs';

/** The most that the tarball may take, in bytes: what `npm install bittrue` fetches. */
const TARBALL = 3_000_000;
/** The lines of Node that the package is held to: the oldest that it runs on, and those with long-term support. */
const NODES = [20, 22, 24];

const folder = mkdtempSync(join(tmpdir(), 'bittrue-smoke-'));
const { check, failures } = checks();

/**
 * @param {string} title
 * @param {string} program
 * @param {string[]} args
 * @param {{ expect: (output: string) => boolean }} options
 */
function step(title, program, args, { expect }) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 300_000,
  });
  const found = `exit status ${status}${error ? `: ${error.message}` : ''}\n${stdout}\n${stderr}`;
  check(title, status === 0 && expect(stdout), found);
}

/** What else runs the package, by the packages of npm that bring the programs. */
const RUNTIMES = [
  ...NODES.filter((major) => !process.version.startsWith(`v${major}.`)).map((major) => {
    const name = `node-${process.platform}-${process.arch}`;
    return { title: `Node ${major}`, name, version: `@${major}`, program: 'bin/node', before: [] };
  }),
  { title: 'Deno', name: '@deno/linux-x64-glibc', version: '', program: 'deno', before: ['run', '--allow-all'] },
  { title: 'Bun', name: '@oven/bun-linux-x64', version: '', program: 'bin/bun', before: [] },
];

/**
 * The installed package on another runtime; skipped where it cannot be had.
 *
 * @param {{ title: string, name: string, version: string, program: string, before: string[] }} runtime
 */
function onRuntime({ title, name, version, program, before }) {
  const home = join(folder, title);
  const install = ['install', ...quietly, '--ignore-scripts', '--prefix', home, `${name}${version}`];
  const { status } = spawnSync('npm', install, { cwd: folder, encoding: 'utf8', timeout: 120_000 });
  const file = join(home, 'node_modules', name, program);
  if (status !== 0 || !existsSync(file)) {
    console.log(`skipped ${title}: ${name}${version} cannot be installed here`);
    return;
  }
  step(`${title}: a three-line import`, file, [...before, 'main.js'], { expect: (output) => output === '65504\n' });
  const command = join(folder, 'node_modules/bittrue/dist/cli/main.js');
  step(`${title}: compare, on the engine`, file, [...before, command, 'compare', 'tpu', 'tpu'], {
    expect: (output) => output.includes('the same bits in all 1000'),
  });
}

try {
  const { ok, size, text } = installPacked(folder);
  check('npm pack, and install with production dependencies only', ok, text);
  check(`a tarball of at most ${TARBALL} bytes`, size <= TARBALL, `${size} bytes`);
  if (ok) {
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
    // A starter test as it is written, run by node:test; and jest's entry, with an expect as jest gives it.
    step(
      'npx bittrue verify --init node',
      'npx',
      ['--no-install', 'bittrue', 'verify', '--init', 'node', '--output', 'mine.test.mjs'],
      {
        expect: (output) => output.includes('mine.test.mjs'),
      },
    );
    step('the starter test, by node:test', process.execPath, ['--test', 'mine.test.mjs'], {
      expect: (output) => /pass 1/.test(output) && /fail 0/.test(output),
    });
    const jest = [
      'const added = {};',
      'globalThis.expect = { extend: (matchers) => Object.assign(added, matchers) };',
      "await import('bittrue/testing/jest');",
      "const { pass, message } = added.toRoundAs(Math.fround, 'binary16', { from: 'binary32', runs: 100 });",
      "console.log(pass, message().includes('answers are wrong'));",
    ];
    writeFileSync(join(folder, 'jest.js'), `${jest.join('\n')}\n`);
    step("bittrue/testing/jest, with jest's expect.extend", process.execPath, ['jest.js'], {
      expect: (output) => output === 'false true\n',
    });
    step('npx bittrue check', 'npx', ['--no-install', 'bittrue', 'check'], {
      expect: (output) => /overflow/i.test(output) && /perplexity/i.test(output),
    });
    step('npx bittrue formats', 'npx', ['--no-install', 'bittrue', 'formats'], {
      expect: (output) => output.includes('e4m3fn'),
    });
    for (const runtime of RUNTIMES) onRuntime(runtime);
    step('npx bittrue explain e4m3fn 465', 'npx', ['--no-install', 'bittrue', 'explain', 'e4m3fn', '465'], {
      expect: (output) => output.includes('448'),
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failures() > 0 ? 1 : 0);
