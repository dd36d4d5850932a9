/**
 * Names of files that are not complete yet, by which the process that writes them is known.
 *
 * @module
 */
import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** Folders may be shared: another machine's processes are not ours to judge. */
const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** A name that no other writer has: machine, process, random digits. */
export function temporaryName(): string {
  return `.bittrue-${owner()}-${randomBytes(8).toString('hex')}.part`;
}

/** Whether a name is one of a process of this machine that is no more. */
export function isLeftover(name: string): boolean {
  const found = /^\.bittrue-(.*)-[0-9a-f]{16}\.part$/.exec(name);
  return found !== null && isDead(found[1] as string);
}

/** This process, as other processes know it. */
export function owner(): string {
  return `${host}-${process.pid}`;
}

/** Whether an owner is of this machine and no more. */
export function isDead(name: string): boolean {
  const found = /^([0-9a-f]{8})-(\d{1,10})$/.exec(name);
  if (found === null || found[1] !== host) return false;
  try {
    process.kill(Number(found[2]), 0);
    return false;
  } catch (error) {
    // EPERM: it lives, and is another user's.
    return (error as { code?: string }).code === 'ESRCH';
  }
}
