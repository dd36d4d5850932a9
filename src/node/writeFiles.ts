/**
 * Several files into a folder, all of them or none.
 *
 * @module
 */
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BittrueError } from '../errors/index.ts';

/**
 * Writes files into a folder, which is made if it is not there. Each is written under another name first and renamed when
 * all are complete, so no file is ever half written.
 *
 * @param files - contents by file name
 * @throws {@link BittrueError} `file` when the folder or a file cannot be written
 */
export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  const names = Object.keys(files);
  const written: string[] = [];
  const part = (name: string): string => join(folder, `.${name}.part`);
  try {
    mkdirSync(folder, { recursive: true });
    for (const name of names) {
      if (isFolder(join(folder, name))) throw notWritable(folder, `${name} is a folder`);
      written.push(part(name));
      writeFileSync(part(name), files[name]);
    }
    for (const name of names) renameSync(part(name), join(folder, name));
  } catch (error) {
    for (const path of written) rmSync(path, { force: true });
    throw error instanceof BittrueError
      ? error
      : notWritable(folder, (error as { code?: string }).code ?? String(error));
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * Refuses what cannot become a folder, before there is anything to lose.
 *
 * @throws {@link BittrueError} `file`
 */
export function checkFolder(folder: string): void {
  const status = statSync(folder, { throwIfNoEntry: false });
  if (status !== undefined && !status.isDirectory()) throw notWritable(folder, 'ENOTDIR');
}

function notWritable(folder: string, reason: string): BittrueError {
  return new BittrueError('file', 'folder', `${folder} (${reason})`, 'a folder that can be written');
}
