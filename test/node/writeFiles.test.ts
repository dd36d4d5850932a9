import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BittrueError } from '../../src/errors/index.ts';
import { checkFolder, writeFiles } from '../../src/node/writeFiles.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'bittrue-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('writeFiles', () => {
  it('makes the folder, writes texts and bytes, and replaces what was there', () => {
    const path = join(folder(), 'a', 'b');
    writeFiles(path, { 'one.txt': { content: 'first' }, 'two.bin': { content: Uint8Array.of(0, 255) } });
    expect(() => writeFiles(path, { 'one.txt': { content: 'second' } })).toThrow('--force');
    writeFiles(path, { 'one.txt': { content: 'second' } }, { force: true });
    expect(() => writeFiles(path, { 'one.txt': { content: 'third', mark: 'first' } })).toThrow('--force');
    writeFiles(path, { 'one.txt': { content: 'second', mark: 'con' } });
    expect(readdirSync(path).sort()).toEqual(['one.txt', 'two.bin']);
    expect(readFileSync(join(path, 'one.txt'), 'utf8')).toBe('second');
    expect([...readFileSync(join(path, 'two.bin'))]).toEqual([0, 255]);
  });

  it('writes all or none', () => {
    const path = folder();
    mkdirSync(join(path, 'two'));
    writeFileSync(join(path, 'one'), 'old');
    expect(() => writeFiles(path, { one: { content: 'new' }, two: { content: 'new' } }, { force: true })).toThrow(
      BittrueError,
    );
    expect(readFileSync(join(path, 'one'), 'utf8')).toBe('old');
    expect(readdirSync(path).sort()).toEqual(['one', 'two']);
  });

  it.each(['../out', 'a/b', '..', '.', '', 'a\0b'])('refuses a name that leaves the folder: %j', (name) => {
    expect(() => writeFiles(folder(), { [name]: { content: '' } })).toThrow(/a name of a file in the folder/);
  });

  it('refuses a file in the folder’s place', () => {
    const path = join(folder(), 'file');
    writeFileSync(path, '');
    expect(() => checkFolder(path)).toThrow(BittrueError);
    expect(() => writeFiles(path, { one: { content: '' } })).toThrow(BittrueError);
    expect(() => writeFiles(join(path, 'below'), { one: { content: '' } })).toThrow(BittrueError);
    expect(() => checkFolder(`${path}-not-there`)).not.toThrow();
    expect(existsSync(`${path}-not-there`)).toBe(false);
  });
});
