import { spawn, spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder } from '../cli/helpers.ts';

const root = join(import.meta.dirname, '../..');
const main = join(root, 'dist/cli/main.js');
const examples = join(root, 'examples/cluster');
const BITTRUE = `${process.execPath} ${main}`;

/** Four tasks at once, as a scheduler starts them; then the merge. */
async function run(command: readonly string[], env: (i: number) => Readonly<Record<string, string>>): Promise<string> {
  const cwd = folder();
  for (const name of ['grid.json', 'slurm.sh', 'merge.sh']) cpSync(join(examples, name), join(cwd, name));
  const status = await Promise.all(
    [1, 2, 3, 4].map((i) => {
      const [program = '', ...args] = command;
      const task = spawn(program, args, { cwd, env: { ...process.env, BITTRUE, ...env(i) }, stdio: 'inherit' });
      return new Promise<number | null>((resolve) => task.on('exit', resolve));
    }),
  );
  expect(status).toEqual([0, 0, 0, 0]);
  expect(spawnSync('sh', ['merge.sh'], { cwd, env: { ...process.env, BITTRUE } }).status).toBe(0);
  return readFileSync(join(cwd, 'sweep.jsonl'), 'utf8');
}

describe('examples/cluster', () => {
  const single = spawnSync(process.execPath, [main, 'sweep', join(examples, 'grid.json')], { encoding: 'utf8' }).stdout;

  it('a single run has every cell', () => {
    expect(single.trimEnd().split('\n').length).toBe(1 + 32);
  });

  it('Slurm: four tasks of an array, merged, are the bytes of a single run', async () => {
    const whole = await run(['./slurm.sh'], (i) => ({ SLURM_ARRAY_TASK_ID: String(i), SLURM_ARRAY_TASK_COUNT: '4' }));
    expect(whole).toBe(single);
  });

  it('Kubernetes: four pods of an indexed job, merged, are the bytes of a single run', async () => {
    const yaml = readFileSync(join(examples, 'kubernetes.yaml'), 'utf8');
    const [, text = ''] = /args:\n\s+- >-\n((?:\s{14}.*\n)+)/.exec(yaml) ?? [];
    const script = text
      .trim()
      .split('\n')
      .map((line) => line.trim())
      .join(' ');
    expect(script).toContain('JOB_COMPLETION_INDEX');
    const whole = await run(['sh', '-c', script], (i) => ({ JOB_COMPLETION_INDEX: String(i - 1), SHARDS: '4' }));
    expect(whole).toBe(single);
  });

  it('every script is one that a shell can read', () => {
    for (const name of ['slurm.sh', 'merge.sh', 'parallel.sh', 'slurm-test.sh']) {
      expect(spawnSync('sh', ['-n', join(examples, name)]).status, name).toBe(0);
    }
  });
});
