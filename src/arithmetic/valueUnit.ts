/**
 * What a unit on codes needs of the unit on values.
 *
 * @module
 */
import type { Format } from '../formats/format.ts';
import type { Position } from '../rounding/philox.ts';
import type { IntegerType } from './integerType.ts';

/** An operation on one value. */
type Unary = (a: number, position?: Position) => number;
/** An operation on two values. */
type Binary = (a: number, b: number, position?: Position) => number;

/** A unit on values; see `Unit` for what each operation does. */
export interface ValueUnit {
  /** Flags of the last operation. */
  flags: number;
  readonly format: Format;
  readonly nanCode: number | undefined;
  readonly round: Unary;
  readonly add: Binary;
  readonly subtract: Binary;
  readonly multiply: Binary;
  readonly divide: Binary;
  readonly squareRoot: Unary;
  readonly reciprocalSquareRoot: Unary;
  fusedMultiplyAdd(a: number, b: number, c: number, position?: Position): number;
  fromInteger(n: number | bigint, position?: Position): number;
  convert(x: number, from: Format, position?: Position): number;
  roundToIntegral(a: number, exact?: boolean, position?: Position): number;
  toInteger(a: number, type?: IntegerType, exact?: boolean, position?: Position): number;
  toBigInt(a: number, type?: IntegerType, exact?: boolean, position?: Position): bigint;
  compare(a: number, b: number): -1 | 0 | 1 | null;
}
