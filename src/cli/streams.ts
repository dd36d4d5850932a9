/**
 * Standard streams, read and written at once: what cannot be written is told before the command ends.
 *
 * @module
 */
import { readSync, writeSync } from 'node:fs';
import { BittrueError } from '../errors/index.ts';

const [INPUT, OUTPUT, ERRORS] = [0, 1, 2];
const CHUNK = 2 ** 16;

/**
 * Writes to standard output; false when its reader has gone, which is no failure.
 *
 * @throws {@link BittrueError} `file` when it cannot be written: a full disk, say
 */
export function writeOutput(text: string): boolean {
  try {
    writeAll(OUTPUT, text);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EPIPE') return false;
    throw new BittrueError('file', 'standard output', codeOf(error), 'a stream that can be written');
  }
}

/** Writes to standard error; where that fails there is no one to tell. */
export function writeErrors(text: string): void {
  try {
    writeAll(ERRORS, text);
  } catch {
    // The exit status says the rest.
  }
}

/**
 * Standard input, piece by piece, as it comes.
 *
 * @throws {@link BittrueError} `file` when it cannot be read: a folder, say
 */
export function* readInput(): Generator<string> {
  const decoder = new TextDecoder();
  const part = new Uint8Array(CHUNK);
  for (let count = -1; count !== 0; ) {
    try {
      count = waiting(() => readSync(INPUT, part, 0, CHUNK, null));
    } catch (error) {
      // Windows tells the end of a pipe so.
      if (codeOf(error) !== 'EOF') {
        throw new BittrueError('file', 'standard input', codeOf(error), 'a stream that can be read');
      }
      count = 0;
    }
    yield decoder.decode(part.subarray(0, count), { stream: count > 0 });
  }
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length; ) at += waiting(() => writeSync(descriptor, bytes, at));
}

/** Streams that do not block say EAGAIN when they are not ready. */
function waiting(action: () => number): number {
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string } | null)?.code ?? String(error);
}
