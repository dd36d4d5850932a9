/**
 * The unit that the library hands out: on values, and on codes.
 *
 * @module
 */
import { BittrueError, checkObject } from '../errors/index.ts';
import type { Format } from '../formats/format.ts';
import { nameOf } from '../formats/nameOf.ts';
import { decode } from '../rounding/codes.ts';
import { type PartialPolicy, type Policy, resolvePolicy } from '../rounding/policy.ts';
import { CodeUnit } from './codes.ts';
import { ConvertingUnit } from './convertingUnit.ts';

/** The unit of one format and policy, with the same unit on codes; see `ValueUnit` for how its operations stay exact. */
export class Unit extends ConvertingUnit {
  /** The code written for a NaN that no overflow made; by default the quiet one without payload. */
  readonly nanCode: number | undefined;
  private codeUnit: CodeUnit | undefined;

  constructor(format: Format, policy: Policy, nanCode?: number) {
    super(format, policy);
    this.nanCode = nanCode;
  }

  /** The same unit on codes; it sees signalling NaNs. For float formats. */
  get codes(): CodeUnit {
    this.codeUnit ??= new CodeUnit(this, this.nanCode);
    return this.codeUnit;
  }
}

/** What `createUnit` takes. */
export interface UnitOptions {
  readonly format: Format;
  /** What differs from the format's defaults. */
  readonly policy?: PartialPolicy;
  /** The code that `unit.codes` writes for a NaN that no overflow made, such as 0xfe00 on x86. */
  readonly nanCode?: number;
}

/**
 * A unit for one format and policy.
 *
 * @throws {@link BittrueError} for a policy that the format cannot follow
 * @example
 * import { createUnit } from 'bittrue/arithmetic';
 * import { bfloat16, binary16 } from 'bittrue/formats';
 * import { flagNames } from 'bittrue/rounding';
 * const fpu = createUnit({ format: binary16 });
 * fpu.add(65472, 96); // Infinity
 * flagNames(fpu.flags); // ['inexact', 'overflow']
 * createUnit({ format: bfloat16 }).fusedMultiplyAdd(1.5, 1.0078125, -(2 ** -60)); // 1.5078125
 */
export function createUnit(options: UnitOptions): Unit {
  checkObject('options', options, ['format', 'policy', 'nanCode']);
  const { format, policy, nanCode } = options;
  if (nanCode !== undefined && !Number.isNaN(decode(format, nanCode))) {
    throw new BittrueError('value', 'nanCode', nanCode, `the code of a NaN of ${nameOf(format)}`);
  }
  return new Unit(format, resolvePolicy(format, policy), nanCode);
}
