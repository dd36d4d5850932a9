/**
 * What lies at a path, and the file system's errors in our own words.
 *
 * @module
 */
import { lstatSync, type Stats, statSync } from 'node:fs';
import { BittrueError } from '../errors/index.ts';

/** The name of a system's error, such as `ENOENT`; else the error in words. */
export function reasonOf(error: unknown): string {
  return (error as { code?: string } | null)?.code ?? String(error);
}

/** Runs a call of the file system; what it throws becomes an error that names the path and the reason. */
export function attempt<T>(path: string, action: () => T, argument = 'path', expected = 'a file that can be read'): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof BittrueError) throw error;
    throw new BittrueError('file', argument, `${path} (${reasonOf(error)})`, expected);
  }
}

/** Whether a path is a folder; a path that leads nowhere (`FILE/sub`, circles of links, names too long) is none. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}

/** What lies at a path itself, no link followed; null: nothing. */
export function entryAt(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}
