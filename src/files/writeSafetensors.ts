/**
 * Writing safetensors: the inverse of the reader, for the element types that typed arrays have.
 *
 * @module
 */
import { BittrueError, checkObject, checkRecord } from '../errors/index.ts';
import { type Kind, kindOf, putElements, type StoredTensor } from './stored.ts';

/** What {@link writeSafetensors} may be told. */
export interface WriteSafetensorsOptions {
  /** Kept under `__metadata__`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

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
    if (name === '__metadata__') throw new BittrueError('name', 'tensors', name, 'a name that the format leaves free');
    const kind = kindOf(`tensors.${name}`, one);
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
  Object.values(tensors).forEach((one, t) => {
    putElements(found[t], one, view, at);
    at += one.data.byteLength;
  });
  return bytes;
}
