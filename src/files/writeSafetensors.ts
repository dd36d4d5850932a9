/**
 * Writing safetensors: the inverse of the reader, for F32 and F64.
 *
 * @module
 */
import { BittrueError, checkObject } from '../errors/index.ts';
import { type Tensor, tensor } from '../tensors/index.ts';

/** What {@link writeSafetensors} may be told. */
export interface WriteSafetensorsOptions {
  /** Kept under `__metadata__`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of a safetensors file: Float32Array as F32, Float64Array as F64, in the order given. The header is
 * padded with spaces so that data begins at a multiple of 8.
 *
 * @throws {@link BittrueError} `shape` when a shape does not fit its data, `name` for a tensor called `__metadata__`
 * @example
 * import { writeSafetensors } from 'bittrue/files';
 * writeSafetensors({ one: { data: new Float64Array([1]), shape: [] } }).length; // 72
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  options: WriteSafetensorsOptions = {},
): Uint8Array {
  const { metadata } = checkObject('options', options, ['metadata']) as WriteSafetensorsOptions;
  if (metadata !== undefined) {
    const texts = Object.entries(checkObject('options.metadata', metadata, Object.keys(metadata ?? {})));
    for (const [key, text] of texts) {
      if (typeof text !== 'string') throw new BittrueError('type', `options.metadata.${key}`, text, 'a string');
    }
  }
  const header: [string, unknown][] = metadata === undefined ? [] : [['__metadata__', metadata]];
  let end = 0;
  for (const [name, { data, shape }] of Object.entries(tensors)) {
    if (!(data instanceof Float32Array || data instanceof Float64Array)) {
      throw new BittrueError('type', `tensors.${name}`, tensors[name], 'a tensor: { data, shape }');
    }
    if (name === '__metadata__') throw new BittrueError('name', 'tensors', name, 'a name that the format leaves free');
    tensor(data, shape);
    const dtype = data instanceof Float32Array ? 'F32' : 'F64';
    const begin = end;
    end += data.byteLength;
    header.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + end).fill(0x20, 8, 8 + headerLength);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  bytes.set(text, 8);
  let at = 8 + headerLength;
  for (const { data } of Object.values(tensors)) {
    const single = data instanceof Float32Array;
    for (let i = 0; i < data.length; i++, at += single ? 4 : 8) {
      if (single) view.setFloat32(at, data[i], true);
      else view.setFloat64(at, data[i], true);
    }
  }
  return bytes;
}
