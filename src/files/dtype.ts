/**
 * Element types of stored tensors: how wide each is, of which format its codes are, and how they turn into numbers.
 * Elements of 2, 4 and 6 bits are packed, hence widths in bits and not bytes.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import {
  bfloat16,
  binary16,
  binary32,
  e2m1fn,
  e2m3fn,
  e3m2fn,
  e4m3fn,
  e4m3fnuz,
  e5m2,
  e5m2fnuz,
  e8m0fnu,
  type Format,
  int2,
  int4,
  int8,
  int16,
  int32,
  uint2,
  uint4,
  uint8,
  uint16,
  uint32,
} from '../formats/index.ts';
import { decode } from '../rounding/index.ts';
import { type FloatArray, unpackCodes } from '../tensors/index.ts';

/** Bits an element takes, by the names of the safetensors format. */
export const safetensorsBits: Readonly<Record<string, number>> = /* @__PURE__ */ Object.freeze({
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
});

/** Bits an element takes: the types above, and those that ONNX alone has. */
export const dtypeBits: Readonly<Record<string, number>> = /* @__PURE__ */ Object.freeze({
  ...safetensorsBits,
  I2: 2,
  U2: 2,
  I4: 4,
  U4: 4,
  C128: 128,
});

/** The formats of codes. */
const formats: Readonly<Record<string, Format>> = /* @__PURE__ */ Object.freeze({
  I2: int2,
  U2: uint2,
  I4: int4,
  U4: uint4,
  F4: e2m1fn,
  F6_E2M3: e2m3fn,
  F6_E3M2: e3m2fn,
  I8: int8,
  U8: uint8,
  F8_E4M3: e4m3fn,
  F8_E4M3FNUZ: e4m3fnuz,
  F8_E5M2: e5m2,
  F8_E5M2FNUZ: e5m2fnuz,
  F8_E8M0: e8m0fnu,
  I16: int16,
  U16: uint16,
  F16: binary16,
  BF16: bfloat16,
  I32: int32,
  U32: uint32,
  F32: binary32,
});

/** The format that a type's codes are of, or null. */
export function dtypeFormat(dtype: string): Format | null {
  return Object.hasOwn(formats, dtype) ? formats[dtype] : null;
}

/** The types that have one, for errors. */
export function codedDtypes(): string {
  return Object.keys(formats).join(', ');
}

/** The types of weights and activations as they are trained: real numbers, without a scale beside them. */
export type FloatDtype = 'F16' | 'BF16' | 'F32' | 'F64';

/** Whether elements of this type are such numbers. */
export function isFloatDtype(dtype: string): dtype is FloatDtype {
  return dtype === 'F16' || dtype === 'BF16' || dtype === 'F32' || dtype === 'F64';
}

/** Whether every number of this type is a binary32 number, too. */
export function fitsBinary32(dtype: string): boolean {
  return dtype !== 'F64' && dtypeBits[dtype] <= 32 && dtype !== 'I32' && dtype !== 'U32';
}

/** Why elements of a type are no numbers here, and the way on; null for those that are. */
export function whyNoNumbers(dtype: string): string | null {
  if (dtype === 'BOOL') return 'numbers: readTensorBytes gives truth values as bytes 0 and 1';
  if (dtype === 'C64' || dtype === 'C128')
    return 'real numbers: store real and imaginary parts as tensors of their own';
  if (dtype === 'F6_E2M3' || dtype === 'F6_E3M2')
    return 'bytes whose order is known: the format states none for codes of 6 bits; readTensorCodes takes `bitOrder`';
  return null;
}

/**
 * Turns little-endian elements into numbers, exactly, into `out` from index `start`; `count` of them, which begin at a whole
 * byte. Length and alignment are the caller's business; an array of binary32 numbers rounds.
 *
 * @throws {@link BittrueError} `value` for an integer that is no binary64 number
 */
export function decodeNumbers(
  bytes: Uint8Array,
  dtype: string,
  out: FloatArray,
  start: number,
  count: number,
  where: string,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isFloatDtype(dtype)) decodeFloats(bytes, dtype, out, start);
  else if (dtype === 'I64' || dtype === 'U64') decodeWide(view, dtype === 'I64', out, start, count, where);
  else if (dtype === 'I32') for (let i = 0; i < count; i++) out[start + i] = view.getInt32(4 * i, true);
  else if (dtype === 'U32') for (let i = 0; i < count; i++) out[start + i] = view.getUint32(4 * i, true);
  else if (dtype === 'I16') for (let i = 0; i < count; i++) out[start + i] = view.getInt16(2 * i, true);
  else if (dtype === 'U16') for (let i = 0; i < count; i++) out[start + i] = view.getUint16(2 * i, true);
  else if (count > 0) {
    const format = formats[dtype];
    const values = valuesOf(format);
    const codes = format.bits === 8 ? bytes : unpackCodes(bytes, count, format.bits);
    for (let i = 0; i < count; i++) out[start + i] = values[codes[i]];
  }
}

/** What every code of a narrow format stands for. */
export function valuesOf(format: Format): Float64Array {
  return Float64Array.from({ length: format.codes }, (_, code) => decode(format, code));
}

function decodeWide(
  view: DataView,
  signed: boolean,
  out: FloatArray,
  start: number,
  count: number,
  where: string,
): void {
  for (let i = 0; i < count; i++) {
    const wide = signed ? view.getBigInt64(8 * i, true) : view.getBigUint64(8 * i, true);
    const value = Number(wide);
    if (BigInt(value) !== wide) {
      const wanted = 'an integer that binary64 holds, as all are up to 2^53: store such as floats, or as differences';
      throw new BittrueError('value', where, `${wide} at index ${start + i}`, wanted);
    }
    out[start + i] = value;
  }
}

const isLittleEndian = /* @__PURE__ */ (() => new Uint8Array(Uint16Array.of(1).buffer)[0] === 1)();

/** Little-endian elements as an array over the bytes, which are read only where that can be; null where it cannot. */
export function floatsIn(read: () => Uint8Array, dtype: string): FloatArray | null {
  if (!isLittleEndian || (dtype !== 'F32' && dtype !== 'F64')) return null;
  const Floats = dtype === 'F32' ? Float32Array : Float64Array;
  const bytes = read();
  if (bytes.byteOffset % Floats.BYTES_PER_ELEMENT !== 0) return null;
  return new Floats(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length / Floats.BYTES_PER_ELEMENT);
}

/** Decodes little-endian elements into `out` from index `start`. Length and alignment are the caller's business. */
export function decodeFloats(bytes: Uint8Array, dtype: FloatDtype, out: FloatArray, start: number): void {
  if (isLittleEndian && (dtype === 'F32' || dtype === 'F64')) {
    // The machine's own numbers, once they begin at a multiple of their width: a copy, not a loop.
    const width = dtype === 'F32' ? 4 : 8;
    const { buffer, byteOffset } = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
    const count = Math.floor(bytes.length / width);
    out.set(
      dtype === 'F32' ? new Float32Array(buffer, byteOffset, count) : new Float64Array(buffer, byteOffset, count),
      start,
    );
    return;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (dtype === 'F64') {
    for (let i = 0, at = start; i < bytes.length; i += 8) out[at++] = view.getFloat64(i, true);
  } else if (dtype === 'F32') {
    for (let i = 0, at = start; i < bytes.length; i += 4) out[at++] = view.getFloat32(i, true);
  } else if (dtype === 'F16') {
    for (let i = 0, at = start; i < bytes.length; i += 2) out[at++] = halfValue(view.getUint16(i, true));
  } else {
    // A bfloat16 is the upper half of a binary32.
    const bits = new Uint32Array(1);
    const value = new Float32Array(bits.buffer);
    for (let i = 0, at = start; i < bytes.length; i += 2) {
      bits[0] = view.getUint16(i, true) << 16;
      out[at++] = value[0];
    }
  }
}

/** The value of a binary16 code (IEEE 754-2019 §3.4). Every product below is exact. */
export function halfValue(code: number): number {
  const sign = code & 0x8000 ? -1 : 1;
  const exponent = (code >> 10) & 31;
  const fraction = code & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return exponent >= 25
    ? sign * (1024 + fraction) * (1 << (exponent - 25))
    : (sign * (1024 + fraction)) / (1 << (25 - exponent));
}
