/**
 * Writing safetensors: the inverse of the reader, for the element types that typed arrays have.
 *
 * @module
 */
import { BittrueError, checkObject, checkRecord } from '../errors/index.ts';
import type { Tensor } from '../tensors/index.ts';

/** A tensor, or integers with a shape: the codes of one. */
export type StoredTensor = Tensor | { readonly data: StoredIntegers; readonly shape: readonly number[] };

/** Integers that a file can hold. */
export type StoredIntegers = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

/** What {@link writeSafetensors} may be told. */
export interface WriteSafetensorsOptions {
  /** Kept under `__metadata__`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The element type of an array, and how one element is written. */
interface Kind {
  readonly dtype: string;
  readonly array: abstract new (...args: never[]) => { readonly BYTES_PER_ELEMENT: number };
  readonly write: (view: DataView, at: number, value: number) => void;
}

const kinds: readonly Kind[] = [
  { dtype: 'F64', array: Float64Array, write: (view, at, value) => view.setFloat64(at, value, true) },
  { dtype: 'F32', array: Float32Array, write: (view, at, value) => view.setFloat32(at, value, true) },
  { dtype: 'U8', array: Uint8Array, write: (view, at, value) => view.setUint8(at, value) },
  { dtype: 'I8', array: Int8Array, write: (view, at, value) => view.setInt8(at, value) },
  { dtype: 'U16', array: Uint16Array, write: (view, at, value) => view.setUint16(at, value, true) },
  { dtype: 'I16', array: Int16Array, write: (view, at, value) => view.setInt16(at, value, true) },
  { dtype: 'U32', array: Uint32Array, write: (view, at, value) => view.setUint32(at, value, true) },
  { dtype: 'I32', array: Int32Array, write: (view, at, value) => view.setInt32(at, value, true) },
];

/**
 * The bytes of a safetensors file: Float32Array as F32, Int32Array as I32 and so on, in the order given. The header is
 * padded with spaces so that data begins at a multiple of 8.
 *
 * @throws {@link BittrueError} `shape` when a shape does not fit its data, `name` for a tensor called `__metadata__`
 * @example
 * import { writeSafetensors } from 'bittrue/files';
 * writeSafetensors({ one: { data: new Float64Array([1]), shape: [] } }).length; // 72
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  options: WriteSafetensorsOptions = {},
): Uint8Array {
  const { metadata } = checkObject('options', options, ['metadata']) as WriteSafetensorsOptions;
  if (metadata !== undefined) {
    const texts = Object.entries(checkRecord('options.metadata', metadata, 'an object from names to texts'));
    for (const [key, text] of texts) {
      if (typeof text !== 'string') throw new BittrueError('type', `options.metadata.${key}`, text, 'a string');
    }
  }
  checkRecord('tensors', tensors, 'an object from names to tensors');
  const header: [string, unknown][] = metadata === undefined ? [] : [['__metadata__', metadata]];
  const found: Kind[] = [];
  let end = 0;
  for (const [name, one] of Object.entries(tensors)) {
    const kind = kinds.find(({ array }) => one?.data instanceof array);
    if (kind === undefined) throw new BittrueError('type', `tensors.${name}`, one, 'a tensor: { data, shape }');
    if (name === '__metadata__') throw new BittrueError('name', 'tensors', name, 'a name that the format leaves free');
    checkShape(name, one);
    found.push(kind);
    const begin = end;
    end += one.data.byteLength;
    header.push([name, { dtype: kind.dtype, shape: one.shape, data_offsets: [begin, end] }]);
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + end).fill(0x20, 8, 8 + headerLength);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  bytes.set(text, 8);
  let at = 8 + headerLength;
  Object.values(tensors).forEach(({ data }, t) => {
    const { write } = found[t];
    const width = data.BYTES_PER_ELEMENT;
    for (let i = 0; i < data.length; i++, at += width) write(view, at, data[i]);
  });
  return bytes;
}

function checkShape(name: string, { data, shape }: StoredTensor): void {
  const whole = Array.isArray(shape) && shape.every((axis) => Number.isSafeInteger(axis) && axis >= 0);
  if (!whole || shape.reduce((product, axis) => product * axis, 1) !== data.length) {
    const received = whole ? `[${shape.join(', ')}] for ${data.length} numbers` : shape;
    throw new BittrueError('shape', `tensors.${name}`, received, `axes whose product is ${data.length}`);
  }
}
