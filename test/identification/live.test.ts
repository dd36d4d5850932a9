/**
 * Functions and instructions of this machine, asked through the clients of `examples/probe`: what is found gives the same bits on
 * fresh rows.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { chip as reduce } from '../../examples/probe/reduce.mjs';
import { chip as simd } from '../../examples/probe/simd.mjs';
import { binary16, binary32 } from '../../src/formats/index.ts';
import { type Ask, type AskSum, type CodeRows, identify, identifySum } from '../../src/identification/index.ts';
import { defineQuestion } from '../../src/identification/question.ts';
import { rowsText } from '../../src/identification/text.ts';
import { sum } from '../../src/kernels/index.ts';
import { encode } from '../../src/rounding/index.ts';
import type { MatrixUnit } from '../../src/targets/index.ts';
import { generator } from '../random.ts';
import { hidden } from './helpers.ts';

const next = generator('live');
const anyCode = (bits: number) => Math.floor(next() * 2 ** bits);
/** A code of binary32 of about 1, any finite one, or any at all. */
const single = () => [0x3f000000 + anyCode(25) + (next() < 0.5 ? 2 ** 31 : 0), anyCode(32)][anyCode(1)] as number;
const singles = (length: number) => Uint32Array.from({ length }, single);
const isNaNCode = (code: number) => (code & 0x7fffffff) > 0x7f800000;
const plain = (code: number) => (isNaNCode(code) ? Number.NaN : code);
const ROWS = 3000;

const folder = mkdtempSync(join(tmpdir(), 'bittrue-wide-'));
const source = fileURLToPath(new URL('../../examples/probe/wide.c', import.meta.url));
const isBuilt = spawnSync('gcc', ['-O2', '-o', join(folder, 'wide'), source]).status === 0;
if (!isBuilt) console.log('no gcc for x86 here: its instructions are not asked');

/** Rows through the C program; null where this processor has no such instruction. */
function run(instruction: string, k: number, text: string): number[] | null {
  const { status, stdout, stderr } = spawnSync(join(folder, 'wide'), [instruction, String(k)], {
    input: text,
    maxBuffer: 2 ** 28,
  });
  if (status === 3) return null;
  if (status !== 0) throw new Error(String(stderr));
  const words = String(stdout).trim();
  return words === '' ? [] : words.split('\n').map((word) => Number.parseInt(word, 16));
}

const has = (instruction: string): boolean => {
  const found = isBuilt && run(instruction, 4, '') !== null;
  if (isBuilt && !found) console.log(`this processor has no ${instruction}: it is not asked`);
  return found;
};

describe('sums of JavaScript and WebAssembly', () => {
  it('Array.prototype.reduce in binary32: one by one', () => {
    const found = identifySum(reduce, { n: 8, format: binary32, agree: 1000 });
    if (found.verdict !== 'identified' || found.target === null) throw new Error('not identified');
    expect(found.arithmetic).toMatch(/^(additions|multiply-adds) in binary32$/);
    const x = singles(ROWS * 8);
    const numbers = new Float32Array(x.buffer);
    const { output } = sum(numbers, { rows: ROWS, width: 8, target: found.target, record: 'off' });
    const codes = Array.from(output, (one) => encode(binary32, one));
    expect(codes.map(plain)).toEqual([...reduce({ rows: ROWS, n: 8, x })].map(plain));
  });

  it('four lanes of SIMD: four interleaved sums, then one by one', () => {
    const k = 16;
    const found = identify(simd as Ask, { k, a: binary32, output: binary32, addend: null, agree: 500 });
    if (found.verdict !== 'identified') throw new Error(found.reason);
    expect(found.arithmetic).toContain('4 interleaved sums');
    const rows: CodeRows = {
      ...{ rows: ROWS, k, a: singles(ROWS * k), b: singles(ROWS * k), c: null, scaleA: null, scaleB: null },
    };
    const codes = hidden(found.target, found.target.matrixUnits.unit as MatrixUnit)(rows);
    expect(codes.map((code) => plain(Number(code)))).toEqual([...simd(rows)].map(plain));
  });
});

const instructions = [
  ['vpmaddubsw', { k: 2, a: 'uint8', b: 'int8', output: 'int16', addend: null }, /16-bit integer, saturate/],
  ['vpdpbusds', { k: 8, a: 'uint8', b: 'int8', output: 'int32' }, /32-bit integer, saturate/],
  ['vdpbf16ps', { k: 8, a: 'bfloat16', output: 'binary32' }, /binary32/],
] as const;

describe.skipIf(!isBuilt)('instructions of x86, through a C program (needs gcc)', () => {
  it('vcvtps2ph: a conversion is a sum of one', () => {
    if (!has('vcvtps2ph')) return;
    const convert: AskSum = ({ x }) => {
      const lines = Array.from(x as Uint32Array, (code) => code.toString(16));
      return run('vcvtps2ph', 1, `${lines.join('\n')}\n`) as number[];
    };
    const found = identifySum(convert, { n: 1, format: binary32, output: binary16, agree: 500 });
    if (found.verdict !== 'identified' || found.target === null) throw new Error('not identified');
    const rows = 3 * ROWS;
    const x = singles(rows);
    const options = { rows, width: 1, target: found.target, record: 'off' } as const;
    const { output } = sum(new Float32Array(x.buffer), options);
    const halves = (code: number) => ((code & 0x7fff) > 0x7c00 ? Number.NaN : code);
    const codes = Array.from(output, (one) => encode(binary16, one));
    expect(codes.map(halves)).toEqual(Array.from(convert({ rows, n: 1, x }), (code) => halves(Number(code))));
  });

  it.each(instructions)('%s', (name, options, words) => {
    if (!has(name)) return;
    const { k } = options;
    const question = defineQuestion(options);
    const ask: Ask = (rows) => run(name, k, rowsText(question, rows)) as number[];
    const found = identify(ask, { ...options, agree: 500 });
    if (found.verdict !== 'identified') throw new Error(found.reason);
    expect(found.arithmetic).toMatch(words);
    const codes = ({ bits }: { bits: number }, length: number) => Uint32Array.from({ length }, () => anyCode(bits));
    const fresh: CodeRows = {
      ...{ rows: ROWS, k, a: codes(question.a, ROWS * k), b: codes(question.b, ROWS * k), scaleA: null, scaleB: null },
      c: question.addend === null ? null : codes(question.addend, ROWS),
    };
    const [own, theirs] = [hidden(found.target, found.target.matrixUnits.unit as MatrixUnit)(fresh), ask(fresh)];
    const isFloat = question.output.kind === 'float';
    const told = (code: number | bigint) => (isFloat ? plain(Number(code)) : Number(code));
    expect(own.map(told)).toEqual(Array.from(theirs, told));
  });
});
