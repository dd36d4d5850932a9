/**
 * GGUF, versions 2 and 3 (github.com/ggml-org/ggml, docs/gguf.md): magic, counts, metadata, what the tensors are, then their bytes.
 * Why the reader is our own: docs/your-model.md, GGUF.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { Checkpoint, TensorEntry } from './checkpoint.ts';
import { dtypeBits } from './dtype.ts';
import { blockTypes } from './gguf/blocks.ts';
import { Header } from './gguf/header.ts';
import { type ByteSource, checkSource } from './source.ts';

/** ggml_type by its number. */
const types: Readonly<Record<number, string>> = {
  0: 'F32',
  1: 'F16',
  2: 'Q4_0',
  3: 'Q4_1',
  6: 'Q5_0',
  7: 'Q5_1',
  8: 'Q8_0',
  9: 'Q8_1',
  10: 'Q2_K',
  11: 'Q3_K',
  12: 'Q4_K',
  13: 'Q5_K',
  14: 'Q6_K',
  15: 'Q8_K',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  20: 'IQ4_NL',
  21: 'IQ3_S',
  22: 'IQ2_S',
  23: 'IQ4_XS',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  29: 'IQ1_M',
  30: 'BF16',
  34: 'TQ1_0',
  35: 'TQ2_0',
  39: 'MXFP4',
  40: 'NVFP4',
  41: 'Q1_0',
};

/** Axes that ggml has at most, and where tensors begin by default. */
const [AXES, ALIGNMENT] = [4, 32];

/** The least bytes of an entry of metadata, and of a tensor. */
const [LEAST_ENTRY, LEAST_TENSOR] = [13, 32];

/** What the header says of a tensor. */
interface Told {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** From the first tensor's byte on. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
}

/**
 * Reads the header of a GGUF file. Shapes are row-major, the reverse of the file's; metadata are texts, of arrays the first elements
 * and the length. `readTensor` decodes F16, BF16, F32, F64, integers, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K to Q6_K,
 * IQ4_NL, IQ4_XS, TQ1_0, TQ2_0, MXFP4 and NVFP4 (without the scale of the whole tensor, which is a tensor of its own); other types are
 * listed as unreadable.
 *
 * @throws {@link BittrueError} `file`, naming the file and the tensor, for one that is truncated or lies; `unsupported` for version 1
 *   and big-endian files
 * @example
 * import { memorySource, readGguf } from 'bittrue/files';
 * readGguf(memorySource(new Uint8Array(24), 'model.gguf')); // throws file
 */
export function readGguf(source: ByteSource): Checkpoint {
  const { name, size } = checkSource('source', source);
  const header = new Header(source);
  if (size < 24 || header.uint32() !== 0x46554747) throw header.fault('other bytes', 'the magic GGUF and a header');
  const version = header.uint32();
  if (version === 0x02000000 || version === 0x03000000) {
    throw new BittrueError('unsupported', `${name}: version`, 'big-endian numbers', 'a little-endian file');
  }
  if (version !== 2 && version !== 3) throw new BittrueError('unsupported', `${name}: version`, version, '2 or 3');
  const tensors = header.many('tensors', LEAST_TENSOR);
  const metadata = metadataOf(header, header.many('entries of metadata', LEAST_ENTRY));
  const told: Told[] = [];
  const names = new Set<string>();
  for (let i = 0; i < tensors; i++) {
    const one = tensorOf(header, name);
    if (names.has(one.name)) throw new BittrueError('file', name, `${one.name} twice`, 'every tensor once');
    names.add(one.name);
    told.push(one);
  }
  const alignment = alignmentOf(name, metadata);
  const start = tensors === 0 ? header.at : Math.ceil(header.at / alignment) * alignment;
  checkPlaces(source, told, start, alignment);
  const entries = new Map<string, TensorEntry>();
  const unreadable = new Map<string, string>();
  for (const { offset, ...one } of told) {
    if (blockTypes[one.dtype]?.decode === null) unreadable.set(one.name, `elements of ${one.dtype}`);
    else entries.set(one.name, Object.freeze({ ...one, source, offset: start + offset }));
  }
  return Object.freeze({ name, metadata, entries, unreadable });
}

function metadataOf(header: Header, count: number): Readonly<Record<string, string>> {
  const found = new Map<string, string>();
  for (let i = 0; i < count; i++) {
    const key = header.text();
    if (key === null || key === '')
      throw header.fault('an entry of metadata without a name', 'a name of 1 to 65,535 bytes');
    if (found.has(key)) throw header.fault(`${key} twice`, 'every entry of metadata once');
    found.set(key, header.value(header.uint32()));
  }
  return Object.freeze(Object.fromEntries(found));
}

function tensorOf(header: Header, file: string): Told {
  const name = header.text();
  if (name === null || name === '') throw header.fault('a tensor without a name', 'a name for every tensor');
  const where = `${file}: ${name}`;
  const axes = header.uint32();
  if (axes > AXES) throw new BittrueError('file', where, `${axes} axes`, `at most ${AXES}`);
  // The file has the fastest axis first.
  const shape = Array.from({ length: axes }, () => header.count('an axis of')).reverse();
  const type = header.uint32();
  const dtype = types[type];
  if (dtype === undefined) throw new BittrueError('file', where, `elements of type ${type}`, 'a type of ggml');
  const [perBlock, bytes] = blockOf(dtype);
  const width = shape[axes - 1] ?? 1;
  const elements = shape.reduce((product, axis) => product * axis, 1);
  if (width % perBlock !== 0 || !Number.isSafeInteger(elements * bytes)) {
    const wanted = `rows of whole blocks of ${perBlock}, and fewer than 2^53 bytes`;
    throw new BittrueError('file', where, `${dtype} [${shape.join(', ')}]`, wanted);
  }
  const offset = header.count('an offset of');
  return { name, dtype, shape: Object.freeze(shape), offset, length: (elements / perBlock) * bytes };
}

/** Elements and bytes of what is stored together. */
function blockOf(dtype: string): readonly [elements: number, bytes: number] {
  const { size, bytes } = blockTypes[dtype] ?? { size: 1, bytes: dtypeBits[dtype] / 8 };
  return [size, bytes];
}

function alignmentOf(file: string, metadata: Readonly<Record<string, string>>): number {
  const text = Object.hasOwn(metadata, 'general.alignment') ? metadata['general.alignment'] : String(ALIGNMENT);
  const alignment = /^\d+$/.test(text) ? Number(text) : 0;
  if (alignment < 8 || alignment % 8 !== 0 || alignment > 2 ** 31) {
    throw new BittrueError('file', `${file}: general.alignment`, text, 'a multiple of 8');
  }
  return alignment;
}

/** Tensors follow each other, each at the next multiple of the alignment; behind the last one there is no more than padding. */
function checkPlaces({ name: file, size }: ByteSource, told: readonly Told[], start: number, alignment: number): void {
  let at = 0;
  let end = 0;
  for (const { name, offset, length } of [...told].sort((a, b) => a.offset - b.offset || a.length - b.length)) {
    const where = `${file}: ${name}`;
    if (offset !== at) {
      const received = offset < end ? `offset ${offset}, within the tensor before` : `offset ${offset}`;
      throw new BittrueError('file', where, received, `offset ${at}, behind the tensor before`);
    }
    end = offset + length;
    if (start + end > size) {
      throw new BittrueError('file', where, `${Math.max(0, size - start - offset)} bytes`, `${length} bytes`);
    }
    at = Math.ceil(end / alignment) * alignment;
  }
  if (size - start - end >= alignment) {
    throw new BittrueError('file', file, `${size - start - end} bytes behind the last tensor`, 'padding at most');
  }
}
