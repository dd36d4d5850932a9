/**
 * Writing .npz as `numpy.savez` does: a ZIP archive (PKWARE APPNOTE.TXT 6.3.10, section 4.3) of .npy files, stored.
 *
 * @module
 */
import { allocate, BittrueError, checkRecord } from '../errors/index.ts';
import { crc32 } from './crc32.ts';
import type { StoredTensor } from './stored.ts';
import { npyBytes } from './writeNpy.ts';

/** Bytes of a member's head, of its entry in the directory, and of the directory's end, names apart. */
const [HEAD, ENTRY, END] = [30, 46, 22];

/** Names are UTF-8 (bit 11); 1 January 1980: the same arrays give the same bytes. */
const [UTF8, DATE] = [0x800, 0x21];

/** Beyond these the archive would need ZIP64. */
const [MOST_BYTES, MOST_MEMBERS] = [0xffff_fffe, 0xfffe];

/**
 * The bytes of a .npz file: every tensor as `NAME.npy`, in the order given.
 *
 * @throws {@link BittrueError} `type` for what is no tensor, `shape` for a shape that does not fit its data, `name` for a name that
 * a file of an archive cannot have, `range` for more than 4 GiB or 65,534 tensors
 * @example
 * import { memorySource, readNpy, readNpz, writeNpz } from 'bittrue/files';
 * const bytes = writeNpz({ x: { data: Float32Array.of(0.5, -2), shape: [2] } });
 * const members = readNpz(memorySource(bytes));
 * [...members.keys()]; // ['x']
 * readNpy(members.get('x')!).data[1]; // -2
 */
export function writeNpz(tensors: Readonly<Record<string, StoredTensor>>): Uint8Array {
  const given = Object.entries(checkRecord('tensors', tensors, 'an object from names to tensors'));
  const members = given.map(([name, tensor]) => {
    const file = new TextEncoder().encode(`${name}.npy`);
    if (name === '' || name.includes('\0') || /\p{Cs}/u.test(name) || file.length > 0xffff) {
      throw new BittrueError('name', 'tensors', name, 'a name of a file in an archive: 1 to 65,531 bytes of text');
    }
    return { file, content: npyBytes(`tensors.${name}`, tensor) };
  });
  const size = members.reduce((sum, { file, content }) => sum + HEAD + ENTRY + 2 * file.length + content.length, END);
  if (size > MOST_BYTES || members.length > MOST_MEMBERS) {
    const received = `${members.length} tensors in ${size} bytes`;
    throw new BittrueError('range', 'tensors', received, 'at most 65,534 in 4 GiB: safetensors holds more');
  }
  const bytes = allocate('tensors', Uint8Array, size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const places = members.map(({ file, content }) => {
    const place = { file, length: content.length, checksum: crc32(content), at };
    view.setUint32(at, 0x04034b50, true);
    putFacts(view, at + 4, place);
    bytes.set(file, at + HEAD);
    bytes.set(content, at + HEAD + file.length);
    at += HEAD + file.length + content.length;
    return place;
  });
  const directory = at;
  for (const place of places) {
    view.setUint32(at, 0x02014b50, true);
    view.setUint16(at + 4, 20, true);
    putFacts(view, at + 6, place);
    view.setUint32(at + 42, place.at, true);
    bytes.set(place.file, at + ENTRY);
    at += ENTRY + place.file.length;
  }
  view.setUint32(at, 0x06054b50, true);
  view.setUint16(at + 8, places.length, true);
  view.setUint16(at + 10, places.length, true);
  view.setUint32(at + 12, at - directory, true);
  view.setUint32(at + 16, directory, true);
  return bytes;
}

/** What a head and an entry have in common: version, flags, method (stored), date, checksum, sizes, length of the name. */
function putFacts(
  view: DataView,
  at: number,
  { file, length, checksum }: { readonly file: Uint8Array; readonly length: number; readonly checksum: number },
): void {
  view.setUint16(at, 20, true);
  view.setUint16(at + 2, UTF8, true);
  view.setUint16(at + 8, DATE, true);
  view.setUint32(at + 10, checksum, true);
  view.setUint32(at + 14, length, true);
  view.setUint32(at + 18, length, true);
  view.setUint16(at + 22, file.length, true);
}
