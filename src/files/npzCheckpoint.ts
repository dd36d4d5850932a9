/**
 * The arrays of a .npz file, or of one .npy file, as named tensors.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { type Format, formatName } from '../formats/index.ts';
import type { Checkpoint, TensorEntry } from './checkpoint.ts';
import { parseJsonObject } from './json.ts';
import { readNpy } from './npy.ts';
import { npyEntry } from './npyEntry.ts';
import { readNpyHeader } from './npyHeader.ts';
import { type Inflate, readNpz } from './npz.ts';
import { type ByteSource, memorySource } from './source.ts';
import { writeNpy } from './writeNpy.ts';

/** The member that holds what safetensors keeps under this name: bytes of a JSON object of texts. */
const METADATA = '__metadata__';

/**
 * A .npz file as a checkpoint.
 *
 * @param format - what arrays of bytes without a type are codes of
 * @throws {@link BittrueError} as `readNpz`; `unsupported` for members that are no arrays of numbers
 */
export function npzCheckpoint(source: ByteSource, inflate?: Inflate, format?: Format): Checkpoint {
  return npyCheckpoint(source.name, readNpz(source, inflate), format);
}

/**
 * Arrays by their names as a checkpoint.
 *
 * @throws {@link BittrueError} `unsupported` for a format that no array is codes of
 */
export function npyCheckpoint(name: string, arrays: ReadonlyMap<string, ByteSource>, format?: Format): Checkpoint {
  const entries = new Map<string, TensorEntry>();
  let metadata: Readonly<Record<string, string>> = Object.freeze({});
  const coded =
    format === undefined ? [] : [...arrays].filter(([, source]) => isNameless(source)).map(([array]) => array);
  if (format !== undefined && coded.length === 0) {
    throw new BittrueError('unsupported', 'format', formatName(format), `no format: every array of ${name} has a type`);
  }
  for (const [array, source] of arrays) {
    const decoded = coded.includes(array) ? writeNpy(readNpy(source, format === undefined ? {} : { format })) : null;
    const entry = { ...npyEntry(decoded === null ? source : memorySource(decoded, source.name)), name: array };
    if (array === METADATA) metadata = textsOf(name, entry);
    else entries.set(array, entry);
  }
  return Object.freeze({ name, metadata, entries, unreadable: new Map() });
}

/** Whether an array is of bytes without a type; its codes are decoded here, since no type of a checkpoint says theirs. */
function isNameless(source: ByteSource): boolean {
  return /V\d+$/.test(readNpyHeader(source).descr);
}

function textsOf(name: string, { dtype, source, offset, length }: TensorEntry): Readonly<Record<string, string>> {
  const where = `${name}: ${METADATA}`;
  if (dtype !== 'U8' && dtype !== 'I8') throw new BittrueError('file', where, dtype, 'bytes of a JSON object of texts');
  const texts = parseJsonObject(source.read(offset, length), where);
  for (const [key, text] of Object.entries(texts)) {
    if (typeof text !== 'string') throw new BittrueError('file', `${where}.${key}`, text, 'a text');
  }
  return Object.freeze({ ...(texts as Record<string, string>) });
}
