import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runCommand } from '../../src/cli/run.ts';
import { embeddedModel } from '../../src/node/index.ts';

/** The command in this process: what it wrote, and its exit status. */
export function bittrue(...args: string[]): { status: number; out: string; err: string } {
  let out = '';
  let err = '';
  const status = runCommand(args, {
    out: (text) => {
      out += text;
      return true;
    },
    err: (text) => {
      err += text;
    },
    color: false,
    progress: false,
  }) as number;
  return { status, out, err };
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
