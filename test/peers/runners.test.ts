/**
 * The runners that a starter test is written for, by themselves: node's, which is always there, and jest, which has a
 * package.json and a lock file of its own in this folder (`npm ci --prefix test/peers`).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { starterTest } from '../../src/testing/index.ts';

const root = join(import.meta.dirname, '../..');
const jest = join(import.meta.dirname, 'node_modules/jest/bin/jest.js');
const hasJest = existsSync(jest);
if (!hasJest) console.log('jest is not installed: npm ci --prefix test/peers');

const home = mkdtempSync(join(tmpdir(), 'bittrue-runners-'));
mkdirSync(join(home, 'node_modules'));
symlinkSync(root, join(home, 'node_modules/bittrue'), 'junction');
writeFileSync(join(home, 'package.json'), '{ "type": "module", "jest": { "transform": {} } }');
afterAll(() => rmSync(home, { recursive: true, force: true }));

function run(...args: string[]): { status: number | null; text: string } {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: home, encoding: 'utf8', env });
  return { status, text: stdout + stderr };
}

function write(name: string, text: string): string {
  writeFileSync(join(home, name), text);
  return name;
}

/** The starter with a converter that rounds twice in its place, from a source that shows it. */
function wrong(starter: string): string {
  const changed = starter
    .replace('(x) => round(e4m3fn, x)', '(x) => round(e4m3fn, Math.fround(x))')
    .replace("from: 'binary32'", "from: 'binary64'");
  expect(changed).toContain('Math.fround');
  expect(changed).toContain("from: 'binary64'");
  return changed;
}

const diagnosis = 'rounds twice, first to binary32: explains all 711 wrong answers';

it('is tried on what is built: `npm run build` comes first', () => {
  expect(existsSync(join(root, 'dist/testing/index.js'))).toBe(true);
});

describe('node:test', () => {
  it('runs the starter', () => {
    const { status, text } = run('--test', write('right.node.mjs', starterTest('node')));
    expect(status, text).toBe(0);
    expect(text).toMatch(/pass 1\b/);
  });

  it('tells what a wrong converter does', () => {
    const { status, text } = run('--test', write('wrong.node.mjs', wrong(starterTest('node'))));
    expect(status).toBe(1);
    expect(text).toContain(diagnosis);
  });
});

describe.skipIf(!hasJest)('jest', () => {
  const runJest = (name: string) =>
    run('--experimental-vm-modules', '--no-warnings', jest, '--rootDir', home, '--testMatch', `**/${name}`);

  it('runs the starter', () => {
    const { status, text } = runJest(write('right.jest.mjs', starterTest('jest')));
    expect(status, text).toBe(0);
    expect(text).toMatch(/Tests:\s+1 passed, 1 total/);
  });

  it('tells what a wrong converter does', () => {
    const { status, text } = runJest(write('wrong.jest.mjs', wrong(starterTest('jest'))));
    expect(status).toBe(1);
    expect(text).toContain(diagnosis);
  });

  it('has every matcher, each with its opposite', () => {
    const { status, text } = runJest(
      write(
        'matchers.jest.mjs',
        `import { layerNorm } from 'bittrue';
import { bfloat16 } from 'bittrue/formats';
import { round } from 'bittrue/rounding';
import 'bittrue/testing/jest';

const report = (x) => layerNorm([x, -x], { rows: 1, width: 2, target: 'fp16' }).report;

test('bits', () => {
  expect([1, -0, NaN]).toBeBitEqual([1, -0, NaN]);
  expect([0]).not.toBeBitEqual([-0]);
});
test('ulps', () => {
  expect(1.0000001).toBeWithinUlp(1, 1, 'binary32');
  expect(1.001).not.toBeWithinUlp(1, 1, 'binary32');
});
test('rounding', () => {
  expect((x) => round(bfloat16, x)).toRoundAs('bfloat16', { from: 'binary32', runs: 200 });
  expect(Math.fround).not.toRoundAs('bfloat16', { from: 'binary64', runs: 200 });
});
test('events', () => {
  expect(report(1)).toHaveNoEvents();
  expect(report(795)).not.toHaveNoEvents();
  expect(report(795)).toOverflowAt('square');
  expect(report(1)).not.toOverflowAt('square');
});
`,
      ),
    );
    expect(status, text).toBe(0);
    expect(text).toMatch(/Tests:\s+4 passed, 4 total/);
  });

  it('knows the types of the matchers', () => {
    const file = write(
      'types.jest.ts',
      `import 'bittrue/testing/jest';
expect([1]).toBeBitEqual([1]);
expect(Math.fround).toRoundAs('binary32', { from: 'binary64', runs: 10 });
// @ts-expect-error no such format
expect(Math.fround).toRoundAs(3);
`,
    );
    const types = join(import.meta.dirname, 'node_modules/@types');
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--skipLibCheck'];
    const { status, text } = run(tsc, ...options, '--typeRoots', types, '--types', 'jest', file);
    expect(status, text).toBe(0);
  });
});
