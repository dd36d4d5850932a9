/**
 * Packages that are no dependency: they are looked for where the command is called, then beside this one.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { BittrueError } from '../errors/index.ts';

/** A package, or an error at the argument that asked for it, with what to install and the other way on. */
export function localPackage(name: string, argument: string, otherwise = ''): unknown {
  let reason: unknown;
  for (const from of [join(process.cwd(), 'resolve.js'), import.meta.url]) {
    try {
      return createRequire(from)(name);
    } catch (error) {
      reason ??= error;
    }
  }
  throw new BittrueError('file', argument, inWords(reason), `a package that is there: npm install ${name}${otherwise}`);
}

/** The first line of what something threw. */
export function inWords(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0];
}
