/**
 * A sweep file on disk: it grows by whole lines, and a run that was killed goes on where it ended.
 *
 * @module
 */
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { BittrueError } from '../errors/index.ts';
import { attempt } from '../node/paths.ts';
import { readSweepFile } from '../sweeps/index.ts';

/** A file that lines are added to. */
export interface GrowingFile {
  /** How many cells it holds already. */
  readonly held: number;
  /** How many of these are refused. */
  readonly refused: number;
  add(line: string): void;
  close(): void;
}

/**
 * Opens a sweep file. A new one gets its first line; one of the same sweep keeps its whole lines; any other is refused and
 * left as it is.
 *
 * @throws {@link BittrueError} `file`
 */
export function growFile(path: string, header: string): GrowingFile {
  const { held, refused, bytes } = attempt(
    path,
    () => heldIn(path, header),
    '--out',
    'a file that can be read and written',
  );
  const descriptor = attempt(
    path,
    () => openSync(path, existsSync(path) ? 'r+' : 'wx+'),
    '--out',
    'a file that can be written',
  );
  let at = bytes;
  const add = (line: string): void => {
    const buffer = Buffer.from(line);
    attempt(
      path,
      () => {
        for (let from = 0; from < buffer.length; ) {
          const count = writeSync(descriptor, buffer, from, buffer.length - from, at);
          from += count;
          at += count;
        }
      },
      '--out',
      'a file that can be written',
    );
  };
  attempt(path, () => ftruncateSync(descriptor, bytes), '--out', 'a file that can be written');
  if (bytes === 0) add(header);
  return { held, refused, add, close: () => closeSync(descriptor) };
}

/** What of a file is kept. */
function heldIn(path: string, header: string): { held: number; refused: number; bytes: number } {
  const nothing = { held: 0, refused: 0, bytes: 0 };
  if (!existsSync(path)) return nothing;
  const found = readFileSync(path);
  // A run that was killed at once leaves a part of its first line, which may end within a letter.
  const first = Buffer.from(header);
  if (found.length < first.length && first.subarray(0, found.length).equals(found)) return nothing;
  const text = found.toString('utf8');
  const isSame = text.startsWith(header);
  if (!isSame) {
    const file = readSweepFile(text, path);
    const other =
      file === null
        ? 'the start of another sweep'
        : `the sweep ${file.header.hash}, shard ${file.header.shard.index}/${file.header.shard.of}`;
    throw new BittrueError(
      'file',
      '--out',
      `${path}: ${other}`,
      'a new file, or one of the same sweep, to go on with it',
    );
  }
  const file = readSweepFile(text, path);
  const cells = file?.cells ?? [];
  const refused = cells.filter((cell) => cell.refused !== undefined).length;
  return { held: cells.length, refused, bytes: Buffer.byteLength(text.slice(0, file?.length)) };
}
