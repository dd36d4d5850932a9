import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { runCommand } from '../../src/cli/run.ts';
import { embeddedModel } from '../../src/node/index.ts';

/** The command in this process: what it wrote, and its exit status. */
export function bittrue(...args: string[]): { status: number; out: string; err: string } {
  const { status, written } = started(args);
  return { status: status as number, ...written };
}

/** The same for a command that others run beside. */
export async function finished(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const { status, written } = started(args);
  return { status: await status, ...written };
}

function started(args: readonly string[]) {
  const written = { out: '', err: '' };
  const status = runCommand([...args], {
    out: (text) => {
      written.out += text;
      return true;
    },
    err: (text) => {
      written.err += text;
    },
    color: false,
    progress: false,
  });
  return { status, written };
}

/** A folder for one test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'bittrue-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A .npy file of binary64 numbers. */
export function npy(data: Float64Array, shape: readonly number[]): Uint8Array {
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }\n`;
  const bytes = new Uint8Array(10 + header.length + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return bytes;
}

/** A copy of the embedded model, the first number of one tensor replaced by bytes of its own type. */
export function modelWith(tensor: string, bytes: readonly number[]): string {
  const path = folder();
  const model = embeddedModel();
  for (const name of ['config.json', 'validation.txt', 'calibration.txt']) {
    copyFileSync(join(model, name), join(path, name));
  }
  const file = readFileSync(join(model, 'model.safetensors'));
  const header = Number(file.readBigUInt64LE(0));
  const { data_offsets, dtype } = JSON.parse(file.subarray(8, 8 + header).toString())[tensor];
  if (dtype !== { 2: 'BF16', 4: 'F32' }[bytes.length]) throw new Error(`${tensor} has ${dtype}`);
  file.set(bytes, 8 + header + data_offsets[0]);
  writeFileSync(join(path, 'model.safetensors'), file);
  return path;
}

/** A ZIP archive of deflated members (PKWARE APPNOTE.TXT, 4.3), with no more in it than a reader needs. */
export function zipOf(members: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(members)) {
    const packed = deflateRawSync(content);
    const sizes = Buffer.alloc(16);
    sizes.writeUInt32LE(crc32(content), 4);
    sizes.writeUInt32LE(packed.length, 8);
    sizes.writeUInt32LE(content.length, 12);
    const lengths = Buffer.alloc(4);
    lengths.writeUInt16LE(name.length, 0);
    const head = Buffer.from([20, 0, 0, 0, 8, 0]);
    const own = Buffer.concat([Buffer.from('PK\x03\x04'), head, sizes, lengths, Buffer.from(name), packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    central.push(
      Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), head, sizes, lengths, place, Buffer.from(name)]),
    );
    local.push(own);
    at += own.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(central.length, 8);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return new Uint8Array(Buffer.concat([...local, directory, end]));
}

/** The checksum of ZIP, bit by bit. */
function crc32(bytes: Uint8Array): number {
  let sum = 0xffff_ffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb8_8320 : sum >>> 1;
  }
  return ~sum >>> 0;
}
