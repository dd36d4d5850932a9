/**
 * Several files into a folder, of one run, each of them whole.
 *
 * Every file is written in full under a name of its own, which no link leads elsewhere, and brought to the disk; then all
 * are renamed. Where they are several, the last is the mark of the commit: it is taken away before the others change, and
 * put in place behind them, by one writer at a time. So whoever finds the mark finds the files that belong to it.
 *
 * @module
 */
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BittrueError, checkBoolean, checkObject, checkRecord, checkText } from '../errors/index.ts';
import { lockFolder } from './lockFolder.ts';
import { attempt, entryAt, isFolder } from './paths.ts';
import { isLeftover, temporaryName } from './temporaryName.ts';

/** A file to write. */
export interface OutputFile {
  readonly content: string | Uint8Array;
  /** Words within the first 4096 bytes of every file of this kind: an older one may be replaced. Default: none may. */
  readonly mark?: string;
}

/** What {@link writeFiles} may be told. */
export interface WriteOptions {
  /** Whether files of other kinds are replaced too. Default false. */
  readonly force?: boolean;
  /** What errors call the folder; default `folder`. */
  readonly argument?: string;
}

/** Bytes of a file that may hold its mark. */
const HEAD = 4096;

/**
 * Writes files into a folder, which is made if it is not there. Files that are there are replaced where they bear the mark
 * of the same kind, or by `force`; they keep their permissions. Links, folders and devices are never replaced.
 *
 * A process that is killed at any time, or several that write at once, leave every file whole, and the last of them, the
 * mark of the commit, beside the files of its own run or not at all.
 *
 * @param files - by file name, the mark of the commit last
 * @throws {@link BittrueError} `file` when the folder or a file cannot be written
 */
export function writeFiles(
  folder: string,
  files: Readonly<Record<string, OutputFile>>,
  options: WriteOptions = {},
): void {
  checkText('folder', folder, 'a path');
  checkRecord('files', files, 'an object from file names to files');
  checkObject('options', options, ['force', 'argument']);
  const names = Object.keys(files);
  const written: string[] = [];
  const argument = checkText('options.argument', options.argument ?? 'folder');
  attempt(
    folder,
    () => {
      mkdirSync(folder, { recursive: true });
      removeLeftovers(folder);
      try {
        const parts = names.map((name) => {
          const mode = replaceable(folder, name, files[name] as OutputFile, options);
          const part = join(folder, temporaryName());
          written.push(part);
          writeWhole(part, (files[name] as OutputFile).content, mode);
          return part;
        });
        const unlock = names.length > 1 ? lockFolder(folder) : null;
        try {
          for (const name of names) replaceable(folder, name, files[name] as OutputFile, options);
          // Until the others are in place there is no mark.
          if (names.length > 1) rmSync(join(folder, names[names.length - 1] as string), { force: true });
          names.forEach((name, i) => {
            renameSync(parts[i] as string, join(folder, name));
          });
          syncFolder(folder);
        } finally {
          unlock?.();
        }
      } finally {
        for (const path of written) rmSync(path, { force: true });
      }
    },
    argument,
    'a folder that can be written',
  );
}

/**
 * Refuses what {@link writeFiles} would refuse, before there is anything to lose: it tries to write in the folder, or in
 * the one that it would be made in, and leaves nothing behind.
 *
 * @param files - the files to come, by name, with their marks
 * @throws {@link BittrueError} `file`
 */
export function checkFolder(
  folder: string,
  files: Readonly<Record<string, Omit<OutputFile, 'content'>>> = {},
  options: WriteOptions = {},
): void {
  checkText('folder', folder, 'a path');
  checkRecord('files', files, 'an object from file names to files');
  checkObject('options', options, ['force', 'argument']);
  checkBoolean('options.force', options.force ?? false);
  const argument = checkText('options.argument', options.argument ?? 'folder');
  attempt(
    folder,
    () => {
      for (const [name, file] of Object.entries(files)) replaceable(folder, name, file, options);
      let near = folder;
      while (entryAt(near) === null && dirname(near) !== near) near = dirname(near);
      const path = join(near, temporaryName());
      if (!isFolder(near))
        throw new BittrueError('file', argument, `${near} (ENOTDIR)`, 'a folder that can be written');
      closeSync(openSync(path, 'wx'));
      rmSync(path);
    },
    argument,
    'a folder that can be written',
  );
}

/** The permissions of a file that may be replaced; null where there is none. */
function replaceable(
  folder: string,
  name: string,
  { mark }: Omit<OutputFile, 'content'>,
  { force = false, argument = 'folder' }: WriteOptions,
): number | null {
  if (name === '' || basename(name) !== name || name === '..' || name === '.' || name.includes('\0')) {
    throw new BittrueError('name', `${argument}: files`, name, 'a name of a file in the folder');
  }
  const path = join(folder, name);
  const entry = entryAt(path);
  if (entry === null) return null;
  if (!entry.isFile()) {
    const kind = entry.isSymbolicLink() ? 'a symbolic link' : entry.isDirectory() ? 'a folder' : 'no ordinary file';
    throw new BittrueError('file', argument, `${path}, ${kind}`, 'the place of a file or of none');
  }
  if (!force && !(mark !== undefined && headOf(path).includes(mark))) {
    throw new BittrueError(
      'file',
      argument,
      `${path}, which is there`,
      'a new file, one that the same command wrote, or --force',
    );
  }
  return entry.mode & 0o7777;
}

function headOf(path: string): string {
  const head = Buffer.alloc(HEAD);
  const descriptor = openSync(path, 'r');
  try {
    return head.toString('latin1', 0, readSync(descriptor, head, 0, HEAD, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** A new file, in full and on the disk. `wx` follows no link. */
function writeWhole(path: string, content: string | Uint8Array, mode: number | null): void {
  const descriptor = openSync(path, 'wx');
  try {
    if (mode !== null) fchmodSync(descriptor, mode);
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Brings the names to the disk, where the system can. */
function syncFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Some systems open no folders: names then reach the disk when they do.
  }
}

/** Files that writers left which were killed. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) if (isLeftover(name)) rmSync(join(folder, name), { force: true });
}
