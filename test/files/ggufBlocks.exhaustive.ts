/**
 * Decoders of GGUF's blocks beside llama.cpp's Python package: `ggufBlocks.py` writes random blocks of every type and what that package
 * decodes them to into the folder that BITTRUE_GGUF_BLOCKS names; without one the tests are skipped. It works in binary32, so ours are
 * rounded to that.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memorySource, readGguf, readNpy, readTensor } from '../../src/files/index.ts';

const folder = process.env.BITTRUE_GGUF_BLOCKS ?? '';
const names = (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.endsWith('.npy'));
const open = (name: string) => memorySource(new Uint8Array(readFileSync(join(folder, name))), name);

/** Scales that are no numbers here and some there: 255 of E8M0 (OCP), E4M3 with a sign or of all ones, which ggml passes over. */
const strange = new Set(['MXFP4', 'NVFP4']);

describe.skipIf(names.length === 0)('blocks beside gguf (BITTRUE_GGUF_BLOCKS)', () => {
  it.each(names)('%s', (file) => {
    const name = file.slice(0, -'.npy'.length);
    const ours = readTensor(readGguf(open('blocks.gguf')), name).data;
    const theirs = readNpy(open(file)).data;
    expect(ours.length).toBe(theirs.length);
    let [wrong, apart] = [0, 0];
    theirs.forEach((value, i) => {
      const own = Math.fround(ours[i]);
      if (own === value || (Number.isNaN(own) && Number.isNaN(value))) return;
      if (strange.has(name) && Number.isNaN(own)) apart += 1;
      else wrong += 1;
    });
    console.log(`${name}: ${ours.length} numbers, ${wrong} wrong, ${apart} under scales that are no numbers here`);
    expect(wrong).toBe(0);
  });
});
