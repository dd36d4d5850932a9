/**
 * The ways to 1/√w of design B4.
 *
 * @module
 */
import { checkAs, checkFunction, checkNumber } from '../../errors/index.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { ReciprocalSqrt } from '../../targets/target.ts';
import { checkRoot, checkRounding } from './checks.ts';
import { oracleDecode, oracleEncode } from './codes.ts';
import { type OracleOperation, oracleOperation } from './operations.ts';
import type { Rounded } from './round.ts';

/** Notes operation `number` and returns its value. */
export type OracleReciprocalNote = (number: number, operands: readonly number[], rounded: Rounded) => number;

/** 1/√w, or √w for `sqrtThenDivide`; operations are numbered from 0. */
export function oracleReciprocalSqrt(
  method: ReciprocalSqrt,
  rounding: Rounding,
  w: number,
  note: OracleReciprocalNote,
): number {
  checkRoot('method', method);
  checkRounding('rounding', rounding);
  checkNumber('w', w);
  checkFunction('note', note);
  let number = 0;
  const apply = (name: OracleOperation, ...operands: number[]): number =>
    note(number++, operands, oracleOperation(name, rounding, operands));
  switch (method.kind) {
    case 'correctlyRounded':
      return apply('reciprocalSquareRoot', w);
    case 'sqrtThenReciprocal':
      return apply('divide', 1, apply('squareRoot', w));
    case 'sqrtThenDivide':
      return apply('squareRoot', w);
    case 'newton': {
      let y = guess(rounding, w, method.magic);
      for (let i = 0; i < method.steps; i++) {
        const half = apply('multiply', 0.5, w);
        const square = apply('multiply', y, y);
        const product = apply('multiply', half, square);
        y = apply('multiply', y, apply('subtract', 1.5, product));
      }
      return y;
    }
  }
}

/** y₀ = decode(magic − (code(w) ≫ 1)). */
function guess({ format }: Rounding, w: number, magic: number): number {
  const code = magic - Math.floor(oracleEncode(format, w) / 2);
  return checkAs(
    () => 'method.magic',
    () => oracleDecode(format, code),
  );
}
