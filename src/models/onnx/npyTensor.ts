/**
 * A .npy file as a tensor of a graph.
 *
 * @module
 */
import type { ByteSource } from '../../files/index.ts';
import { npyEntry } from '../../files/npyEntry.ts';
import type { TypedTensor } from '../../graphs/index.ts';
import { tensorAt } from './constants.ts';

/**
 * Reads a .npy file of floats, integers or bool, of the element type that ONNX calls NumPy's: what `evaluate` takes.
 *
 * @throws {@link BittrueError} as `openNpy`, which reads floats alone
 * @example
 * import { memorySource } from 'bittrue/files';
 * import { npyTensor } from 'bittrue/models';
 * const header = "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }\n";
 * const text = [...header].map((character) => character.charCodeAt(0));
 * const numbers = new Uint8Array(BigInt64Array.of(7n, -1n).buffer);
 * const bytes = new Uint8Array([0x93, 78, 85, 77, 80, 89, 1, 0, text.length, 0, ...text, ...numbers]);
 * npyTensor(memorySource(bytes)).type; // 'int64'
 */
export function npyTensor(source: ByteSource): TypedTensor {
  const entry = npyEntry(source);
  return tensorAt(entry, 'numbers');
}
