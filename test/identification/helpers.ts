/**
 * Units hidden behind a function of codes, and fresh rows that an identification has never seen.
 *
 * @module
 */
import type { Format } from '../../src/formats/index.ts';
import type { CodeRows, Codes } from '../../src/identification/index.ts';
import { dot } from '../../src/kernels/index.ts';
import { decode, decodeBinary64, encode, encodeBinary64 } from '../../src/rounding/index.ts';
import type { MatrixUnit, Target } from '../../src/targets/index.ts';
import { generator } from '../random.ts';

/** The values of codes. */
export function valuesOf(format: Format, codes: Codes): Float64Array {
  return Float64Array.from(codes as ArrayLike<number | bigint>, (code) =>
    format.bits > 53 ? decodeBinary64(BigInt(code)) : decode(format, Number(code)),
  );
}

/** A unit's kind of sum, as `identify` takes it, of rows of k. */
export function questionOf(unit: MatrixUnit, k: number) {
  const [a, b] = [unit.a[0] as Format, (unit.b === unit.a ? unit.a[0] : unit.b[0]) as Format];
  const scale = unit.scale === null ? null : { format: unit.scale.format, block: unit.scale.block };
  return { k, a, b, output: unit.output.format, addend: unit.addend.format, scale };
}

/** Two instructions and a part of a third, so that their chaining is seen. */
export function lengthOf(unit: MatrixUnit): number {
  if (unit.k === 1) return 8;
  return unit.k >= 64 ? 1.5 * unit.k : 2 * unit.k + (unit.k < 8 ? unit.k : 0);
}

/** A unit behind codes, computed by the kernel `dot`: the engine where it has a twin, not what identification simulates with. */
export function hidden(target: Target, unit: MatrixUnit): (rows: CodeRows) => (number | bigint)[] {
  const [a, b] = [unit.a[0] as Format, (unit.b === unit.a ? unit.a[0] : unit.b[0]) as Format];
  const output = unit.output.format;
  return ({ rows, k, a: x, b: y, c, scaleA, scaleB }) => {
    const scale = unit.scale?.format;
    const { output: results } = dot(valuesOf(a, x), valuesOf(b, y), {
      ...{ rows, width: k, target, unit: unit.name, a, b, record: 'off' },
      ...(c === null ? {} : { c: valuesOf(unit.addend.format, c) }),
      ...(scale === undefined
        ? {}
        : { scaleA: valuesOf(scale, scaleA as Codes), scaleB: valuesOf(scale, scaleB as Codes) }),
    });
    return Array.from(results, (value) => (output.bits > 53 ? encodeBinary64(value) : encode(output, value)));
  };
}

function codesOf(format: Format, length: number, next: () => number, kind: string): (number | bigint)[] {
  const draw = (): number | bigint => {
    if (format.kind === 'integer' || format.bits > 53) {
      const code = (BigInt(Math.floor(next() * 2 ** 32)) << 32n) | BigInt(Math.floor(next() * 2 ** 32));
      const wide = code & ((1n << BigInt(format.bits)) - 1n);
      if (format.kind === 'integer') return Number(wide);
      // Exponents near 1 in every other row; a code of binary64 is a bigint.
      return kind === 'random' ? wide : (wide & ~(0x7ffn << 52n)) | (BigInt(1013 + Math.floor(next() * 20)) << 52n);
    }
    for (;;) {
      const near = format.exponentBits < 4 ? 2 ** format.exponentBits : 6;
      const middle = format.bias - near / 2 + Math.floor(next() * near);
      const field =
        kind === 'random' ? Math.floor(next() * 2 ** format.exponentBits) : kind === 'subnormal' ? 0 : middle;
      const sign = format.signed && next() < 0.5 ? 2 ** (format.bits - 1) : 0;
      const fraction = Math.floor(next() * 2 ** format.mantissaBits);
      const code =
        sign + Math.max(0, Math.min(2 ** format.exponentBits - 1, field)) * 2 ** format.mantissaBits + fraction;
      if (kind === 'special' || decode(format, code) - decode(format, code) === 0) return code;
    }
  };
  return Array.from({ length }, draw);
}

/** Fresh rows: random, cancelling, subnormal, mixed with zeros, specials. */
export function freshRows(unit: MatrixUnit, k: number, rows: number, seed: string): CodeRows {
  const next = generator(seed);
  const { a, b, output, scale } = questionOf(unit, k);
  const kinds = ['random', 'near', 'cancelling', 'subnormal', 'zeros', 'special'] as const;
  const typed = (format: Format, codes: (number | bigint)[]): Codes =>
    format.bits > 32 ? BigUint64Array.from(codes, BigInt) : Uint32Array.from(codes, Number);
  const all = { a: [] as (number | bigint)[], b: [] as (number | bigint)[], c: [] as (number | bigint)[] };
  for (let r = 0; r < rows; r++) {
    const kind = kinds[r % kinds.length] as string;
    const x = codesOf(a, k, next, kind);
    const y = codesOf(b, k, next, kind === 'subnormal' && next() < 0.5 ? 'near' : kind);
    if (kind === 'cancelling' && a.kind === 'float' && a.bits <= 53 && k > 1) {
      for (let i = 0; i + 1 < k; i += 2) {
        if (next() < 0.5) [x[i + 1], y[i + 1]] = [Number(x[i]) ^ (2 ** (a.bits - 1)), y[i] as number];
      }
    }
    if (kind === 'zeros') for (let i = 0; i < k; i++) if (next() < 0.7) x[i] = a.bits > 53 ? 0n : 0;
    all.a.push(...x);
    all.b.push(...y);
    all.c.push(...(next() < 0.3 ? [0] : codesOf(unit.addend.format, 1, next, kind)));
  }
  const scales = (): Codes | null => {
    if (scale === null) return null;
    const { bias, mantissaBits } = scale.format as Extract<Format, { kind: 'float' }>;
    const count = rows * Math.ceil(k / scale.block);
    return Uint32Array.from({ length: count }, () => (bias - 3 + Math.floor(next() * 7)) * 2 ** mantissaBits);
  };
  const c = typed(unit.addend.format, all.c);
  return {
    rows,
    k,
    a: typed(a, all.a),
    b: typed(b, all.b),
    c,
    scaleA: scales(),
    scaleB: scales(),
    ...{ output },
  } as CodeRows;
}

/** The rows on which two units give different codes; NaNs are alike. */
export function differences(one: Target, other: Target, unit: MatrixUnit, rows: CodeRows): number[] {
  const twin = Object.values(other.matrixUnits)[0] as MatrixUnit;
  const isNaNCode = (code: number | bigint): boolean =>
    unit.output.format.bits > 53
      ? Number.isNaN(decodeBinary64(BigInt(code)))
      : Number.isNaN(decode(unit.output.format, Number(code)));
  const [p, q] = [hidden(one, unit)(rows), hidden(other, twin)(rows)];
  return p.flatMap((code, r) => (code === q[r] || (isNaNCode(code) && isNaNCode(q[r] as number)) ? [] : [r]));
}
