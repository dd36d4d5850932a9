/**
 * Rows of dot products with the results that a machine, or a public model of it, gave.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Format } from '../../../src/formats/index.ts';
import {
  bfloat16,
  binary16,
  binary32,
  e2m1fn,
  e4m3fn,
  e4m3fnuz,
  e5m2,
  e5m2fnuz,
  e8m0fnu,
  tf32,
} from '../../../src/formats/index.ts';
import { dot } from '../../../src/kernels/index.ts';
import { decode, encode } from '../../../src/rounding/index.ts';
import type { Target } from '../../../src/targets/index.ts';

/** Where recordings are that are not ours to ship. */
export const vectors = '../shared/vectors';
export const present = existsSync(vectors);

/** Dot products of one unit, all of one length. */
export interface Rows {
  readonly name: string;
  /** Chip and unit. */
  readonly unit: readonly [chip: string, unit: string];
  readonly a: Format;
  readonly b: Format;
  /** Of addends and results. */
  readonly output: Format;
  readonly width: number;
  readonly rows: number;
  /** rows · width numbers. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Absent: no addends. */
  readonly c: Float64Array | null;
  readonly scales: readonly [a: Float64Array, b: Float64Array] | null;
  readonly d: Float64Array;
  /** Rows that the rule of zeros decides that MMA-Sim had before its version 2. */
  readonly disputed: readonly number[];
}

/** The rows whose result is not the recorded one: NaN equals NaN, and zeros have signs. */
export function mismatches(rows: Rows, target: Target): number[] {
  const { x, y, c, scales, d, width, unit, a, b } = rows;
  const { output } = dot(x, y, {
    rows: rows.rows,
    width,
    target,
    unit: unit[1],
    a,
    b,
    ...(c === null ? {} : { c }),
    ...(scales === null ? {} : { scaleA: scales[0], scaleB: scales[1] }),
    record: 'counts',
  });
  return Array.from(d.keys()).filter((r) => !Object.is(output[r], d[r]));
}

const gpuFormats: Record<string, readonly [format: Format, unit: string]> = {
  fp16: [binary16, 'f16'],
  bf16: [bfloat16, 'bf16'],
  tf32: [binary32, 'tf32'],
  E4M3: [e4m3fn, 'fp8'],
  E5M2: [e5m2, 'fp8'],
};

interface GpuSet {
  readonly file: string;
  readonly gpu: string;
  readonly input: string;
  readonly output: string;
  readonly K: number;
  readonly rows: number;
  readonly elem_bytes: number;
  readonly row_bytes: number;
  readonly model: string;
}

/** Outputs measured on GPUs. */
export function gpuRows(): Rows[] {
  const { sets } = JSON.parse(readFileSync(`${vectors}/gpu/INDEX.json`, 'utf8')) as { sets: GpuSet[] };
  return sets.map((set) => {
    const { file, gpu, input, output, K, rows, elem_bytes: bytes, row_bytes: rowBytes, model } = set;
    const [format, kind] = gpuFormats[input] as readonly [Format, string];
    const data = readFileSync(`${vectors}/gpu/${file}`);
    const half = output === 'fp16';
    const withoutAddend = model.includes('C ignored');
    const operand = (at: number): number =>
      decode(format, bytes === 1 ? data.readUInt8(at) : bytes === 2 ? data.readUInt16LE(at) : data.readUInt32LE(at));
    const x = new Float64Array(rows * K);
    const y = new Float64Array(rows * K);
    const c = new Float64Array(rows);
    const d = new Float64Array(rows);
    for (let r = 0; r < rows; r++) {
      for (let k = 0; k < K; k++) {
        x[r * K + k] = operand(r * rowBytes + k * bytes);
        y[r * K + k] = operand(r * rowBytes + (K + k) * bytes);
      }
      c[r] = data.readFloatLE(r * rowBytes + 2 * K * bytes);
      d[r] = data.readFloatLE(r * rowBytes + 2 * K * bytes + 4);
    }
    const route = kind === 'fp8' && gpu !== 'Ada' ? (withoutAddend ? 'fp8Wgmma' : 'fp8Mma') : kind;
    return {
      name: file.replace('.bin', ''),
      unit: [gpu.toLowerCase(), `${route}${half ? 'F16' : ''}`],
      a: input === 'tf32' ? tf32 : format,
      b: input === 'tf32' ? tf32 : format,
      output: half ? binary16 : binary32,
      width: K,
      rows,
      x,
      y,
      c: withoutAddend ? null : c,
      scales: null,
      d,
      disputed: [],
    };
  });
}

const modelFormats: Record<string, Format> = {
  fp16: binary16,
  bf16: bfloat16,
  fp32: binary32,
  tf32,
  E4M3: e4m3fn,
  E5M2: e5m2,
  E2M1: e2m1fn,
  E4M3FNUZ: e4m3fnuz,
  E5M2FNUZ: e5m2fnuz,
};

const chips: Record<string, string> = {
  Volta: 'v100',
  Turing: 't4',
  Ampere: 'a100',
  'Ada Lovelace': 'ada',
  Hopper: 'h100',
  Blackwell: 'b200',
  'RTX Blackwell': 'rtxBlackwell',
  CDNA2: 'mi200',
  CDNA3: 'mi300',
};

interface Configuration {
  readonly arch: string;
  readonly instr: string;
  readonly qualifier: string;
  readonly a: string;
  readonly b: string;
  readonly d: string;
  readonly scale?: 'ue8m0' | 'ue4m3';
}

function modelUnit({ arch, instr, qualifier, a, d, scale }: Configuration): string {
  if (scale !== undefined) return a.startsWith('E2M1') ? (scale === 'ue4m3' ? 'nvfp4' : 'mxfp4') : 'mxfp8';
  if (instr === 'mfma') {
    if (qualifier.endsWith('bf16_1k')) return 'bf16_1k';
    return /xf32$/.test(qualifier)
      ? 'xf32'
      : /fp8|bf8/.test(qualifier)
        ? 'fp8'
        : a === 'fp32'
          ? 'f32'
          : a.replace('fp', 'f');
  }
  const half = d === 'fp16' ? 'F16' : '';
  if (a.startsWith('E')) return `${arch === 'Hopper' ? 'fp8Wgmma' : 'fp8'}${half}`;
  const route =
    half !== '' && instr === 'wgmma' ? 'Wgmma' : half !== '' && instr.startsWith('tcgen05') ? 'Tcgen05' : '';
  return `${a.replace('fp', 'f')}${half}${route}`;
}

/** Recordings of a public model. */
export function modelRows(): Rows[] {
  return readdirSync(`${vectors}/tensor-core-models`).map((file) => {
    const [first = '', ...lines] = readFileSync(`${vectors}/tensor-core-models/${file}`, 'utf8').trim().split('\n');
    const configuration = JSON.parse(first) as Configuration;
    const rows = lines.map(
      (line) => JSON.parse(line) as Record<'a' | 'b' | 'c' | 'd' | 'sa' | 'sb', string> & { disputed?: unknown },
    );
    const packed = configuration.a.startsWith('E2M1');
    const a = modelFormats[configuration.a.split(' ')[0] as string] as Format;
    const b = modelFormats[configuration.b] as Format;
    const output = modelFormats[configuration.d] as Format;
    const digits = (format: Format): number => (format === tf32 ? 8 : format.bits / 4);
    const operands = (text: string, format: Format): number[] => {
      const codes = packed ? nibbles(text) : words(text, digits(format));
      return codes.map((code) => (format === tf32 ? decode(binary32, code) : decode(format, code)));
    };
    const of = (key: 'a' | 'b' | 'c' | 'd' | 'sa' | 'sb', format: Format): Float64Array =>
      Float64Array.from(rows.flatMap((row) => operands(row[key], format)));
    const results = (key: 'c' | 'd'): Float64Array =>
      Float64Array.from(rows.flatMap((row) => words(row[key], output.bits / 4).map((code) => decode(output, code))));
    const scale = configuration.scale === 'ue8m0' ? e8m0fnu : e4m3fn;
    const factors = (key: 'sa' | 'sb'): Float64Array =>
      Float64Array.from(rows.flatMap((row) => words(row[key], 2).map((code) => decode(scale, code))));
    const x = of('a', a);
    return {
      name: file.replace('.jsonl', ''),
      unit: [chips[configuration.arch] as string, modelUnit(configuration)],
      a,
      b,
      output,
      width: x.length / rows.length,
      rows: rows.length,
      x,
      y: of('b', b),
      c: results('c'),
      scales: configuration.scale === undefined ? null : [factors('sa'), factors('sb')],
      d: results('d'),
      disputed: rows.flatMap((row, r) => (row.disputed === undefined ? [] : [r])),
    };
  });
}

function words(text: string, digits: number): number[] {
  return Array.from({ length: text.length / digits }, (_, i) =>
    Number.parseInt(text.slice(i * digits, (i + 1) * digits), 16),
  );
}

/** Two elements a byte, the first in the low half. */
function nibbles(text: string): number[] {
  return words(text, 2).flatMap((byte) => [byte & 15, byte >> 4]);
}

/** Pairs of bf16: element 1 in the high half. */
export function cpuRows(file: 'arm_bfdot_ebf0' | 'x86_vdpbf16ps'): Rows {
  const lines = readFileSync(`${vectors}/cpu/${file}.txt`, 'utf8')
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('#'));
  const codes = lines.map((line) => line.split(' ').map((word) => Number.parseInt(word, 16)));
  const pairs = (column: number): Float64Array =>
    Float64Array.from(
      codes.flatMap((row) => [(row[column] as number) & 0xffff, (row[column] as number) >>> 16]),
      (code) => decode(bfloat16, code),
    );
  const singles = (column: number): Float64Array =>
    Float64Array.from(codes, (row) => decode(binary32, row[column] as number));
  return {
    name: file,
    unit: file === 'arm_bfdot_ebf0' ? ['armBf16', 'bfdot'] : ['avx512Bf16', 'bf16'],
    a: bfloat16,
    b: bfloat16,
    output: binary32,
    width: 2,
    rows: lines.length,
    x: pairs(0),
    y: pairs(1),
    c: singles(2),
    scales: null,
    d: singles(3),
    disputed: [],
  };
}

/** A result's code, for messages. */
export function code(format: Format, x: number): string {
  return encode(format, x)
    .toString(16)
    .padStart(format.bits / 4, '0');
}
