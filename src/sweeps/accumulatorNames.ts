/**
 * Accumulators in short, as a grid and the command line write them.
 *
 * ```text
 * int16:saturate   int24:wrap        a register of so many bits
 * int12..int32:saturate              registers of 12, 13, … 32 bits
 * binary16   e5m10   bfloat16        sums rounded to a format
 * fixed:int32:fraction=16            a fixed-point register
 * kahan:binary16   neumaier:binary16 compensated sums
 * exact:binary32                     one rounding at the end
 * ```
 *
 * @module
 */
import { defineAccumulator } from '../accumulators/defineAccumulator.ts';
import type { Accumulator } from '../accumulators/reduction.ts';
import { BittrueError, checkAs, checkInteger } from '../errors/index.ts';
import { parseFormat } from '../formats/index.ts';

const wanted = 'an accumulator such as int16:saturate, int12..int32:wrap, binary16, kahan:binary16 or exact:binary32';
const register = /^int(\d{1,4})(?:\.\.(?:int)?(\d{1,4}))?:(saturate|wrap)$/;

/** The names that a range of registers stands for; other names stand for themselves. */
export function expandAccumulators(argument: string, name: string): string[] {
  const [, first, last, overflow] = register.exec(name) ?? [];
  if (first === undefined || last === undefined) return [name];
  const [from, to] = [Number(first), Number(last)];
  checkInteger(argument, from, 2, 1024);
  checkInteger(argument, to, from, 1024);
  return Array.from({ length: to - from + 1 }, (_, i) => `int${from + i}:${overflow}`);
}

/** The accumulator that a name means; float sums take rounded terms. */
export function accumulatorOf(argument: string, name: string): Accumulator {
  const [, bits, , overflow] = register.exec(name) ?? [];
  const checked = (data: object): Accumulator =>
    checkAs(
      () => argument,
      () => defineAccumulator(data),
    );
  if (bits !== undefined) return checked({ kind: 'integer', bits: Number(bits), overflow });
  const [, kind, format] = /^(fixed|kahan|neumaier|exact):(.+)$/.exec(name) ?? [];
  if (kind !== undefined) {
    const rounding = { format };
    return checked(kind === 'exact' ? { kind, output: rounding } : { kind, rounding });
  }
  const found = checkAs(
    () => argument,
    () => parseFormat(name),
  );
  if (found.kind === 'integer') throw new BittrueError('name', argument, name, wanted);
  return checked({ kind: 'float', rounding: { format: found } });
}
