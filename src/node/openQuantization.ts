/**
 * What `bittrue quantize --output` wrote.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { BittrueError, checkText } from '../errors/index.ts';
import { type ByteSource, type Checkpoint, readSafetensors } from '../files/index.ts';
import { readJsonObject } from '../files/json.ts';
import { openFile } from './openFile.ts';

/** A quantization on disk. */
export interface OpenedQuantization {
  /** The parsed report.json. */
  readonly report: Readonly<Record<string, unknown>>;
  readonly checkpoint: Checkpoint;
}

/** Bytes read at a time. */
const CHUNK = 2 ** 24;

/**
 * Opens a folder of `bittrue quantize --output`, and checks that its tensors are those that its report names.
 * `dequantizedWeights` takes the checkpoint.
 *
 * @throws {@link BittrueError} `file` when a file is missing or not whole, or of another run
 */
export function openQuantization(folder: string): OpenedQuantization {
  checkText('folder', folder, 'a path');
  const source = openFile(join(folder, 'report.json'));
  const report = readJsonObject(source);
  const named = report.tensors as { file?: unknown; sha256?: unknown } | undefined;
  if (typeof named?.file !== 'string' || typeof named.sha256 !== 'string' || /[/\\]/.test(named.file)) {
    throw new BittrueError('file', `${source.name}: tensors`, report.tensors, 'a file name and its sha256');
  }
  const tensors = openFile(join(folder, named.file));
  const found = sha256(tensors);
  if (found !== named.sha256) {
    throw new BittrueError('file', tensors.name, `sha256 ${found}`, `${named.sha256}, which ${source.name} names`);
  }
  return Object.freeze({ report, checkpoint: readSafetensors(tensors) });
}

function sha256(source: ByteSource): string {
  const hash = createHash('sha256');
  for (let at = 0; at < source.size; at += CHUNK) hash.update(source.read(at, Math.min(CHUNK, source.size - at)));
  return hash.digest('hex');
}
