/**
 * The element types of ONNX (TensorProto.DataType of onnx.proto, IR version 13) by their lower-case names: their numbers,
 * what they hold, and the arrays that hold them here.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';

/** What a type's elements are. */
export type ElementKind = 'float' | 'integer' | 'bool' | 'string' | 'complex';

interface ElementTypeInfo {
  readonly kind: ElementKind;
  /** Bits of an element; 0 for strings. */
  readonly bits: number;
  /** Least and largest integer; of integers alone. */
  readonly signed?: boolean;
}

const float = (bits: number): ElementTypeInfo => ({ kind: 'float', bits });
const integer = (bits: number, signed: boolean): ElementTypeInfo => ({ kind: 'integer', bits, signed });

/** In the order of their numbers, from 1 on. */
const table = {
  float: float(32),
  uint8: integer(8, false),
  int8: integer(8, true),
  uint16: integer(16, false),
  int16: integer(16, true),
  int32: integer(32, true),
  int64: integer(64, true),
  string: { kind: 'string', bits: 0 },
  bool: { kind: 'bool', bits: 8 },
  float16: float(16),
  double: float(64),
  uint32: integer(32, false),
  uint64: integer(64, false),
  complex64: { kind: 'complex', bits: 64 },
  complex128: { kind: 'complex', bits: 128 },
  bfloat16: float(16),
  float8e4m3fn: float(8),
  float8e4m3fnuz: float(8),
  float8e5m2: float(8),
  float8e5m2fnuz: float(8),
  uint4: integer(4, false),
  int4: integer(4, true),
  float4e2m1: float(4),
  float8e8m0: float(8),
  uint2: integer(2, false),
  int2: integer(2, true),
} as const satisfies Record<string, ElementTypeInfo>;

/** An element type of ONNX, by its name in `TensorProto.DataType`, in lower case. */
export type OnnxElementType = keyof typeof table;

/** All element types; the number of one is its place, counted from 1. */
export const elementTypes = /* @__PURE__ */ Object.freeze(Object.keys(table) as OnnxElementType[]);

/** The type of a number in `TensorProto.DataType`; undefined for 0 and for numbers beyond those known. */
export function elementTypeOf(code: number): OnnxElementType | undefined {
  return elementTypes[code - 1];
}

/** What a type's elements are. */
export function elementKind(type: OnnxElementType): ElementKind {
  return table[type].kind;
}

/** Bits of an element. */
export function elementBits(type: OnnxElementType): number {
  return table[type].bits;
}

/** Whether an integer type has a sign. */
export function isSigned(type: OnnxElementType): boolean {
  return (table[type] as ElementTypeInfo).signed === true;
}

/** Least and largest integer of a type. */
export function integerLimits(type: OnnxElementType): readonly [bigint, bigint] {
  const bits = BigInt(elementBits(type));
  return isSigned(type) ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
}

/** Arrays of elements: of floats their values, of bool 0 and 1, of integers below 8 bits one a byte. */
export type ElementArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

const integerArrays = {
  8: [Uint8Array, Int8Array],
  16: [Uint16Array, Int16Array],
  32: [Uint32Array, Int32Array],
  64: [BigUint64Array, BigInt64Array],
} as const;

/**
 * The array in which a run holds elements of a type: Float64Array for every float type.
 *
 * @throws {@link BittrueError} `unsupported` for strings and complex numbers
 */
export function arrayKind(type: OnnxElementType): new (length: number) => ElementArray {
  const { kind, bits } = table[type];
  if (kind === 'float') return Float64Array;
  if (kind === 'bool') return Uint8Array;
  if (kind === 'integer') {
    return integerArrays[Math.max(8, bits) as keyof typeof integerArrays][isSigned(type) ? 1 : 0];
  }
  throw new BittrueError('unsupported', 'type', type, 'elements that are numbers or bool');
}
