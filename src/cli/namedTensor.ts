/**
 * One tensor of a file of several: `FILE#TENSOR`.
 *
 * @module
 */
import { checkName } from '../errors/index.ts';
import { readTensor } from '../files/index.ts';
import { openTensors } from '../node/index.ts';
import type { Tensor } from '../tensors/index.ts';

/** What {@link namedTensor} reads, for errors. */
export const namedTensors = 'x.npz#name, model.safetensors#name, model.gguf#name';

/** A tensor, and whether it is a checkpoint's: [out, in], each row a channel. */
export interface NamedTensor {
  readonly tensor: Tensor;
  readonly isCheckpoint: boolean;
}

/** The tensor that a text names; null where the text is another one. */
export function namedTensor(text: string): NamedTensor | null {
  const [, path, name] = /^(.*\.(?:npz|safetensors|safetensors\.index\.json|gguf))#(.*)$/i.exec(text) ?? [];
  if (path === undefined || name === undefined) return null;
  const checkpoint = openTensors(path);
  if (!checkpoint.unreadable.has(name)) checkName(path, name, [...checkpoint.entries.keys()]);
  return { tensor: readTensor(checkpoint, name), isCheckpoint: !/\.npz$/i.test(path) };
}
