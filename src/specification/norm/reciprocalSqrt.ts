/**
 * The ways to form 1/√w, each operation rounded.
 *
 * @module
 */
import type { Algebraic } from '../../arithmetic/exact.ts';
import type { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { BittrueError } from '../../errors/index.ts';
import type { Recorder } from '../../events/recorder.ts';
import { decodeValue, encodeValue } from '../../rounding/codes.ts';
import type { ReciprocalSqrt } from '../../targets/target.ts';

/** 1/√w, or √w for `sqrtThenDivide`; its operations are numbered from step 0. */
export function reciprocalSqrt(how: ReciprocalSqrt, unit: ValueUnit, w: number, recorder: Recorder): number {
  switch (how.kind) {
    case 'correctlyRounded':
      return note(unit, 'reciprocalSquareRoot', w, 0, unit.reciprocalSquareRoot(w, recorder), recorder);
    case 'sqrtThenReciprocal': {
      const root = note(unit, 'squareRoot', w, 0, unit.squareRoot(w, recorder), recorder);
      return note(unit, 'divide', 1, root, unit.divide(1, root, recorder), recorder);
    }
    case 'sqrtThenDivide':
      return note(unit, 'squareRoot', w, 0, unit.squareRoot(w, recorder), recorder);
    case 'newton':
      return newton(how.magic, how.steps, unit, w, recorder);
  }
}

/** Enters the last operation of a unit, and takes the next step. */
function note(unit: ValueUnit, operation: Algebraic, a: number, b: number, r: number, recorder: Recorder): number {
  if (unit.flags !== 0) recorder.note(unit.flags, operation, null, recorder.step, a, b, 0, r);
  recorder.see(r, unit.binades);
  recorder.step += 1;
  return r;
}

/** y₀ = decode(magic − (code ≫ 1)), then y ← y·(1.5 − (0.5·w)·(y·y)) (Lomont 2003, for any format by its codes). */
function newton(magic: number, steps: number, unit: ValueUnit, w: number, recorder: Recorder): number {
  const { format } = unit;
  const code = magic - Math.floor(encodeValue(format, w, w < 0) / 2);
  if (code < 0 || code >= format.codes) {
    throw new BittrueError('range', 'target.reciprocalSqrt.magic', magic, 'a magic number whose difference is a code');
  }
  const multiply = (a: number, b: number) => note(unit, 'multiply', a, b, unit.multiply(a, b, recorder), recorder);
  let y = decodeValue(format, code);
  for (let i = 0; i < steps; i++) {
    const half = multiply(0.5, w);
    const square = multiply(y, y);
    const product = multiply(half, square);
    const factor = note(unit, 'subtract', 1.5, product, unit.subtract(1.5, product, recorder), recorder);
    y = multiply(y, factor);
  }
  return y;
}
