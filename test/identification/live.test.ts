/**
 * Instructions of this machine, asked through the clients of `examples/probe`: what is found gives the same bits on
 * fresh rows.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { binary16, binary32 } from '../../src/formats/index.ts';
import { type Ask, type AskSum, type CodeRows, identify, identifySum } from '../../src/identification/index.ts';
import { defineQuestion } from '../../src/identification/question.ts';
import { rowsText } from '../../src/identification/text.ts';
import { sum } from '../../src/kernels/index.ts';
import { encode } from '../../src/rounding/index.ts';
import type { MatrixUnit } from '../../src/targets/index.ts';
import { hidden } from './helpers.ts';
import { anyCode, plain, ROWS, singles } from './liveCodes.ts';

const folder = mkdtempSync(join(tmpdir(), 'bittrue-wide-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
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
