/**
 * NumPy's .npz: a ZIP archive (PKWARE APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3) of .npy files, stored by `numpy.savez`,
 * deflated by `numpy.savez_compressed`. Members are found by the central directory, read whole, and held against their
 * checksums.
 *
 * @module
 */
import { BittrueError, checkFunction } from '../errors/index.ts';
import { crc32 } from './crc32.ts';
import { type ByteSource, checkRange, checkSource, memorySource } from './source.ts';

/** Decompresses raw DEFLATE data (RFC 1951) of which the size is known. */
export type Inflate = (bytes: Uint8Array, size: number) => Uint8Array;

/** The end of the central directory: its fixed part, and the longest comment behind it. */
const END = 22;
const LONGEST_COMMENT = 0xffff;

/** What stands for a size or a place that is in the ZIP64 field instead. */
const ELSEWHERE = 0xffff_ffff;

interface Member {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly packed: number;
  readonly size: number;
  readonly at: number;
}

/**
 * The members of a .npz file by their names without `.npy`, each as a source that `openNpy` reads.
 *
 * @param inflate - for compressed members; without it they are refused
 * @throws {@link BittrueError} `file` for what is no archive, is truncated or lies, or holds a name twice; `unsupported` for
 *   encryption, archives of several disks, and other compression
 * @example
 * import { memorySource, readNpz } from 'bittrue/files';
 * readNpz(memorySource(new Uint8Array(10), 'x.npz')); // throws file
 */
export function readNpz(source: ByteSource, inflate?: Inflate): ReadonlyMap<string, ByteSource> {
  checkSource('source', source);
  if (inflate !== undefined) checkFunction('inflate', inflate);
  const found = new Map<string, ByteSource>();
  for (const member of directory(source)) {
    const name = member.name.replace(/\.npy$/, '');
    if (found.has(name)) throw new BittrueError('file', source.name, `${name} twice`, 'every name once');
    found.set(name, memorySource(contentOf(source, member, inflate), `${source.name}: ${name}`));
  }
  return found;
}

/** The members, by the central directory. */
function directory(source: ByteSource): Member[] {
  const { name, size } = source;
  const from = Math.max(0, size - END - LONGEST_COMMENT);
  const tail = viewOf(source.read(from, size - from));
  let end = tail.byteLength - END;
  while (
    end >= 0 &&
    !(tail.getUint32(end, true) === 0x06054b50 && end + END + tail.getUint16(end + 20, true) === tail.byteLength)
  )
    end--;
  if (end < 0)
    throw new BittrueError('file', name, 'no end of a central directory', 'a .npz file, which is a ZIP archive');
  const [disk, count, length, start] = [
    tail.getUint16(end + 4, true),
    tail.getUint16(end + 10, true),
    tail.getUint32(end + 12, true),
    tail.getUint32(end + 16, true),
  ];
  if (disk !== 0 || count === 0xffff || start === ELSEWHERE) {
    throw new BittrueError('unsupported', name, 'an archive of several disks or of 65,535 members', 'one of fewer');
  }
  const view = viewOf(read(source, start, length));
  const members: Member[] = [];
  for (let at = 0, i = 0; i < count; i++) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== 0x02014b50) throw broken(name, `member ${i}`);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > view.byteLength) throw broken(name, `member ${i}`);
    const text = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + 46, nameLength));
    if ((view.getUint16(at + 8, true) & 1) !== 0)
      throw new BittrueError('unsupported', name, `${text}, encrypted`, 'members without a password');
    const sizes = wideSizes(view, at, nameLength, extraLength, () => broken(name, text));
    members.push({
      name: text,
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
      ...sizes,
    });
    at = next;
  }
  return members;
}

/** Size, packed size and place of a member; those that are all ones stand in the ZIP64 field (4.5.3), in this order. */
function wideSizes(
  view: DataView,
  at: number,
  nameLength: number,
  extraLength: number,
  fault: () => BittrueError,
): Pick<Member, 'packed' | 'size' | 'at'> {
  const begin = at + 46 + nameLength;
  let field = -1;
  for (let place = begin; place + 4 <= begin + extraLength; place += 4 + view.getUint16(place + 2, true)) {
    if (view.getUint16(place, true) === 1) field = place + 4;
  }
  const told = [24, 20, 42].map((offset) => {
    const value = view.getUint32(at + offset, true);
    if (value !== ELSEWHERE) return value;
    if (field < 0 || field + 8 > begin + extraLength) throw fault();
    const wide = Number(view.getBigUint64(field, true));
    field += 8;
    return wide;
  });
  return { size: told[0], packed: told[1], at: told[2] };
}

function contentOf(
  source: ByteSource,
  { name, method, checksum, packed, size, at }: Member,
  inflate: Inflate | undefined,
): Uint8Array {
  const where = `${source.name}: ${name}`;
  const head = viewOf(read(source, at, 30));
  if (head.getUint32(0, true) !== 0x04034b50) throw broken(source.name, name);
  const bytes = read(source, at + 30 + head.getUint16(26, true) + head.getUint16(28, true), packed);
  if (method !== 0 && method !== 8)
    throw new BittrueError('unsupported', where, `compression ${method}`, 'stored (0) or deflated (8)');
  if (method === 8 && inflate === undefined) {
    throw new BittrueError(
      'unsupported',
      where,
      'a deflated member',
      'an `inflate` to decompress it, as openNpz of bittrue/node has',
    );
  }
  const content = method === 0 ? bytes : (inflate as Inflate)(bytes, size);
  if (!(content instanceof Uint8Array) || content.length !== size)
    throw new BittrueError('file', where, `${content?.length} bytes`, `${size} bytes`);
  if (crc32(content) !== checksum)
    throw new BittrueError('file', where, 'other bytes than its checksum is of', 'a file as it was written');
  return content;
}

/** A range of the archive, or a word that it is truncated. */
function read(source: ByteSource, at: number, length: number): Uint8Array {
  checkRange(source.name, source.size, at, length);
  return source.read(at, length);
}

function broken(name: string, what: string): BittrueError {
  return new BittrueError('file', name, `a broken entry of ${what}`, 'an archive as it was written');
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
