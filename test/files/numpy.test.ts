import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpy, writeNpy, writeNpz } from 'bittrue/files';
import { openFile, openNpz } from 'bittrue/node';
import { describe, expect, it } from 'vitest';
import { folder } from '../cli/helpers.ts';

const python = (code: string, ...args: string[]) =>
  spawnSync('python3', ['-c', code, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });
const hasNumpy = python('import numpy').status === 0;

// Where NumPy is not there, vitest lists these as skipped.
describe.skipIf(!hasNumpy)('beside NumPy', () => {
  it('reads what it writes: every type, order of bytes and of axes, plain and compressed', () => {
    const place = folder();
    const { status, stderr } = python(
      `
import json, sys
import numpy as np
place = sys.argv[1]
arrays, values = {}, {}
for kind in ['i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8', 'f2', 'f4', 'f8']:
    for order in '<>':
        for axes in 'CF':
            x = (np.arange(-12, 12) * 5).astype(kind).reshape(2, 3, 4) if kind[0] == 'i' else (
                np.arange(24).astype(kind) * 5 if kind[0] == 'u' else (np.arange(-12, 12) / 7).astype(kind)).reshape(2, 3, 4)
            x = np.array(x, dtype=order + kind, order=axes)
            name = f'{kind}{"big" if order == ">" else "little"}{axes}'
            arrays[name] = x
            values[name] = [str(int(v)) if kind[0] != 'f' else float(v).hex() for v in x.astype('O').ravel(order='C')]
            np.save(f'{place}/{name}.npy', x)
np.savez(f'{place}/stored.npz', **arrays)
np.savez_compressed(f'{place}/deflated.npz', **arrays)
json.dump(values, open(f'{place}/values.json', 'w'))
`,
      place,
    );
    expect(`${status} ${stderr}`).toBe('0 ');
    const values = JSON.parse(readFileSync(join(place, 'values.json'), 'utf8')) as Record<string, string[]>;
    const archives = ['stored.npz', 'deflated.npz'].map((name) => openNpz(join(place, name)));
    expect(Object.keys(values)).toHaveLength(44);
    for (const [name, wanted] of Object.entries(values)) {
      const numbers = wanted.map((text) => (text.includes('x') ? fromHex(text) : Number(text)));
      for (const source of [openFile(join(place, `${name}.npy`)), ...archives.map((one) => one.get(name))]) {
        if (source === undefined) throw new Error(name);
        const { data, shape } = readNpy(source);
        expect([name, ...shape]).toEqual([name, 2, 3, 4]);
        expect([...data]).toEqual(numbers);
      }
    }
  });

  it('writes what it reads', () => {
    const place = folder();
    const tensors = {
      f8: { data: Float64Array.of(0.1, -0, Infinity), shape: [3] },
      f4: { data: Float32Array.of(0.1, 2, 3, 4), shape: [2, 2] },
      i8: { data: BigInt64Array.of(-(2n ** 63n)), shape: [] },
      u8: { data: BigUint64Array.of(2n ** 64n - 1n), shape: [1, 1] },
      i4: { data: Int32Array.of(-5), shape: [1] },
      u4: { data: Uint32Array.of(2 ** 32 - 1), shape: [1] },
      i2: { data: Int16Array.of(-5), shape: [1] },
      u2: { data: Uint16Array.of(65535), shape: [1] },
      i1: { data: Int8Array.of(-5), shape: [1] },
      u1: { data: new Uint8Array(0), shape: [0, 2] },
    };
    writeFileSync(join(place, 'x.npz'), writeNpz(tensors));
    for (const [name, tensor] of Object.entries(tensors)) writeFileSync(join(place, `${name}.npy`), writeNpy(tensor));
    const { stdout, stderr } = python(
      `
import sys
import numpy as np
place = sys.argv[1]
found = np.load(f'{place}/x.npz', allow_pickle=False)
for name in found.files:
    one = np.load(f'{place}/{name}.npy', allow_pickle=False)
    assert one.dtype == found[name].dtype and one.tobytes() == found[name].tobytes()
    print(name, one.dtype.str, one.shape, [v.hex() if one.dtype.kind == 'f' else int(v) for v in one.astype('O').ravel()])
`,
      place,
    );
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual([
      "f8 <f8 (3,) ['0x1.999999999999ap-4', '-0x0.0p+0', 'inf']",
      "f4 <f4 (2, 2) ['0x1.99999a0000000p-4', '0x1.0000000000000p+1', '0x1.8000000000000p+1', '0x1.0000000000000p+2']",
      'i8 <i8 () [-9223372036854775808]',
      'u8 <u8 (1, 1) [18446744073709551615]',
      'i4 <i4 (1,) [-5]',
      'u4 <u4 (1,) [4294967295]',
      'i2 <i2 (1,) [-5]',
      'u2 <u2 (1,) [65535]',
      'i1 |i1 (1,) [-5]',
      'u1 |u1 (0, 2) []',
    ]);
  });
});

/** A number as Python writes it in hexadecimal. */
function fromHex(text: string): number {
  const [, sign, digits, exponent] = /^(-?)0x([01]\.[0-9a-f]+)p([+-]\d+)$/.exec(text) ?? [];
  if (digits === undefined) throw new Error(text);
  const value = Number(`0x${digits.replace('.', '')}`) * 2 ** (Number(exponent) - 4 * (digits.length - 2));
  return sign === '-' ? -value : value;
}
