/**
 * Stored tensors of an ONNX file as constants of a graph.
 *
 * @module
 */
import { allocate, BittrueError } from '../../errors/index.ts';
import { decodeFloats, dtypeFormat, isFloatDtype } from '../../files/dtype.ts';
import type { TensorEntry } from '../../files/index.ts';
import { arrayKind, elementBits, elementKind } from '../../graphs/elementTypes.ts';
import { elementCount } from '../../graphs/graph.ts';
import type { Constant, ElementArray, OnnxElementType, RowRange, TypedTensor } from '../../graphs/index.ts';
import { decode } from '../../rounding/index.ts';
import { unpackCodes } from '../../tensors/index.ts';

/** Element types by the names that readers of files use. */
const types: Readonly<Record<string, OnnxElementType>> = {
  F32: 'float',
  U8: 'uint8',
  I8: 'int8',
  U16: 'uint16',
  I16: 'int16',
  I32: 'int32',
  I64: 'int64',
  BOOL: 'bool',
  F16: 'float16',
  F64: 'double',
  U32: 'uint32',
  U64: 'uint64',
  C64: 'complex64',
  C128: 'complex128',
  BF16: 'bfloat16',
  F8_E4M3: 'float8e4m3fn',
  F8_E4M3FNUZ: 'float8e4m3fnuz',
  F8_E5M2: 'float8e5m2',
  F8_E5M2FNUZ: 'float8e5m2fnuz',
  U4: 'uint4',
  I4: 'int4',
  F4: 'float4e2m1',
  F8_E8M0: 'float8e8m0',
  U2: 'uint2',
  I2: 'int2',
};

type Stored = Omit<TensorEntry, 'name'>;

/** A stored tensor as a constant; nothing is read yet. */
export function constantAt(stored: Stored, name: string): Constant {
  const type = types[stored.dtype];
  return { type, shape: stored.shape, read: async (rows) => readElements(stored, name, rows) };
}

/** A stored tensor, read. */
export function tensorAt(stored: Stored, name: string): TypedTensor {
  return { type: types[stored.dtype], shape: stored.shape, data: readElements(stored, name) };
}

/** Elements of rows of a tensor; of floats that fit in binary32 in a Float32Array. */
function readElements(stored: Stored, name: string, rows?: RowRange): ElementArray {
  const { source, shape, dtype } = stored;
  const where = `${source.name}: ${name}`;
  const width = elementCount(shape.slice(1));
  const range = rows ?? { begin: 0, end: shape[0] ?? 1 };
  const isRange = Number.isInteger(range.begin) && range.begin >= 0 && range.begin <= range.end;
  if (!isRange || !(range.end <= (shape[0] ?? 1))) {
    throw new BittrueError('range', where, `rows ${range.begin}…${range.end}`, `rows within 0…${shape[0] ?? 1}`);
  }
  const bits = elementBits(types[dtype]);
  const [from, count] = [range.begin * width, (range.end - range.begin) * width];
  if (bits < 8) return readPacked(stored, where, from, count, bits);
  const bytes = source.read(stored.offset + (from * bits) / 8, (count * bits) / 8);
  if (isFloatDtype(dtype)) {
    const data = dtype === 'F64' ? allocate(where, Float64Array, count) : allocate(where, Float32Array, count);
    decodeFloats(bytes, dtype, data, 0);
    return data;
  }
  const type = types[dtype];
  if (elementKind(type) === 'float') return decoded(bytes, dtype);
  const kind = arrayKind(type);
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return new (kind as unknown as new (buffer: ArrayBuffer) => ElementArray)(littleEndian(copy, bits / 8).buffer);
}

/** Bytes of numbers in the order of this machine. */
function littleEndian(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  const isLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  if (!isLittle) for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
  return bytes;
}

/** Codes of a byte as numbers. */
function decoded(codes: Uint8Array, dtype: string): Float32Array {
  const format = dtypeFormat(dtype);
  if (format === null) throw new BittrueError('unsupported', 'dtype', dtype, 'a type of numbers');
  const values = Float32Array.from({ length: 2 ** format.bits }, (_, code) => decode(format, code));
  return Float32Array.from(codes, (code) => values[code]);
}

/** Elements of 2 or 4 bits; they lie side by side across rows. */
function readPacked(stored: Stored, where: string, from: number, count: number, bits: number): ElementArray {
  const { source, offset, dtype } = stored;
  const first = Math.floor((from * bits) / 8);
  const skipped = from - (first * 8) / bits;
  const codes = allocate(where, Uint8Array, count);
  if (count > 0) {
    const bytes = source.read(offset + first, Math.ceil(((skipped + count) * bits) / 8));
    codes.set(Uint8Array.from(unpackCodes(bytes, skipped + count, bits)).subarray(skipped));
  }
  if (dtype === 'F4') return decoded(codes, dtype);
  if (dtype === 'U4' || dtype === 'U2') return codes;
  const sign = 2 ** (bits - 1);
  return Int8Array.from(codes, (code) => (code >= sign ? code - 2 * sign : code));
}
