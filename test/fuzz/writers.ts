/**
 * Writers that are killed, and writers that meet in one folder: what they leave must be whole and of one run.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';

const script = join(import.meta.dirname, 'writer.mjs');
const FILES = ['quantized.safetensors', 'report.json'];

function start(folder: string, times: number, first: number): ChildProcess {
  return spawn(process.execPath, [script, folder, String(times), String(first)], { stdio: ['ignore', 'pipe', 'pipe'] });
}

function ended(child: ChildProcess): Promise<string> {
  let errors = '';
  child.stderr?.on('data', (data) => {
    errors += data;
  });
  child.stdout?.resume();
  return new Promise((resolve) => child.on('close', () => resolve(errors)));
}

/** What a folder holds: a pair of one run, or no report; the rest is a fault. */
function verdict(folder: string): 'pair' | 'none' {
  if (!existsSync(join(folder, 'report.json'))) return 'none';
  const { tensors } = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
  const bytes = readFileSync(join(folder, 'quantized.safetensors'));
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(tensors.sha256);
  return 'pair';
}

/** What lies beside the pair, but for a lock: a dead writer's, which the next one takes away. */
function leftovers(folder: string): string[] {
  return readdirSync(folder).filter((name) => !FILES.includes(name));
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const outer = mkdtempSync(join(tmpdir(), 'bittrue-fuzz-'));
  try {
    const folder = join(outer, 'in');
    // A bait: whoever writes through a link of a guessed name writes outside.
    writeFileSync(join(outer, 'outside'), 'untouched');
    await body(folder);
    expect(readFileSync(join(outer, 'outside'), 'utf8')).toBe('untouched');
    expect(readdirSync(outer).sort()).toEqual(['in', 'outside']);
  } finally {
    rmSync(outer, { recursive: true, force: true });
  }
}

/** Kills a writer so many times, at moments that `random` draws; how often a pair was there. */
export async function killWriters(times: number, random: () => number): Promise<{ pairs: number; none: number }> {
  const found = { pairs: 0, none: 0 };
  await inFolder(async (folder) => {
    expect(await ended(start(folder, 1, 0))).toBe('');
    for (const name of FILES) symlinkSync('../outside', join(folder, `.${name}.part`));
    for (let i = 0; i < times; i++) {
      const child = start(folder, 1e6, 1000 * i);
      const end = ended(child);
      await new Promise((resolve) => child.stdout?.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, random() * 25));
      child.kill('SIGKILL');
      await end;
      if (verdict(folder) === 'pair') found.pairs += 1;
      else found.none += 1;
    }
    for (const name of FILES) rmSync(join(folder, `.${name}.part`));
    // The next one cleans up behind the dead.
    expect(await ended(start(folder, 1, 7))).toBe('');
    expect(verdict(folder)).toBe('pair');
    expect(leftovers(folder)).toEqual([]);
  });
  return found;
}

/** Lets two writers meet, so many times. */
export async function meetWriters(pairs: number, writes = 3): Promise<void> {
  for (let i = 0; i < pairs; i++) {
    await inFolder(async (folder) => {
      const errors = await Promise.all([0, 500].map((first) => ended(start(folder, writes, first + 1000 * i))));
      expect(errors).toEqual(['', '']);
      expect(verdict(folder)).toBe('pair');
      expect(leftovers(folder)).toEqual([]);
    });
  }
}
