/**
 * TensorProto of onnx.proto3 (github.com/onnx/onnx, IR version 13): where a tensor's bytes lie, whatever its element type
 * and whichever of the seven storages it has.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { TensorEntry } from '../checkpoint.ts';
import { dtypeBits } from '../dtype.ts';
import { externalPlace, type OpenFile } from './external.ts';
import { type Coding, integersOf, numbersAt, type Place } from './numbers.ts';
import type { Field, Wire } from './wire.ts';

/** A tensor that can be read, or why not. */
export type Found = Omit<TensorEntry, 'name'> | string;

/** An element type: its name in safetensors' words, and the field of its numbers where they are not raw. */
interface ElementType {
  readonly dtype: string;
  readonly field: 4 | 5 | 7 | 10 | 11;
}

/** TensorProto.DataType. Strings (8) are bytes of no fixed width, and stand apart. */
const elementTypes: Readonly<Record<number, ElementType>> = {
  1: { dtype: 'F32', field: 4 },
  2: { dtype: 'U8', field: 5 },
  3: { dtype: 'I8', field: 5 },
  4: { dtype: 'U16', field: 5 },
  5: { dtype: 'I16', field: 5 },
  6: { dtype: 'I32', field: 5 },
  7: { dtype: 'I64', field: 7 },
  9: { dtype: 'BOOL', field: 5 },
  10: { dtype: 'F16', field: 5 },
  11: { dtype: 'F64', field: 10 },
  12: { dtype: 'U32', field: 11 },
  13: { dtype: 'U64', field: 11 },
  14: { dtype: 'C64', field: 4 },
  15: { dtype: 'C128', field: 10 },
  16: { dtype: 'BF16', field: 5 },
  17: { dtype: 'F8_E4M3', field: 5 },
  18: { dtype: 'F8_E4M3FNUZ', field: 5 },
  19: { dtype: 'F8_E5M2', field: 5 },
  20: { dtype: 'F8_E5M2FNUZ', field: 5 },
  21: { dtype: 'U4', field: 5 },
  22: { dtype: 'I4', field: 5 },
  23: { dtype: 'F4', field: 5 },
  24: { dtype: 'F8_E8M0', field: 5 },
  25: { dtype: 'U2', field: 5 },
  26: { dtype: 'I2', field: 5 },
};

/** The fields of numbers: what they are called, and how they are written. */
const storages: Readonly<Record<number, { readonly name: string; readonly coding: Coding }>> = {
  4: { name: 'float_data', coding: 4 },
  5: { name: 'int32_data', coding: 'varint' },
  6: { name: 'string_data', coding: 'varint' },
  7: { name: 'int64_data', coding: 'varint' },
  10: { name: 'double_data', coding: 8 },
  11: { name: 'uint64_data', coding: 'varint' },
};

/** The name that a TensorProto has; empty for none. */
export function tensorName(wire: Wire, { begin, end }: Field): string {
  let name = '';
  for (const field of wire.fields(begin, end)) if (field.number === 8) name = wire.text(field);
  return name;
}

/**
 * Where a TensorProto's data lie, or why they cannot be read.
 *
 * @param name - what errors call it
 * @throws {@link BittrueError} `file` for one that is truncated or lies
 */
export function tensorAt(wire: Wire, { begin, end }: Field, name: string, open: OpenFile | undefined): Found {
  const where = `${wire.source.name}: ${name}`;
  const fault = (received: string, expected: string): BittrueError =>
    new BittrueError('file', where, received, expected);
  const dims: Field[] = [];
  const external: Field[] = [];
  const stored = new Set<number>();
  let type = 0;
  let location = 0;
  let raw: Field | null = null;
  let isSegment = false;
  for (const field of wire.fields(begin, end)) {
    const { number } = field;
    if (number === 1) dims.push(field);
    else if (number === 2) type = wire.integer(field);
    else if (number === 3) isSegment = true;
    else if (number === 9) raw = wire.message(field);
    else if (number === 13) external.push(wire.message(field));
    else if (number === 14) location = wire.integer(field);
    else if (number in storages) stored.add(number);
  }
  if (location > 1) throw fault(`data_location ${location}`, 'data_location 0 or 1');
  if (type === 8) return 'strings, which are no numbers';
  const known = elementTypes[type];
  if (known === undefined) return `elements of type ${type}, which is none of onnx.proto3`;
  if (isSegment) return 'a segment of a larger tensor';
  const { dtype, field } = known;
  const shape = Object.freeze(integersOf(wire, dims));
  const bytes = byteLength(dtype, shape);
  const described = `${dtype} [${shape.slice(0, 8).join(', ')}${shape.length > 8 ? ', …' : ''}]`;
  if (bytes === null) throw fault(`the shape of ${described}`, 'axes ≥ 0 whose product is an integer up to 2^53');
  if (location === 1) {
    const place = externalPlace(wire, external, bytes, open);
    return typeof place === 'string' ? place : { dtype, shape, ...place };
  }
  const others = [...stored].filter((number) => number !== field).map((number) => storages[number].name);
  if (others.length > 0)
    throw fault(`data in ${others.join(', ')}`, `${described} in ${storages[field].name} or raw_data`);
  if (raw !== null && raw.end > raw.begin && stored.size > 0) {
    throw fault(`raw_data and ${storages[field].name}`, 'one of the two');
  }
  const inPlace = raw !== null && stored.size === 0;
  const place: Place = inPlace
    ? { source: wire.source, offset: (raw as Field).begin, length: (raw as Field).end - (raw as Field).begin }
    : numbersAt(wire, begin, end, field, storages[field].coding, itemBytes(known));
  if (place.length !== bytes) {
    throw fault(place.length === 0 ? 'no data' : `${place.length} bytes`, `${bytes} bytes for ${described}`);
  }
  return { dtype, shape, ...place };
}

/** Bytes that one number of a field stands for: packed elements come a byte at a time. */
function itemBytes({ dtype, field }: ElementType): number {
  return field === 4 ? 4 : field === 10 ? 8 : Math.max(1, dtypeBits[dtype] / 8);
}

/** Bytes of all elements, the last one filled up; null where there is no such number. */
function byteLength(dtype: string, shape: readonly number[]): number | null {
  let bits = dtypeBits[dtype];
  for (const axis of shape) bits *= axis;
  return shape.every(Number.isSafeInteger) && Number.isSafeInteger(bits) ? Math.ceil(bits / 8) : null;
}
