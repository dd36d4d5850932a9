/**
 * Names of formats in other houses, as data: what `parseFormat` reads beside the catalogue's own, in any case.
 *
 * Sources: torch.dtype; ml_dtypes' README; numpy's scalar types; StableHLO's and MLIR's types; ONNX's TensorProto.DataType;
 * safetensors' dtypes; CUDA's, CUTLASS' and Triton's types. A name that these houses read differently is in `unclear`.
 *
 * @module
 */

/** Modules that qualify a name: `torch.float16`, `onnx.TensorProto.BFLOAT16`. */
const qualifier = /^(?:(?:torch|tf|jax|jnp|numpy|np|ml_dtypes|onnx|tensorproto|tl|cutlass|mx)\.)+/i;

/** Our name for each of theirs, in lower case. */
export const aliases: Readonly<Record<string, string>> = {
  // binary64, binary32, binary16
  fp64: 'binary64',
  float64: 'binary64',
  f64: 'binary64',
  double: 'binary64',
  fp32: 'binary32',
  float32: 'binary32',
  f32: 'binary32',
  single: 'binary32',
  fp16: 'binary16',
  float16: 'binary16',
  f16: 'binary16',
  half: 'binary16',
  half_t: 'binary16',
  __half: 'binary16',
  // bfloat16, tf32
  bf16: 'bfloat16',
  bfloat: 'bfloat16',
  bfloat16_t: 'bfloat16',
  __nv_bfloat16: 'bfloat16',
  xf32: 'tf32',
  tfloat32: 'tf32',
  tensorfloat32: 'tf32',
  tfloat32_t: 'tf32',
  // OCP's FP8. Their makers leave `fn` out where no other e4m3 is in the house.
  float8_e4m3fn: 'e4m3fn',
  float8e4m3fn: 'e4m3fn',
  f8e4m3fn: 'e4m3fn',
  fp8e4m3fn: 'e4m3fn',
  fp8e4m3: 'e4m3fn',
  fp8_e4m3: 'e4m3fn',
  f8_e4m3: 'e4m3fn',
  __nv_fp8_e4m3: 'e4m3fn',
  float_e4m3_t: 'e4m3fn',
  float8e4nv: 'e4m3fn',
  fp8e4nv: 'e4m3fn',
  float8_e5m2: 'e5m2',
  float8e5m2: 'e5m2',
  f8e5m2: 'e5m2',
  fp8e5m2: 'e5m2',
  fp8_e5m2: 'e5m2',
  f8_e5m2: 'e5m2',
  __nv_fp8_e5m2: 'e5m2',
  float_e5m2_t: 'e5m2',
  float8e5: 'e5m2',
  fp8e5: 'e5m2',
  // IEEE's pattern at 8 bits
  float8_e4m3: 'e4m3',
  f8e4m3: 'e4m3',
  float8_e3m4: 'e3m4',
  f8e3m4: 'e3m4',
  // fnuz
  float8_e4m3fnuz: 'e4m3fnuz',
  float8e4m3fnuz: 'e4m3fnuz',
  f8e4m3fnuz: 'e4m3fnuz',
  f8_e4m3fnuz: 'e4m3fnuz',
  float8e4b8: 'e4m3fnuz',
  fp8e4b8: 'e4m3fnuz',
  float8_e5m2fnuz: 'e5m2fnuz',
  float8e5m2fnuz: 'e5m2fnuz',
  f8e5m2fnuz: 'e5m2fnuz',
  f8_e5m2fnuz: 'e5m2fnuz',
  float8e5b16: 'e5m2fnuz',
  fp8e5b16: 'e5m2fnuz',
  float8_e4m3b11fnuz: 'e4m3b11fnuz',
  f8e4m3b11fnuz: 'e4m3b11fnuz',
  // MX
  e8m0: 'e8m0fnu',
  ue8m0: 'e8m0fnu',
  float8_e8m0fnu: 'e8m0fnu',
  float8e8m0: 'e8m0fnu',
  f8e8m0fnu: 'e8m0fnu',
  f8_e8m0: 'e8m0fnu',
  float_ue8m0_t: 'e8m0fnu',
  e3m2: 'e3m2fn',
  float6_e3m2fn: 'e3m2fn',
  f6e3m2fn: 'e3m2fn',
  f6_e3m2: 'e3m2fn',
  __nv_fp6_e3m2: 'e3m2fn',
  float_e3m2_t: 'e3m2fn',
  e2m3: 'e2m3fn',
  float6_e2m3fn: 'e2m3fn',
  f6e2m3fn: 'e2m3fn',
  f6_e2m3: 'e2m3fn',
  __nv_fp6_e2m3: 'e2m3fn',
  float_e2m3_t: 'e2m3fn',
  e2m1: 'e2m1fn',
  float4_e2m1fn: 'e2m1fn',
  float4_e2m1fn_x2: 'e2m1fn',
  float4e2m1: 'e2m1fn',
  f4e2m1fn: 'e2m1fn',
  __nv_fp4_e2m1: 'e2m1fn',
  float_e2m1_t: 'e2m1fn',
};

/** Names whose house is known by their case or their module, where others read them differently. */
const exact: Readonly<Record<string, string>> = {
  FLOAT: 'binary32',
  'TensorProto.FLOAT': 'binary32',
  'onnx.TensorProto.FLOAT': 'binary32',
  'torch.float': 'binary32',
  'torch.short': 'int16',
  'torch.int': 'int32',
};

/** Names that stand for several formats: an error that tells them apart, never a choice. */
export const unclear: Readonly<Record<string, readonly string[]>> = {
  float: ['binary32', 'binary64'],
  fp8: ['e4m3fn', 'e5m2'],
  f8: ['e4m3fn', 'e5m2'],
  float8: ['e4m3fn', 'e5m2'],
  fp6: ['e3m2fn', 'e2m3fn'],
  f6: ['e3m2fn', 'e2m3fn'],
  float6: ['e3m2fn', 'e2m3fn'],
  fp4: ['e2m1fn'],
  f4: ['e2m1fn'],
  float4: ['e2m1fn'],
};

/** A name as this house writes it: lower case, without a module; `i8`, `si8` and `s8` are `int8`. */
export function plainName(text: string): string {
  if (Object.hasOwn(exact, text)) return exact[text];
  const name = text.replace(qualifier, '').toLowerCase();
  if (Object.hasOwn(aliases, name)) return aliases[name];
  const integer = /^(s?i|s|ui?)(\d{1,2})$/.exec(name);
  return integer ? `${integer[1].startsWith('u') ? 'uint' : 'int'}${integer[2]}` : name;
}

/**
 * What a reader of a name should know: that two formats are called e4m3. Null where a name has one meaning.
 *
 * @param text - as it was typed
 * @param name - the catalogue's name that it was read as
 */
export function nameNote(text: string, name: string): string | null {
  if (name === 'e4m3') {
    return `${text} is read as the IEEE-like e4m3, whose largest number is 240; the FP8 of OCP, torch.float8_e4m3fn and NVIDIA, up to 448, is e4m3fn`;
  }
  if (name === 'e4m3fn' && !/fn/i.test(text)) {
    return `${text} is read as OCP's e4m3fn, whose largest number is 448; the IEEE-like format up to 240 is e4m3`;
  }
  return null;
}
