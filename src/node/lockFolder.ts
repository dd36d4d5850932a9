/**
 * One writer at a time in a folder, for the milliseconds of a commit.
 *
 * @module
 */
import { closeSync, fstatSync, linkSync, openSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BittrueError } from '../errors/index.ts';
import { isDead, owner, temporaryName } from './temporaryName.ts';

const NAME = '.bittrue.lock';
/** Milliseconds: how long to wait, how long between tries, and from when a lock of an unknown owner is abandoned. */
const PATIENCE = 30_000;
const PAUSE = 2;
const ABANDONED = 20_000;

/**
 * Waits for the folder's lock; the result gives it back. A lock whose owner died is taken away.
 *
 * @throws {@link BittrueError} `file` after half a minute
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, NAME);
  const mine = join(folder, temporaryName());
  writeFileSync(mine, owner(), { flag: 'wx' });
  try {
    for (const start = Date.now(); ; pause()) {
      try {
        // Whoever waited long holds a new lock all the same.
        utimesSync(mine, new Date(), new Date());
        // A lock is complete from its first moment: the owner's name is in it.
        linkSync(mine, path);
        return () => rmSync(path, { force: true });
      } catch (error) {
        if ((error as { code?: string }).code !== 'EEXIST') throw error;
      }
      if (isAbandoned(path)) takeAway(path, folder);
      else if (Date.now() - start > PATIENCE) {
        throw new BittrueError(
          'file',
          'folder',
          `${path}, held by another process`,
          'a folder that no one else writes',
        );
      }
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function isAbandoned(path: string): boolean {
  try {
    const descriptor = openSync(path, 'r');
    try {
      return isDead(readFileSync(descriptor, 'latin1')) || Date.now() - fstatSync(descriptor).mtimeMs > ABANDONED;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // It was given back just now.
    return false;
  }
}

/** Takes an abandoned lock away; one process at a time, which looks again before it does. */
function takeAway(path: string, folder: string): void {
  const claim = join(folder, '.bittrue.lock-claim');
  try {
    writeFileSync(claim, owner(), { flag: 'wx' });
  } catch {
    // Another process takes it away, or died over it.
    if (isAbandoned(claim)) rmSync(claim, { force: true });
    return;
  }
  try {
    if (isAbandoned(path)) rmSync(path, { force: true });
  } finally {
    rmSync(claim, { force: true });
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
}
