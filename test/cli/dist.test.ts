import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { loadModel } from 'bittrue/models';
import { openModel } from 'bittrue/node';
import { toJson } from 'bittrue/reports';
import { checkModel, type ModelCheck, slancScales } from 'bittrue/studies';
import { fp16 } from 'bittrue/targets';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const main = join(root, 'dist/cli/main.js');

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', cwd: root });
  return { status, stdout, stderr };
}

const printable = (data: object): object => JSON.parse(toJson(data));

describe('the built command', () => {
  it('is built: `npm run build` comes first', () => {
    expect(existsSync(main)).toBe(true);
  });

  it('prints to stdout, mistakes to stderr, and exits 0, 1, 2', () => {
    expect(run('explain', 'binary16', '-1.5')).toMatchObject({ status: 0, stderr: '' });
    expect(run('explain', 'binary16', 'x')).toMatchObject({ status: 2, stdout: '' });
    const path = join(root, 'models/tiny-llama');
    const tokens = join(root, 'test/cli/tokens.json');
    expect(run('check', path, '--tokens', tokens, '--residual-scale', '64')).toMatchObject({ status: 1, stderr: '' });
  });

  it('does not colour a pipe', () => {
    expect(run('explain', 'binary16', '65520').stdout).not.toContain('\u001b');
  });

  it('gives on all processors the bits of one', async () => {
    const path = join(root, 'models/tiny-llama');
    const tokens = join(root, 'test/cli/tokens.json');
    const json = (...args: string[]) => JSON.parse(run(...args, '--json').stdout);
    const { config, checkpoint } = openModel(path);
    const model = loadModel(config, checkpoint);
    const { sequences } = JSON.parse(readFileSync(tokens, 'utf8'));
    expect(json('slanc', path, '--variant', 'dmx')).toEqual(printable(slancScales(model, { variant: 'dmx' })));
    const [found] = json('check', path, '--tokens', tokens).checks;
    expect(found).toMatchObject(printable({ float64: checkModel(model, sequences, { target: fp16 }).float64 }));
  });

  it('checks a model on another thread with the numbers of its own', async () => {
    const { startCheck }: typeof import('../../src/cli/checkThread.ts') = await import(
      join(root, 'dist/cli/checkThread.js')
    );
    const path = join(root, 'models/tiny-llama');
    const tokens = join(root, 'test/cli/tokens.json');
    const options = { residualScale: 8, variant: 'dmx' } as const;
    const thread = startCheck({ path, target: 'fp16', from: { tokens }, layers: undefined, options });
    if (thread === null) return expect(availableParallelism()).toBe(1);
    let found: ModelCheck | null = null;
    for (let looks = 0; found === null && looks < 200; looks++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      found = thread.take(() => {});
    }
    thread.end();
    const { config, checkpoint } = openModel(path);
    const { sequences } = JSON.parse(readFileSync(tokens, 'utf8'));
    const here = checkModel(loadModel(config, checkpoint), sequences, { target: fp16, ...options });
    expect(found).toEqual(here);
    const lost = startCheck({ path: 'nowhere', target: 'fp16', from: { tokens }, layers: undefined, options });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(lost?.take(() => {})).toBe(null);
    lost?.end();
  });

  it('bears a reader that stops early', () => {
    // A megabyte of JSON, of which one byte is read.
    const script = `"$0" "$1" table binary16 --json | head -c 1; echo " \${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, main], { encoding: 'utf8' });
    expect(stdout).toBe('{ 0\n');
    expect(stderr).toBe('');
  });
});
