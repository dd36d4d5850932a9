import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  memorySource,
  readSafetensors,
  readTensor,
  readTensorBytes,
  readTensorCodes,
  writeSafetensors,
} from '../../src/files/index.ts';
import { failure, safetensors } from './helpers.ts';

const open = (bytes: Uint8Array) => readSafetensors(memorySource(bytes, 'm'));
const entry = (dtype: string, shape: unknown, data_offsets: unknown) => ({ dtype, shape, data_offsets });

describe('readSafetensors', () => {
  it('lists every tensor without reading it', () => {
    const header = {
      __metadata__: { format: 'pt' },
      b: entry('I64', [1], [8, 16]),
      a: entry('F32', [2, 1], [0, 8]),
      none: entry('F16', [0, 7], [16, 16]),
      packed: entry('F4', [3, 2], [16, 19]),
      scalar: entry('U8', [], [19, 20]),
    };
    const { metadata, entries, name } = open(safetensors(header, 20));
    expect(name).toBe('m');
    expect(metadata).toEqual({ format: 'pt' });
    expect([...entries.keys()]).toEqual(['b', 'a', 'none', 'packed', 'scalar']);
    expect(entries.get('b')).toMatchObject({ dtype: 'I64', shape: [1], length: 8 });
    expect(entries.get('packed')?.length).toBe(3);
  });

  it('accepts padding spaces behind the header and a file without tensors', () => {
    expect(open(safetensors('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}   ', 4)).entries.size).toBe(1);
    expect(open(safetensors('{}')).entries.size).toBe(0);
  });

  it('takes names that JavaScript objects treat specially', () => {
    const header =
      '{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"constructor":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}';
    const checkpoint = open(safetensors(header, new Uint8Array([5, 6])));
    expect([...readTensorBytes(checkpoint, '__proto__')]).toEqual([5]);
    expect([...readTensorBytes(checkpoint, 'constructor')]).toEqual([6]);
  });

  const f32 = entry('F32', [1], [0, 4]);
  const lies: [string, string, Uint8Array][] = [
    ['an empty file', 'file m', new Uint8Array(0)],
    ['seven bytes', 'file m', new Uint8Array(7)],
    ['a header length beyond the file', 'file m', safetensors({ a: f32 }, 4, 1000)],
    ['a header length of 2^63', 'file m', safetensors({ a: f32 }, 4, 2 ** 63)],
    ['a header length of 0', 'file m', safetensors({ a: f32 }, 4, 0)],
    ['a header that does not begin with {', 'file m', safetensors(' {}')],
    ['a header cut short', 'file m header', safetensors({ a: f32 }, 4, 20)],
    ['no JSON', 'file m header', safetensors('{a: 1}')],
    ['invalid UTF-8', 'file m header', safetensorsBytes([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    [
      'a name twice',
      'file m header',
      safetensors(
        '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0061":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
        1,
      ),
    ],
    [
      'a field twice',
      'file m header',
      safetensors('{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}', 1),
    ],
    ['an unknown dtype', 'file m: a.dtype', safetensors({ a: entry('F24', [1], [0, 3]) }, 3)],
    ['a dtype of Object.prototype', 'file m: a.dtype', safetensors({ a: entry('toString', [1], [0, 3]) }, 3)],
    ['no dtype', 'file m: a.dtype', safetensors({ a: { shape: [1], data_offsets: [0, 4] } }, 4)],
    ['a negative axis', 'file m: a.shape', safetensors({ a: entry('F32', [-1], [0, 4]) }, 4)],
    ['a shape that is no array', 'file m: a.shape', safetensors({ a: entry('F32', 1, [0, 4]) }, 4)],
    ['offsets backwards', 'file m: a.data_offsets', safetensors({ a: entry('F32', [1], [4, 0]) }, 4)],
    ['one offset', 'file m: a.data_offsets', safetensors({ a: entry('F32', [1], [4]) }, 4)],
    ['a broken offset', 'file m: a.data_offsets', safetensors({ a: entry('F32', [1], [0, 4.5]) }, 4)],
    ['an offset beyond the data', 'file m: a.data_offsets', safetensors({ a: entry('F32', [2], [0, 8]) }, 4)],
    ['a shape too large for its bytes', 'file m: a', safetensors({ a: entry('F32', [2], [0, 4]) }, 4)],
    [
      'a shape whose product leaves binary64',
      'file m: a',
      safetensors(
        {
          a: entry(
            'F32',
            [
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
              2 ** 52,
            ],
            [0, 4],
          ),
        },
        4,
      ),
    ],
    ['half a byte', 'file m: a', safetensors({ a: entry('F4', [3], [0, 1]) }, 1)],
    [
      'an overlap',
      'file m: b.data_offsets',
      safetensors({ a: entry('F32', [2], [0, 8]), b: entry('F32', [1], [4, 8]) }, 8),
    ],
    ['a hole', 'file m: b.data_offsets', safetensors({ a: f32, b: entry('F32', [1], [8, 12]) }, 12)],
    ['bytes before the first tensor', 'file m: a.data_offsets', safetensors({ a: entry('F32', [1], [4, 8]) }, 8)],
    ['bytes behind the last tensor', 'file m', safetensors({ a: f32 }, 5)],
    ['a tensor that is null', 'file m: a', safetensors({ a: null })],
    ['metadata that are no strings', 'file m: __metadata__', safetensors({ __metadata__: { format: 1 } })],
  ];
  it.each(lies)('refuses %s', (_, wanted, bytes) => {
    expect(failure(() => open(bytes))).toBe(wanted);
  });

  it('refuses a header above 100 MB before reading it', () => {
    const huge = { name: 'huge', size: 2e8, read: (_: number, length: number) => new Uint8Array(length).fill(6, 3, 4) };
    expect(failure(() => readSafetensors(huge))).toBe('file huge');
  });

  it('refuses every truncation of a good file', () => {
    const good = writeSafetensors({
      a: { data: new Float32Array(3), shape: [3] },
      b: { data: new Float64Array(2), shape: [2, 1] },
    });
    expect(open(good).entries.size).toBe(2);
    for (let length = 0; length < good.length; length++) {
      expect(failure(() => open(good.subarray(0, length)))).toMatch(/^file /);
    }
  });

  it('never throws anything but a typed error on damaged bytes', () => {
    const good = writeSafetensors({
      a: { data: new Float32Array(3), shape: [3] },
      b: { data: new Float64Array(2), shape: [2, 1] },
    });
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const damaged = good.slice();
        damaged[at] = byte;
        expect(failure(() => open(damaged))).toMatch(/^(file |no error)/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('readTensor', () => {
  /** What a code of few bits is worth, by the formats' own documents, in plain arithmetic. */
  const fields = (code: number, exponentBits: number, mantissaBits: number, bias: number): number => {
    const mantissa = code % 2 ** mantissaBits;
    const exponent = Math.floor(code / 2 ** mantissaBits) % 2 ** exponentBits;
    const sign = code >= 2 ** (exponentBits + mantissaBits) ? -1 : 1;
    return exponent === 0
      ? sign * mantissa * 2 ** (1 - bias - mantissaBits)
      : sign * (1 + mantissa / 2 ** mantissaBits) * 2 ** (exponent - bias);
  };
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  const whole: [string, (code: number) => number][] = [
    ['U8', (code) => code],
    ['I8', (code) => (code < 128 ? code : code - 256)],
    ['F8_E4M3', (code) => (code % 128 === 127 ? NaN : fields(code, 4, 3, 7))],
    ['F8_E4M3FNUZ', (code) => (code === 128 ? NaN : fields(code, 4, 3, 8))],
    [
      'F8_E5M2',
      (code) =>
        code % 128 > 124 ? NaN : code % 128 === 124 ? Infinity * (code > 128 ? -1 : 1) : fields(code, 5, 2, 15),
    ],
    ['F8_E5M2FNUZ', (code) => (code === 128 ? NaN : fields(code, 5, 2, 16))],
    ['F8_E8M0', (code) => (code === 255 ? NaN : 2 ** (code - 127))],
  ];
  it.each(whole)('reads every %s', (dtype, value) => {
    const checkpoint = open(safetensors({ w: entry(dtype, [16, 16], [0, 256]) }, bytes));
    const { data, shape } = readTensor(checkpoint, 'w');
    expect(shape).toEqual([16, 16]);
    expect([...data]).toEqual([...bytes].map(value));
    expect([...readTensorCodes(checkpoint, 'w').codes]).toEqual([...bytes]);
  });

  it('reads F4, the first code in the low half of its byte', () => {
    const checkpoint = open(safetensors({ w: entry('F4', [512], [0, 256]) }, bytes));
    const value = (code: number) => fields(code, 2, 1, 1);
    expect([...readTensor(checkpoint, 'w').data]).toEqual(
      [...bytes].flatMap((one) => [value(one % 16), value(one >> 4)]),
    );
  });

  it('reads integers of 16 to 64 bits, and none that binary64 has not', () => {
    const numbers: [string, number, bigint[]][] = [
      ['I16', 2, [-32768n, -1n, 32767n]],
      ['U16', 2, [0n, 1n, 65535n]],
      ['I32', 4, [-(2n ** 31n), -1n, 2n ** 31n - 1n]],
      ['U32', 4, [0n, 1n, 2n ** 32n - 1n]],
      ['I64', 8, [-(2n ** 63n), -(2n ** 53n), 2n ** 53n - 1n]],
      ['U64', 8, [2n ** 63n, 2n ** 53n + 2n, 2n ** 64n - 2048n]],
    ];
    const stored = (width: number, values: readonly bigint[]): Uint8Array =>
      Uint8Array.from(
        values.flatMap((value) =>
          Array.from({ length: width }, (_, i) => Number((BigInt.asUintN(64, value) >> BigInt(8 * i)) & 255n)),
        ),
      );
    for (const [dtype, width, values] of numbers) {
      const checkpoint = open(safetensors({ w: entry(dtype, [3], [0, 3 * width]) }, stored(width, values)));
      expect([...readTensor(checkpoint, 'w').data].map(BigInt)).toEqual(values);
    }
    for (const [dtype, odd] of [
      ['I64', -(2n ** 53n) - 1n],
      ['U64', 2n ** 64n - 1n],
    ] as const) {
      const checkpoint = open(safetensors({ w: entry(dtype, [2], [0, 16]) }, stored(8, [1n, odd])));
      expect(() => readTensor(checkpoint, 'w')).toThrow(new RegExp(`^m: w: .*${odd} at index 1`));
    }
  });

  it('refuses what is no number, with the way on', () => {
    for (const dtype of ['BOOL', 'C64', 'F6_E2M3']) {
      const length = dtype === 'BOOL' ? 4 : dtype === 'C64' ? 32 : 3;
      const checkpoint = open(safetensors({ w: entry(dtype, [4], [0, length]) }, length));
      expect(failure(() => readTensor(checkpoint, 'w'))).toBe('unsupported m: w');
      expect(readTensorBytes(checkpoint, 'w').length).toBe(length);
    }
  });

  it('reads codes of 6 bits in the order that is named', () => {
    // 1, 2, 3, 60: low bits first 0b000001 | 0b000010 << 6 | …; high bits first 000001 000010 000011 111100.
    const [low, high] = [
      [0x81, 0x30, 0xf0],
      [0x04, 0x20, 0xfc],
    ];
    for (const dtype of ['F6_E2M3', 'F6_E3M2']) {
      const codes = (data: number[], bitOrder?: 'lowFirst' | 'highFirst') =>
        readTensorCodes(
          open(safetensors({ w: entry(dtype, [4], [0, 3]) }, Uint8Array.from(data))),
          'w',
          bitOrder && { bitOrder },
        );
      expect([...codes(low, 'lowFirst').codes]).toEqual([1, 2, 3, 60]);
      expect([...codes(high, 'highFirst').codes]).toEqual([1, 2, 3, 60]);
      expect(codes(low, 'lowFirst').format).toMatchObject({
        exponentBits: dtype === 'F6_E2M3' ? 2 : 3,
        max: dtype === 'F6_E2M3' ? 7.5 : 28,
      });
      expect(failure(() => codes(low))).toBe('unsupported m: w');
    }
    const other = open(safetensors({ w: entry('U8', [1], [0, 1]) }, 1));
    expect(failure(() => readTensorCodes(other, 'w', { bitOrder: 'lowFirst' }))).toBe('unsupported m: w');
  });
});

describe('writeSafetensors', () => {
  it('is undone by the reader, bit for bit', () => {
    const values = fc.array(fc.double(), { maxLength: 12 });
    fc.assert(
      fc.property(values, values, fc.string({ minLength: 1 }), (singles, doubles, name) => {
        fc.pre(name !== '__metadata__');
        const a = { data: Float32Array.from(singles), shape: [singles.length] };
        const b = { data: Float64Array.from(doubles), shape: [1, doubles.length] };
        const bytes = writeSafetensors({ [name]: a, [`${name}b`]: b }, { metadata: { made: 'here' } });
        const checkpoint = open(bytes);
        expect(checkpoint.metadata).toEqual({ made: 'here' });
        expect(readTensor(checkpoint, name, 'float32')).toEqual(a);
        expect(readTensor(checkpoint, `${name}b`)).toEqual(b);
        expect(Math.min(...[...checkpoint.entries.values()].map(({ offset }) => offset)) % 8).toBe(0);
      }),
    );
  });

  it('stores integers too', () => {
    const arrays = [
      ['U8', Uint8Array.of(0, 255)],
      ['I8', Int8Array.of(-128, 127)],
      ['U16', Uint16Array.of(1, 65535)],
      ['I16', Int16Array.of(-32768, 258)],
      ['U32', Uint32Array.of(1, 2 ** 32 - 1)],
      ['I32', Int32Array.of(-(2 ** 31), 66051)],
      ['I64', BigInt64Array.of(-(2n ** 53n), 2n ** 62n)],
      ['U64', BigUint64Array.of(1n, 2n ** 64n - 2048n)],
    ] as const;
    for (const [dtype, data] of arrays) {
      const checkpoint = readSafetensors(memorySource(writeSafetensors({ codes: { data, shape: [2, 1] } })));
      expect(checkpoint.entries.get('codes')).toMatchObject({ dtype, shape: [2, 1] });
      const width = data.BYTES_PER_ELEMENT;
      const expected = [...data].flatMap((value) =>
        Array.from({ length: width }, (_, byte) =>
          Number((BigInt.asUintN(64, BigInt(value)) >> BigInt(8 * byte)) & 255n),
        ),
      );
      expect([...readTensorBytes(checkpoint, 'codes')]).toEqual(expected);
      expect([...readTensor(checkpoint, 'codes').data]).toEqual([...data].map(Number));
    }
  });

  it('refuses bad input', () => {
    const one = { data: new Float64Array(1), shape: [1] };
    expect(failure(() => writeSafetensors({ a: { ...one, shape: [2] } }))).toBe('shape tensors.a');
    expect(failure(() => writeSafetensors({ __metadata__: one }))).toBe('name tensors');
    expect(failure(() => writeSafetensors({ a: one }, { meta: {} } as never))).toBe('name options.meta');
    expect(failure(() => writeSafetensors({ a: one }, { metadata: { a: 1 } } as never))).toBe(
      'type options.metadata.a',
    );
    expect(failure(() => writeSafetensors({ a: [1] as never }))).toBe('type tensors.a');
  });
});

function safetensorsBytes(header: number[]): Uint8Array {
  return new Uint8Array([header.length, 0, 0, 0, 0, 0, 0, 0, ...header]);
}
