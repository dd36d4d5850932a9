/**
 * The repeated numbers of a message: packed under one length, in several such chunks, or each in a field of its own
 * (all three are legal, and mean the same).
 *
 * @module
 */
import { allocate } from '../../errors/index.ts';
import { type ByteSource, memorySource } from '../source.ts';
import type { Field, Wire } from './wire.ts';

/** How numbers are written: varints, or 4 or 8 bytes each. */
export type Coding = 'varint' | 4 | 8;

/** Where bytes lie: in the file, or in memory when they had to be put together. */
export interface Place {
  readonly source: ByteSource;
  readonly offset: number;
  readonly length: number;
}

/**
 * The numbers under `number` between two places of the file, as little-endian integers of so many bytes.
 *
 * @param bytes - a number's width as it is wanted: of 4- and 8-byte codings their own
 */
export function numbersAt(
  wire: Wire,
  begin: number,
  end: number,
  number: number,
  coding: Coding,
  bytes: number,
): Place {
  let found = 0;
  let fields = 0;
  let only: Field | null = null;
  for (const field of wire.fields(begin, end)) {
    if (field.number !== number) continue;
    found += count(wire, field, coding);
    fields++;
    only = field;
  }
  const { source } = wire;
  if (coding !== 'varint' && fields === 1 && only !== null) {
    return { source, offset: only.begin, length: only.end - only.begin };
  }
  const data = allocate(source.name, Uint8Array, found * bytes);
  let at = 0;
  for (const field of wire.fields(begin, end)) {
    if (field.number !== number) continue;
    if (coding === 'varint') at = copyVarints(wire, field, data, at, bytes);
    else {
      wire.copy(field.begin, field.end, data, at);
      at += field.end - field.begin;
    }
  }
  return { source: memorySource(data, source.name), offset: 0, length: data.length };
}

/** How many numbers a field holds. */
function count(wire: Wire, { number, type, begin, end }: Field, coding: Coding): number {
  if (coding !== 'varint') {
    if (type !== 2 && type !== (coding === 4 ? 5 : 1)) throw wire.fault(`field ${number} of wire type ${type}`);
    if ((end - begin) % coding !== 0) throw wire.fault(`${end - begin} bytes of numbers at byte ${begin}`);
    return (end - begin) / coding;
  }
  if (type !== 0 && type !== 2) throw wire.fault(`field ${number} of wire type ${type}`);
  let found = 0;
  for (let at = begin; at < end; at = wire.next) {
    wire.varint(at, end);
    found++;
  }
  return found;
}

/** Varints as little-endian integers of `bytes` bytes, of either sign; where the next one goes. */
function copyVarints(wire: Wire, { begin, end }: Field, data: Uint8Array, start: number, bytes: number): number {
  let to = start;
  for (let at = begin; at < end; at = wire.next, to += bytes) {
    wire.varint(at, end);
    const { low, high } = wire;
    if (bytes < 8 && !fits(low, high, bytes)) {
      throw wire.fault(`${BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low))} for ${8 * bytes} bits`);
    }
    for (let i = 0; i < bytes; i++) data[to + i] = i < 4 ? low >>> (8 * i) : high >>> (8 * i - 32);
  }
  return to;
}

/** Whether 64 bits are an integer of so many bytes, with or without sign. */
function fits(low: number, high: number, bytes: number): boolean {
  const bits = 8 * bytes;
  if (high === 0) return bits === 32 || low < 2 ** bits;
  return high === 2 ** 32 - 1 && (low | 0) < 0 && (low | 0) >= -(2 ** (bits - 1));
}

/**
 * A repeated integer as numbers, with sign or without: without, negative ones come out as no axis is. Beyond 2^53 the
 * nearest number.
 */
export function integersOf(wire: Wire, fields: readonly Field[], signed = false): number[] {
  const found: number[] = [];
  for (const { number, type, begin, end } of fields) {
    if (type !== 0 && type !== 2) throw wire.fault(`field ${number} of wire type ${type}`);
    for (let at = begin; at < end; at = wire.next) {
      const value = wire.varint(at, end);
      found.push(signed ? wire.signed() : value);
    }
  }
  return found;
}
