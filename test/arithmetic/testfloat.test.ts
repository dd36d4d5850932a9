/**
 * Berkeley TestFloat 3 cases, every one, through the code-level entry points: result and flags. The same functions and
 * more also run on cases that the oracle computes, in the same line format; those need no files.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createUnit } from '../../src/arithmetic/index.ts';
import { bfloat16, binary16, binary32, e4m3fn, e5m2, type FloatFormat, tf32 } from '../../src/formats/index.ts';
import { decode, type RoundingMode } from '../../src/rounding/index.ts';
import { oracleCompute, type VectorTaskOptions, vectorLines } from '../../src/testing/conformance/index.ts';

const FOLDER = new URL('../../../shared/vectors/testfloat/', import.meta.url);
const MODES: Record<string, RoundingMode> = {
  near_even: 'tiesToEven',
  near_maxMag: 'tiesToAway',
  minMag: 'towardZero',
  min: 'towardNegative',
  max: 'towardPositive',
  odd: 'toOdd',
};
const FORMATS: Record<string, FloatFormat> = { f16: binary16, bf16: bfloat16, f32: binary32, tf32, e4m3fn, e5m2 };
const TESTFLOAT_FLAGS = 0b11111;

type Run = (operands: string[]) => { result: number; flags: number };

/** What computes one line's operands in one mode, and whether its result is a float code of which format. */
function runner(name: string, rounding: RoundingMode): { run: Run; format: FloatFormat | null } {
  const [from = '', operation = ''] = name.includes('_to_') ? [name.split('_')[0], 'convert'] : name.split('_');
  const to = name.includes('_to_') ? (name.split('_')[2] as string) : from;
  const unit = createUnit({ format: FORMATS[to] ?? (FORMATS[from] as FloatFormat), policy: { rounding } });
  const code = (text: string | undefined) => Number.parseInt(text as string, 16);
  const compute = (o: string[]): number => {
    const [a, b, c] = o.map(code) as [number, number, number];
    switch (operation) {
      case 'add':
        return unit.codes.add(a, b);
      case 'sub':
        return unit.codes.subtract(a, b);
      case 'mul':
        return unit.codes.multiply(a, b);
      case 'div':
        return unit.codes.divide(a, b);
      case 'sqrt':
        return unit.codes.squareRoot(a);
      case 'mulAdd':
        return unit.codes.fusedMultiplyAdd(a, b, c);
      case 'roundToInt':
        return unit.codes.roundToIntegral(a);
      case 'convert':
        if (to === 'i32') return unit.codes.toInteger(a) >>> 0;
        if (from === 'i32') return unit.codes.fromInteger(a | 0);
        if (from === 'f64') return unit.codes.fromBinary64(BigInt(`0x${o[0]}`));
        return unit.codes.convert(a, FORMATS[from] as FloatFormat);
      default:
        throw new Error(`no such function: ${name}`);
    }
  };
  const run: Run = (operands) => ({ result: compute(operands), flags: unit.flags & TESTFLOAT_FLAGS });
  return { run, format: FORMATS[to] ?? null };
}

/** The lines that a function gets wrong, as text, and how many it got. */
function failures(name: string, rounding: RoundingMode, lines: Iterable<string>): { cases: number; wrong: string[] } {
  const { run, format } = runner(name, rounding);
  const wrong: string[] = [];
  let cases = 0;
  for (const line of lines) {
    const parts = line.trim().split(' ');
    const flags = Number.parseInt(parts.pop() as string, 16);
    const expected = Number.parseInt(parts.pop() as string, 16);
    const found = run(parts);
    const bothNaN =
      format !== null && Number.isNaN(decode(format, expected)) && Number.isNaN(decode(format, found.result));
    if ((found.result !== expected && !bothNaN) || found.flags !== flags) {
      wrong.push(`${rounding} ${line}: ${found.result.toString(16)} ${found.flags.toString(16)}`);
    }
    cases += 1;
  }
  return { cases, wrong };
}

describe.skipIf(!existsSync(FOLDER))('TestFloat 3 (skipped without ../shared/vectors/testfloat)', () => {
  const files = existsSync(FOLDER) ? readdirSync(FOLDER).sort() : [];
  const functions = [...new Set(files.map((file) => file.split('.')[0] as string))];
  it.each(functions)('%s: every case in every mode', (name) => {
    let cases = 0;
    const wrong: string[] = [];
    for (const file of files.filter((candidate) => candidate.startsWith(`${name}.`))) {
      const lines = gunzipSync(readFileSync(new URL(file, FOLDER)))
        .toString()
        .trim()
        .split('\n');
      const told = failures(name, MODES[file.split('.')[1] as string] as RoundingMode, lines);
      cases += told.cases;
      wrong.push(...told.wrong);
    }
    console.log(`TestFloat ${name}: ${cases} cases, ${wrong.length} mismatches`);
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(cases).toBeGreaterThan(0);
  });
});

/** TestFloat's functions, and the arithmetic of other formats. */
const FUNCTIONS = [
  ...['f16', 'bf16', 'f32', 'tf32', 'e4m3fn', 'e5m2'].flatMap((format) =>
    ['add', 'sub', 'mul', 'div', 'sqrt', 'mulAdd', 'roundToInt'].map((operation) => `${format}_${operation}`),
  ),
  ...['f16', 'bf16', 'f32', 'e5m2'].flatMap((format) => [`${format}_to_i32`, `i32_to_${format}`, `f64_to_${format}`]),
  ...['f32_to_f16', 'f16_to_f32', 'f32_to_bf16', 'bf16_to_f32', 'f32_to_tf32', 'f32_to_e4m3fn', 'f16_to_e5m2'],
];

/** What the generator calls a function. */
function taskOf(name: string): VectorTaskOptions {
  const [from = '', operation = '', to = ''] = name.split('_');
  if (operation !== 'to') return { format: FORMATS[from] as FloatFormat, operation: operation as 'add' };
  if (to === 'i32') return { format: FORMATS[from] as FloatFormat, operation: 'toI32' };
  const format = FORMATS[to] as FloatFormat;
  if (from === 'i32') return { format, operation: 'fromI32' };
  return { format, operation: 'cast', from: from === 'f64' ? 'binary64' : (FORMATS[from] as FloatFormat) };
}

describe('the same on cases that the oracle computes', () => {
  it.each(FUNCTIONS)('%s: in every mode', (name) => {
    let cases = 0;
    const wrong: string[] = [];
    for (const [seed, rounding] of Object.values(MODES).entries()) {
      const lines = vectorLines({ ...taskOf(name), rounding, count: 300, seed, compute: oracleCompute });
      const told = failures(name, rounding, lines);
      cases += told.cases;
      wrong.push(...told.wrong);
    }
    console.log(`oracle ${name}: ${cases} cases, ${wrong.length} mismatches`);
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(cases).toBe(300 * Object.keys(MODES).length);
  });
});
