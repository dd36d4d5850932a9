/**
 * Codes of small formats against ml_dtypes, where Python has it: BITTRUE_PYTHON names one, else python3. Every code's value, and the code
 * of numbers on, between and around values, ties included, up to the largest number (beyond it houses differ).
 */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { parseFormat } from '../../src/formats/index.ts';
import { encodeValue } from '../../src/rounding/codes.ts';
import { decode, round } from '../../src/rounding/index.ts';

const types: Readonly<Record<string, string>> = {
  float4_e2m1fn: 'e2m1fn',
  float6_e2m3fn: 'e2m3fn',
  float6_e3m2fn: 'e3m2fn',
  float8_e3m4: 'e3m4',
  float8_e4m3: 'e4m3',
  float8_e4m3fn: 'e4m3fn',
  float8_e4m3fnuz: 'e4m3fnuz',
  float8_e4m3b11fnuz: 'e4m3b11fnuz',
  float8_e5m2: 'e5m2',
  float8_e5m2fnuz: 'e5m2fnuz',
  float8_e8m0fnu: 'e8m0fnu',
  bfloat16: 'bfloat16',
};

const code = `
import json, sys
import numpy as np, ml_dtypes
out = {}
for name, bits in json.loads(sys.argv[1]).items():
    t = getattr(ml_dtypes, name)
    raw = np.arange(2 ** bits, dtype=np.uint16 if bits > 8 else np.uint8)
    values = raw.view(t).astype(np.float64)
    finite = np.unique(values[np.isfinite(values)])
    some = finite if len(finite) < 300 else finite[::97]
    mid = (some[1:] + some[:-1]) / 2
    x = np.concatenate([some, mid, np.nextafter(mid.astype(np.float32), np.float32(np.inf)), np.nextafter(mid.astype(np.float32), np.float32(-np.inf))]).astype(np.float32)
    x = x[np.isfinite(x)]
    codes = x.astype(t).view(raw.dtype)
    out[name] = [[None if v != v else float(v) if np.isfinite(v) else str(v) for v in values], [float(v) for v in x], [int(c) for c in codes]]
print(json.dumps(out))
`;

const python = process.env.BITTRUE_PYTHON ?? 'python3';
const bits = Object.fromEntries(Object.entries(types).map(([name, text]) => [name, parseFormat(text).bits]));
const { status, stdout } = spawnSync(python, ['-c', code, JSON.stringify(bits)], {
  encoding: 'utf8',
  maxBuffer: 2 ** 28,
});
if (status !== 0) console.warn(`skipped: ${python} has no ml_dtypes (BITTRUE_PYTHON names another)`);
const found =
  status === 0 ? (JSON.parse(stdout) as Record<string, [(number | string | null)[], number[], number[]]>) : {};

it.skipIf(status !== 0).each(Object.entries(types))('%s', (name, text) => {
  const format = parseFormat(text);
  const [values, numbers, codes] = found[name]!;
  values.forEach((value, at) => {
    const own = decode(format, at);
    if (value === null) expect(own).toBeNaN();
    else
      expect({ at, own }).toEqual({
        at,
        own: typeof value === 'string' ? Number(value.replace('inf', 'Infinity')) : value,
      });
  });
  // E8M0 has no zero, and its rounding of a number is not pinned.
  if (text === 'e8m0fnu') return;
  numbers.forEach((x, i) => {
    const own = encodeValue(format, round(format, x), false);
    const isZero = decode(format, own) === 0 && decode(format, codes[i]!) === 0;
    if (!isZero) expect({ x, own }).toEqual({ x, own: codes[i] });
  });
});
