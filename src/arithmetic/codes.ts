/**
 * The unit on codes: operands and results as the bits that memory holds.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { binary64 } from '../formats/binary64.ts';
import type { FloatFormat } from '../formats/format.ts';
import { nameOf } from '../formats/nameOf.ts';
import { checkCodes } from '../rounding/binary64.ts';
import { codeReader, encodeValue } from '../rounding/codes.ts';
import { INVALID, OVERFLOW } from '../rounding/flags.ts';
import { ORIGIN, type Position } from '../rounding/philox.ts';
import { ConvertingUnit } from './convertingUnit.ts';
import { type IntegerType, int32OfX86 } from './integerType.ts';

/**
 * A unit whose operands and results are codes. A signalling NaN (IEEE 754-2019 §6.2.1: first fraction bit clear) raises
 * `invalid`; every NaN result is quiet and has the unit's NaN code, but a NaN that overflow makes has the sign of what
 * overflowed. Made by `unit.codes`.
 */
export class CodeUnit {
  private readonly unit: ConvertingUnit;
  private readonly format: FloatFormat;
  private readonly reader: ReturnType<typeof codeReader>;
  private readonly nanCode: number;
  private saturating: ConvertingUnit | null = null;

  constructor(unit: ConvertingUnit, nanCode: number | undefined) {
    const { format } = unit;
    if (format.kind !== 'float') {
      throw new BittrueError(
        'unsupported',
        'unit.codes',
        nameOf(format),
        'a float format: integers have no such codes',
      );
    }
    this.unit = unit;
    this.format = checkCodes('unit.codes', format);
    this.reader = codeReader(format);
    this.nanCode = nanCode ?? (format.nan === 'none' ? 0 : encodeValue(format, Number.NaN, false));
  }

  /** Flags of the last operation. */
  get flags(): number {
    return this.unit.flags;
  }

  /** The code of a + b. */
  add(a: number, b: number, position: Position = ORIGIN): number {
    const x = this.reader.value(a);
    const y = this.reader.value(b);
    return this.code(
      this.unit.add(x, y, position),
      this.reader.signalling(a) || this.reader.signalling(b),
      'add',
      x,
      y,
      0,
      position,
    );
  }

  /** The code of a − b. */
  subtract(a: number, b: number, position: Position = ORIGIN): number {
    const x = this.reader.value(a);
    const y = this.reader.value(b);
    const r = this.unit.subtract(x, y, position);
    return this.code(r, this.reader.signalling(a) || this.reader.signalling(b), 'subtract', x, y, 0, position);
  }

  /** The code of a · b. */
  multiply(a: number, b: number, position: Position = ORIGIN): number {
    const x = this.reader.value(a);
    const y = this.reader.value(b);
    const r = this.unit.multiply(x, y, position);
    return this.code(r, this.reader.signalling(a) || this.reader.signalling(b), 'multiply', x, y, 0, position);
  }

  /** The code of a / b. */
  divide(a: number, b: number, position: Position = ORIGIN): number {
    const x = this.reader.value(a);
    const y = this.reader.value(b);
    const r = this.unit.divide(x, y, position);
    return this.code(r, this.reader.signalling(a) || this.reader.signalling(b), 'divide', x, y, 0, position);
  }

  /** The code of √a. */
  squareRoot(a: number, position: Position = ORIGIN): number {
    return this.code(this.unit.squareRoot(this.reader.value(a), position), this.reader.signalling(a));
  }

  /** The code of 1 / √a. */
  reciprocalSquareRoot(a: number, position: Position = ORIGIN): number {
    return this.code(this.unit.reciprocalSquareRoot(this.reader.value(a), position), this.reader.signalling(a));
  }

  /** The code of a · b + c, rounded once. */
  fusedMultiplyAdd(a: number, b: number, c: number, position: Position = ORIGIN): number {
    const x = this.reader.value(a);
    const y = this.reader.value(b);
    const z = this.reader.value(c);
    const signalling = this.reader.signalling(a) || this.reader.signalling(b) || this.reader.signalling(c);
    return this.code(this.unit.fusedMultiplyAdd(x, y, z, position), signalling, 'fusedMultiplyAdd', x, y, z, position);
  }

  /** The code of a rounded to an integer: see `Unit.roundToIntegral`. */
  roundToIntegral(a: number, exact = false, position: Position = ORIGIN): number {
    return this.code(this.unit.roundToIntegral(this.reader.value(a), exact, position), this.reader.signalling(a));
  }

  /** The integer itself, not a code: see `Unit.toInteger`. */
  toInteger(a: number, type: IntegerType = int32OfX86, exact = false, position: Position = ORIGIN): number {
    return this.unit.toInteger(this.reader.value(a), type, exact, position);
  }

  /**
   * What a register of up to 64 bits holds after the conversion: the integer modulo 2^bits, 0n … 2n ** bits − 1n.
   * See `Unit.toBigInt`.
   */
  toBigInt(a: number, type: IntegerType = int32OfX86, exact = false, position: Position = ORIGIN): bigint {
    return BigInt.asUintN(type.bits, this.unit.toBigInt(this.reader.value(a), type, exact, position));
  }

  /** The code of an integer. */
  fromInteger(n: number | bigint, position: Position = ORIGIN): number {
    return this.code(this.unit.fromInteger(n, position), false);
  }

  /** A code of another format, converted to this one. Where operands are flushed, those that are subnormal in `from` are. */
  convert(a: number, from: FloatFormat, position: Position = ORIGIN): number {
    const source = codeReader(from);
    const x = source.value(a);
    return this.code(this.unit.convert(x, from, position), source.signalling(a), 'round', x, 0, 0, position);
  }

  /** The 64 bits of a binary64 number, converted to this format. */
  fromBinary64(bits: bigint, position: Position = ORIGIN): number {
    const x = new Float64Array(BigInt64Array.of(BigInt.asIntN(64, bits)).buffer)[0] as number;
    const signalling = x !== x && (bits & (1n << 51n)) === 0n;
    return this.code(this.unit.convert(x, binary64, position), signalling, 'round', x, 0, 0, position);
  }

  /**
   * −1, 0 or 1, or null when unordered. The quiet predicates of IEEE 754 §5.11 raise `invalid` for signalling NaNs only;
   * with `signaling`, for every NaN.
   */
  compare(a: number, b: number, signaling = false): -1 | 0 | 1 | null {
    const order = this.unit.compare(this.reader.value(a), this.reader.value(b));
    if (this.reader.signalling(a) || this.reader.signalling(b) || (signaling && order === null))
      this.unit.flags |= INVALID;
    return order;
  }

  private code(
    r: number,
    signalling: boolean,
    operation?: 'round' | 'add' | 'subtract' | 'multiply' | 'divide' | 'fusedMultiplyAdd',
    x = 0,
    y = 0,
    z = 0,
    position: Position = ORIGIN,
  ): number {
    if (signalling) this.unit.flags |= INVALID;
    if (r === r) return encodeValue(this.format, r, false);
    if ((this.unit.flags & OVERFLOW) === 0 || operation === undefined) return this.nanCode;
    return encodeValue(this.format, r, this.overflowSign(operation, x, y, z, position));
  }

  /** The sign of what overflowed to NaN: that of the same result, saturated. */
  private overflowSign(
    operation: 'round' | 'add' | 'subtract' | 'multiply' | 'divide' | 'fusedMultiplyAdd',
    x: number,
    y: number,
    z: number,
    position: Position,
  ): boolean {
    this.saturating ??= new ConvertingUnit(this.format, { ...this.unit.policy, overflow: 'saturate' });
    switch (operation) {
      case 'round':
        return this.saturating.round(x, position) < 0;
      case 'fusedMultiplyAdd':
        return this.saturating.fusedMultiplyAdd(x, y, z, position) < 0;
      default:
        return this.saturating[operation](x, y, position) < 0;
    }
  }
}
