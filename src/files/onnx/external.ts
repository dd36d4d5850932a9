/**
 * Data that an ONNX file keeps in other files (TensorProto.external_data): read from the model's own folder, or not.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import { isPlainFileName } from '../shards.ts';
import type { ByteSource } from '../source.ts';
import type { Place } from './numbers.ts';
import type { Field, Wire } from './wire.ts';

/**
 * Where external data lie, or why they cannot be read.
 *
 * @param entries - the StringStringEntryProto fields: `location`, `offset`, `length`, `checksum`
 * @param bytes - as the tensor's shape has it
 */
export function externalPlace(
  wire: Wire,
  entries: readonly Field[],
  bytes: number,
  open: OpenFile | undefined,
): Place | string {
  const said = new Map<string, string>();
  for (const { begin, end } of entries) {
    let key = '';
    let text = '';
    for (const field of wire.fields(begin, end)) {
      if (field.number === 1) key = wire.text(field);
      else if (field.number === 2) text = wire.text(field);
    }
    said.set(key, text);
  }
  const location = said.get('location') ?? '';
  if (!isPlainFileName(location))
    return `external data in ${location || 'no file'}, which is no file of the same folder`;
  const offset = counted(said.get('offset') ?? '0');
  const length = counted(said.get('length') ?? String(bytes));
  if (offset === null || length !== bytes) {
    return `external data at ${said.get('offset') ?? 0}, ${said.get('length')} bytes, for ${bytes}`;
  }
  if (open === undefined) return `external data in ${location}: give readOnnx a way to open it`;
  try {
    const source = open(location);
    if (offset + length > source.size) return `external data beyond the ${source.size} bytes of ${location}`;
    return { source, offset, length };
  } catch (error) {
    if (!(error instanceof BittrueError)) throw error;
    return `external data in ${location}: ${error.message}`;
  }
}

/** A decimal integer, or null. */
function counted(text: string): number | null {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : null;
}
/** What opens a file that a tensor's data lie in. */

export type OpenFile = (fileName: string) => ByteSource;
