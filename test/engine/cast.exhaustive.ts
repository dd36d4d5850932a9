/**
 * Every binary32 number cast by the engine, against a native program that rounds by integers: results by checksum,
 * counts by number, in 256 runs of 2^24 patterns.
 *
 * @module
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { createEngine, createTensor } from '../../src/engine/index.ts';
import { bfloat16, binary16, e4m3fn, e5m2, type FloatFormat } from '../../src/formats/index.ts';
import { cast } from '../../src/kernels/index.ts';

const RUN = 2 ** 24;
const NOT_A_NUMBER = 0x7fc00000;

const folder = mkdtempSync(join(tmpdir(), 'bittrue-casts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const program = join(folder, 'casts');

function build(): boolean {
  try {
    execFileSync('gcc', ['--version'], { stdio: 'ignore' });
  } catch {
    console.log('casts of all binary32 numbers: skipped, there is no gcc');
    return false;
  }
  const source = new URL('../../bench/native/casts.c', import.meta.url).pathname;
  execFileSync('gcc', ['-O3', '-march=native', '-o', program, source]);
  return true;
}

/** The program's checksum of results as binary32 patterns, every NaN as one pattern. */
function checksum(words: Uint32Array): string {
  let h = 0;
  let g = 0;
  for (let i = 0; i < words.length; i++) {
    let w = words[i] as number;
    if ((w & 0x7fffffff) > 0x7f800000) w = NOT_A_NUMBER;
    let k = Math.imul(w, 0xcc9e2d51);
    h ^= Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
    k = Math.imul(w, 0x85ebca6b);
    g ^= Math.imul((k << 16) | (k >>> 16), 0xc2b2ae35);
    g = (Math.imul((g << 15) | (g >>> 17), 9) + 0x9e3779b1) | 0;
  }
  return [h, g].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}

const formats: [string, FloatFormat, 'ieee' | 'fn'][] = [
  ['binary16', binary16, 'ieee'],
  ['bfloat16', bfloat16, 'ieee'],
  ['e5m2', e5m2, 'ieee'],
  ['e4m3fn', e4m3fn, 'fn'],
];

describe.skipIf(!build())('all binary32 numbers, cast by the engine', async () => {
  const engine = await createEngine();
  const x = createTensor(engine, RUN, 'binary32');
  const out = createTensor(engine, RUN, 'binary32');
  const patterns = new Uint32Array(x.buffer, x.byteOffset, RUN);
  const results = new Uint32Array(out.buffer, out.byteOffset, RUN);

  it.each(formats)('%s', async (name, format, kind) => {
    const { exponentBits, mantissaBits } = format;
    const native = promisify(execFile)(program, [String(exponentBits), String(mantissaBits), kind]);
    const ours = { counted: [] as string[], uncounted: [] as string[] };
    for (let run = 0; run < 256; run++) {
      for (let i = 0; i < RUN; i++) patterns[i] = run * RUN + i;
      const { totals } = cast(x, { format, engine, out, record: 'first' }).report;
      const counts = [totals.inexact, totals.underflow, totals.overflow, totals.invalid].join(' ');
      ours.counted.push(`${checksum(results)} ${counts}`);
      out.fill(0);
      cast(x, { format, engine, out, record: 'off' });
      ours.uncounted.push(`${checksum(results)} ${counts}`);
    }
    const lines = (await native).stdout.trimEnd().split('\n');
    expect(ours.counted).toEqual(lines);
    expect(ours.uncounted).toEqual(lines);
    console.log(`${name}: ${256 * RUN} results; inexact, underflow, overflow, invalid: ${sum(lines)}`);
  });
});

/** The columns of counts, summed. */
function sum(lines: readonly string[]): string {
  const rows = lines.map((line) => line.split(' ').slice(1).map(Number));
  return [0, 1, 2, 3].map((k) => rows.reduce((total, row) => total + (row[k] as number), 0)).join(', ');
}
