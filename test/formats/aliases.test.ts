/**
 * Formats as users write them: each name resolves, or the error names what may have been meant.
 */
import { describe, expect, it } from 'vitest';
import { BittrueError } from '../../src/errors/index.ts';
import { aliases, nameNote, unclear } from '../../src/formats/aliases.ts';
import { catalogue, formatName, parseBlock, parseFormat } from '../../src/formats/index.ts';

/** What users write, and our name for it. */
const resolved: readonly (readonly [written: string, name: string])[] = [
  // any case
  ['E4M3FN', 'e4m3fn'],
  ['BINARY16', 'binary16'],
  ['Int8', 'int8'],
  ['FP16', 'binary16'],
  ['BF16', 'bfloat16'],
  ['TF32', 'tf32'],
  ['Binary8P3SE', 'binary8p3se'],
  ['FLOAT:E4M3:INF=NONE:NAN=TOPCODE', 'e4m3fn'],
  // torch
  ['torch.float8_e4m3fn', 'e4m3fn'],
  ['float8_e5m2', 'e5m2'],
  ['torch.float8_e4m3fnuz', 'e4m3fnuz'],
  ['torch.float8_e8m0fnu', 'e8m0fnu'],
  ['torch.float4_e2m1fn_x2', 'e2m1fn'],
  ['torch.bfloat16', 'bfloat16'],
  ['torch.half', 'binary16'],
  ['half', 'binary16'],
  ['torch.float', 'binary32'],
  // ml_dtypes, numpy
  ['ml_dtypes.float8_e4m3b11fnuz', 'e4m3b11fnuz'],
  ['float8_e3m4', 'e3m4'],
  ['float8_e4m3', 'e4m3'],
  ['float6_e2m3fn', 'e2m3fn'],
  ['np.float16', 'binary16'],
  ['float32', 'binary32'],
  ['numpy.double', 'binary64'],
  // StableHLO, MLIR, XLA
  ['f8E4M3FN', 'e4m3fn'],
  ['f8E4M3', 'e4m3'],
  ['f8E5M2FNUZ', 'e5m2fnuz'],
  ['f4E2M1FN', 'e2m1fn'],
  ['f8E8M0FNU', 'e8m0fnu'],
  ['bf16', 'bfloat16'],
  ['si4', 'int4'],
  ['ui8', 'uint8'],
  ['s32', 'int32'],
  // ONNX
  ['FLOAT8E4M3FN', 'e4m3fn'],
  ['onnx.TensorProto.FLOAT8E5M2', 'e5m2'],
  ['FLOAT4E2M1', 'e2m1fn'],
  ['FLOAT8E8M0', 'e8m0fnu'],
  ['FLOAT16', 'binary16'],
  ['FLOAT', 'binary32'],
  // safetensors, CUDA, CUTLASS, Triton
  ['F8_E4M3', 'e4m3fn'],
  ['__nv_fp8_e4m3', 'e4m3fn'],
  ['cutlass.half_t', 'binary16'],
  ['tl.float8e4nv', 'e4m3fn'],
];

/** What users write that is no name, and what is suggested. */
const suggested: readonly (readonly [written: string, names: readonly string[]])[] = [
  ['fp8', ['e4m3fn', 'e5m2']],
  ['FP8', ['e4m3fn', 'e5m2']],
  ['float', ['binary32', 'binary64']],
  ['fp6', ['e3m2fn', 'e2m3fn']],
  ['fp4', ['e2m1fn']],
  ['e4m3fm', ['e4m3fn']],
  ['e4m3f', ['e4m3fn', 'e4m3']],
  ['e4m3nf', ['e4m3fn']],
  ['float8_e4m3fm', ['e4m3fn']],
  ['bflaot16', ['bfloat16']],
  ['bfloat61', ['bfloat16']],
  ['binary 16', ['binary16']],
  ['flaot16', ['binary16']],
  ['e5m2fnz', ['e5m2fnuz']],
  ['dlfloat', ['dlfloat16', 'bfloat16']],
];

/** The error of a name. */
function refusal(written: string): BittrueError {
  try {
    parseFormat(written);
  } catch (error) {
    if (error instanceof BittrueError) return error;
    throw error;
  }
  throw new Error(`${written} was taken`);
}

describe('names as users write them', () => {
  it('are at least forty', () => {
    expect(resolved.length + suggested.length).toBeGreaterThanOrEqual(40);
  });

  it.each(resolved)('%s is %s', (written, name) => {
    expect(formatName(parseFormat(written))).toBe(name);
  });

  it.each(suggested)('%s is refused, with %j', (written, names) => {
    const { code, suggestions } = refusal(written);
    expect(code).toBe('name');
    expect(suggestions.map((text) => text.replace(/ .*/, ''))).toEqual(names);
  });

  it('suggestions tell the two e4m3 apart by their largest number', () => {
    expect(refusal('e4m3f').message).toMatch(/: did you mean e4m3fn \(largest 448\) or e4m3 \(largest 240\)\?$/);
    expect(refusal('e4m4').message).toContain('e4m3 (largest 240)');
    expect(refusal('e5m10').suggestions).toEqual(['float:e5m10', 'e5m2 (largest 57344)']);
    expect(refusal('fp8').message).toMatch(/did you mean e4m3fn \(largest 448\) or e5m2 \(largest 57344\)\?$/);
  });

  it.each(['zzz', 'posit16', 'constructor', '__proto__', 'torch.', 'torch.constructor'])('%s has none', (written) => {
    expect(refusal(written).suggestions).toEqual([]);
  });

  it.each(['mxfp4', 'NVFP4', 'block:e2m1fn;size=16'])('%s is told to be a block format', (written) => {
    expect(refusal(written).message).toContain('parseBlock reads block formats');
  });
});

describe('aliases', () => {
  it('are lower case, lead into the catalogue, and hide none of its names', () => {
    for (const [alias, name] of Object.entries(aliases)) {
      expect(alias).toBe(alias.toLowerCase());
      expect(Object.hasOwn(catalogue, name), name).toBe(true);
      expect(Object.hasOwn(catalogue, alias), alias).toBe(false);
      expect(Object.hasOwn(unclear, alias), alias).toBe(false);
    }
    for (const name of Object.values(unclear).flat()) expect(Object.hasOwn(catalogue, name), name).toBe(true);
    for (const name of Object.keys(catalogue)) expect(name).toBe(name.toLowerCase());
  });

  it('say `fn` where the format is e4m3fn, or have a note', () => {
    for (const [alias, name] of Object.entries(aliases)) {
      const isPlain = name === 'e4m3' || (name === 'e4m3fn' && !alias.includes('fn'));
      expect(nameNote(alias, name) !== null, alias).toBe(isPlain);
    }
    expect(nameNote('e4m3', 'e4m3')).toContain('240');
    expect(nameNote('e4m3', 'e4m3')).toContain('448, is e4m3fn');
    expect(nameNote('e4m3fn', 'e4m3fn')).toBeNull();
    expect(nameNote('E5M2', 'e5m2')).toBeNull();
  });
});

describe('block formats', () => {
  it.each([
    ['MXFP4', 'mxfp4'],
    ['NVFP4', 'nvfp4'],
    ['mxfp8_e4m3', 'mxfp8e4m3'],
    ['MSFP-12', 'msfp12'],
    ['BLOCK:E2M1FN;SIZE=16;RULE=EVEN', 'block:e2m1fn;size=16;rule=even'],
  ])('%s is %s', (written, name) => {
    expect(parseBlock(written)).toEqual({ ...parseBlock(name), name: parseBlock(written).name });
  });

  it.each([
    ['mxfp8', ['mxfp8e4m3', 'mxfp8e5m2']],
    ['mxfp6', ['mxfp6e3m2', 'mxfp6e2m3']],
    ['nvpf4', ['nvfp4']],
    ['mxfp', ['mxfp8e4m3', 'mxfp8e5m2', 'mxfp6e3m2']],
    ['zzzzzz', []],
  ])('%s is refused, with %j', (written, names) => {
    expect(() => parseBlock(written)).toThrow(expect.objectContaining({ code: 'name', suggestions: names }));
  });
});
