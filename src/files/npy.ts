/**
 * NumPy's .npy: magic, version, header length, a Python dictionary literal, then the numbers.
 * Versions 1 to 3 (numpy.lib.format), little-endian f2, f4 and f8, C order.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { type FloatArray, type Tensor, tensor } from '../tensors/index.ts';
import { decodeFloats, type FloatDtype } from './dtype.ts';
import type { ByteSource } from './source.ts';

const types: Readonly<Record<string, { dtype: FloatDtype; bytes: number }>> = {
  '<f2': { dtype: 'F16', bytes: 2 },
  '<f4': { dtype: 'F32', bytes: 4 },
  '<f8': { dtype: 'F64', bytes: 8 },
};

/**
 * Reads a .npy file: f2 and f4 become a Float32Array, f8 a Float64Array, all values exact.
 *
 * @throws {@link BittrueError} `file` for a file that is truncated, too long or lies; `unsupported` for other element
 * types, big-endian numbers and Fortran order
 * @example
 * import { memorySource, readNpy } from 'bittrue/files';
 * const header = "{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }\n";
 * const text = [...header].map((character) => character.charCodeAt(0));
 * const bytes = new Uint8Array([0x93, 78, 85, 77, 80, 89, 1, 0, text.length, 0, ...text, 0, 0x3c, 0, 0xc0]);
 * readNpy(memorySource(bytes)).data[1]; // -2
 */
export function readNpy(source: ByteSource): Tensor {
  const { name } = source;
  const magic = source.size >= 10 ? [...source.read(0, 6)] : [];
  if (magic.join() !== '147,78,85,77,80,89')
    throw new BittrueError('file', name, 'other bytes', 'the magic of a .npy file');
  const major = source.read(6, 1)[0];
  if (major < 1 || major > 3) throw new BittrueError('unsupported', `${name}: version`, major, '1, 2 or 3');
  const start = major === 1 ? 10 : 12;
  if (source.size < start) throw new BittrueError('file', name, `${source.size} bytes`, 'a whole header');
  const prefix = source.read(8, start - 8);
  const headerLength = prefix.reduceRight((length, byte) => length * 256 + byte, 0);
  if (headerLength > source.size - start) {
    throw new BittrueError(
      'file',
      name,
      `a header length of ${headerLength} bytes`,
      `at most ${source.size - start} bytes`,
    );
  }
  const header = [...source.read(start, headerLength)].map((byte) => String.fromCharCode(byte)).join('');
  const { descr, fortran, shape } = parseHeader(name, header);
  const type = Object.hasOwn(types, descr) ? types[descr] : undefined;
  if (type === undefined) {
    throw new BittrueError('unsupported', `${name}: descr`, descr, `one of ${Object.keys(types).join(', ')}`);
  }
  if (fortran) throw new BittrueError('unsupported', `${name}: fortran_order`, 'True', 'False');
  const count = shape.reduce((product, axis) => product * axis, 1);
  const held = source.size - start - headerLength;
  if (count * type.bytes !== held) {
    throw new BittrueError(
      'file',
      name,
      `${held} bytes of numbers`,
      `${count * type.bytes} for ${descr} (${shape.join(', ')})`,
    );
  }
  const data: FloatArray = type.dtype === 'F64' ? new Float64Array(count) : new Float32Array(count);
  decodeFloats(source.read(start + headerLength, held), type.dtype, data, 0);
  return tensor(data, shape);
}

/** The three entries of the dictionary; anything else in it is refused by NumPy too. */
function parseHeader(name: string, header: string): { descr: string; fortran: boolean; shape: number[] } {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const axes = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (descr === undefined || fortran === undefined || axes === undefined) {
    throw new BittrueError(
      'file',
      `${name} header`,
      header.trim(),
      "a dictionary with 'descr', 'fortran_order', 'shape'",
    );
  }
  const shape = axes
    .split(',')
    .map((axis) => axis.trim())
    .filter((axis) => axis !== '')
    .map(Number);
  if (!shape.every(Number.isSafeInteger)) throw new BittrueError('file', `${name}: shape`, axes, 'integers');
  return { descr, fortran: fortran === 'True', shape };
}
