/**
 * `npm run smoke`: packs the package, installs the tarball into an empty folder with production
 * dependencies only, and uses it there as a stranger would.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './lib/project.mjs';

const folder = mkdtempSync(join(tmpdir(), 'bittrue-smoke-'));
let failures = 0;

/**
 * @param {string} title
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, expect?: (output: string) => boolean }} [options]
 */
function roundTo(title, program, args, { cwd = folder, expect = () => true } = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 300_000 });
  const ok = status === 0 && expect(stdout);
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${title}`);
  if (!ok) {
    console.log(`exit status ${status}${error ? `: ${error.message}` : ''}\n${stdout}\n${stderr}`);
    failures++;
  }
  return ok;
}

try {
  const packed = roundTo('npm pack', 'npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "stranger", "private": true, "type": "module" }\n');
  const install = ['install', '--silent', '--omit=dev', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`];
  if (packed && roundTo('install with production dependencies only', 'npm', install)) {
    const main = "import { binary16, round } from 'bittrue';\n\nconsole.log(round(binary16, 65519.99999999999));\n";
    writeFileSync(join(folder, 'main.js'), main);
    roundTo('a three-line import', process.execPath, ['main.js'], { expect: (output) => output === '65504\n' });
    roundTo('npx bittrue check', 'npx', ['--no-install', 'bittrue', 'check'], {
      expect: (output) => /overflow/i.test(output) && /perplexity/i.test(output),
    });
    roundTo('npx bittrue explain e4m3fn 465', 'npx', ['--no-install', 'bittrue', 'explain', 'e4m3fn', '465'], {
      expect: (output) => output.includes('448'),
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failures > 0 ? 1 : 0);
