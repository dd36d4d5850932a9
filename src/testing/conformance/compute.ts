/**
 * Results of a task, from the library's own unit: as the task says, or as another implementation might.
 *
 * @module
 */
import { createUnit, type Unit } from '../../arithmetic/unit.ts';
import { BittrueError } from '../../errors/index.ts';
import type { FloatFormat, Format } from '../../formats/format.ts';
import { decode, encodeValue, isValue } from '../../rounding/codes.ts';
import { exponentIn } from '../../rounding/exponentIn.ts';
import { DIVIDE_BY_ZERO, INEXACT, INVALID, UNDERFLOW } from '../../rounding/flags.ts';
import type { Policy } from '../../rounding/policy.ts';
import type { ProfileRules } from '../../rounding/profile.ts';
import { type CodeOutcome, convertPair, type NaNOperand, nanCode, PLAIN_NAN } from '../../rounding/profileOutcome.ts';
import { formatOf, type Operand } from './operand.ts';
import { checkTask, type VectorTask } from './task.ts';

/** Computes one case; null where the policy defines no result (a NaN for a format without one). */
export type Compute = (operands: readonly Operand[]) => CodeOutcome | null;

/** A way to compute a task's results; {@link setupOf} gives the right one. */
export interface Setup {
  readonly policy: Policy;
  readonly rules: ProfileRules;
  /** A format that results are rounded to first. */
  readonly via: FloatFormat | null;
  /**
   * Ties go toward zero, upward or to the odd number, or away from zero where the exponent field is odd or even, for casts;
   * null: as the policy says.
   */
  readonly ties: 'zero' | 'up' | 'odd' | 'oddField' | 'evenField' | null;
  readonly fused: boolean;
  /** What is computed in place of the operation, by steps that are rounded each; null: the operation. */
  readonly instead: ((unit: Unit, a: number, b: number, c: number) => number) | null;
  /** Flags that are never raised. */
  readonly mask: number;
  /** Whether underflow is raised for tiny results that are exact. */
  readonly exactUnderflow: boolean;
  readonly signedZeros: boolean;
  /** Whether a result that is subnormal once it is rounded becomes zero. */
  readonly flushRounded: boolean;
  /** Whether roundToInt raises inexact. */
  readonly exactIntegral: boolean;
  /** The one code of every NaN, if it is one. */
  readonly nanCode: number | null;
  /** Every inexact result has the larger magnitude. */
  readonly away: boolean;
  /** How the operand of a conversion is read, in order. */
  readonly read: readonly ((operand: Operand) => Operand)[];
  /** What becomes of a conversion's result, in order; `x` is the operand as it was read. */
  readonly write: readonly ((found: CodeOutcome, x: number, nan: NaNOperand) => CodeOutcome)[];
}

/** A conversion between formats. */
export type Conversion = Pick<VectorTask, 'source' | 'policy' | 'rules'> & { readonly format: Format };

/** The setup that follows the task. */
export function setupOf({ policy, rules }: Pick<VectorTask, 'policy' | 'rules'>): Setup {
  return {
    policy,
    rules,
    via: null,
    ties: null,
    fused: true,
    instead: null,
    mask: 0,
    exactUnderflow: false,
    signedZeros: true,
    flushRounded: false,
    exactIntegral: false,
    nanCode: null,
    away: false,
    read: [],
    write: [],
  };
}

/** The task's own results, from the code-level entry points of the unit. */
export function unitCompute(task: VectorTask): Compute {
  checkTask(task);
  return computeWith(task, setupOf(task));
}

/** Results under a setup. */
export function computeWith(task: VectorTask, setup: Setup): Compute {
  return task.operation === 'cast' ? convertWith(task, setup) : safely(task, setup, operateWith(task, setup));
}

/** A conversion under a setup. */
export function convertWith(task: Conversion, setup: Setup): Compute {
  return safely({ ...task, result: task.format }, setup, castWith(task, setup));
}

type Raw = (operands: readonly Operand[]) => CodeOutcome;

function safely(task: Pick<VectorTask, 'result'> & { format: Format }, setup: Setup, raw: Raw): Compute {
  const { format, result } = task;
  const isPlain =
    setup.mask === 0 &&
    setup.signedZeros &&
    !setup.flushRounded &&
    !setup.exactUnderflow &&
    (setup.nanCode === null || result !== format);
  return (operands) => {
    let found: CodeOutcome;
    try {
      found = raw(operands);
    } catch (error) {
      if (error instanceof BittrueError && error.code === 'value') return null;
      throw error;
    }
    return isPlain ? found : altered(task, setup, found);
  };
}

function altered(
  { format, result }: Pick<VectorTask, 'result'> & { format: Format },
  setup: Setup,
  { value, code, flags }: CodeOutcome,
): CodeOutcome {
  const tiny = result === format && format.kind === 'float' && value !== 0 && Math.abs(value) < format.minNormal;
  const isFlushed = tiny && setup.flushRounded;
  const more = isFlushed ? UNDERFLOW | INEXACT : setup.exactUnderflow && tiny ? UNDERFLOW : 0;
  const raised = (flags | more) & ~setup.mask;
  if (isFlushed) return { ...outcomeOf(result, value < 0 && setup.signedZeros ? -0 : 0), flags: raised };
  if (!setup.signedZeros && Object.is(value, -0)) return { ...outcomeOf(result, 0), flags: raised };
  if (value !== value && setup.nanCode !== null) return { value, code: setup.nanCode, flags: raised };
  return { value, code, flags: raised };
}

function castWith({ format, source }: Conversion, setup: Setup): Raw {
  const first = setup.via === null ? null : createUnit({ format: setup.via });
  const from = setup.via ?? formatOf(source);
  const [up, down] = (['towardPositive', 'towardNegative'] as const).map((rounding) => ({
    ...setup,
    policy: Object.freeze({ ...setup.policy, rounding }),
  })) as [Setup, Setup];
  const convert = (once: number, residual: number, nan: NaNOperand): CodeOutcome => {
    // binary64 holds every other format's numbers, and its codes are no numbers.
    if (format.bits > 53) return { value: once, code: Number.NaN, flags: 0 };
    return convertPair(format, setup.away ? (once > 0 ? up : down) : setup, once, residual, nan, from);
  };
  return (operands) => {
    const { x, nan } = setup.read.reduce((operand, read) => read(operand), operands[0] as Operand);
    const once = first === null || x !== x ? x : first.round(x);
    const inexact = once === x || x !== x ? 0 : INEXACT;
    // A residual of the right sign breaks a tie that way; an exact result must stay exact.
    const plain = convert(once, 0, nan);
    const broken =
      setup.ties !== null && (plain.flags & INEXACT) !== 0
        ? convert(once, tieBreaker(format, setup.ties, once, plain.value), nan)
        : plain;
    const found = { value: broken.value, code: broken.code, flags: broken.flags | inexact };
    return setup.write.reduce((outcome, write) => write(outcome, x, nan), found);
  };
}

/** The sign of a residual that breaks a tie; `even` is what the tie would become. */
function tieBreaker(format: Format, ties: NonNullable<Setup['ties']>, x: number, even: number): number {
  if (ties === 'odd') return even > x ? -1 : 1;
  if (ties === 'oddField' || ties === 'evenField') {
    const [emin, bias] = format.kind === 'float' ? [format.emin, format.bias] : [0, 0];
    const e = exponentIn(Math.abs(x));
    // Subnormal numbers have the field 0.
    const field = e < emin ? 0 : e + bias;
    return ((field % 2 !== 0) === (ties === 'oddField') ? 1 : -1) * Math.sign(x);
  }
  return ties === 'up' || x < 0 ? 1 : -1;
}

/** A number as an outcome without flags; its code is NaN where it is none of the format's values. */
export function outcomeOf(format: Format, value: number): CodeOutcome {
  const hasCode = format.bits <= 53 && isValue(format, value);
  return { value, code: hasCode ? encodeValue(format, value, false) : Number.NaN, flags: 0 };
}

function operateWith(task: VectorTask, setup: Setup): (operands: readonly Operand[]) => CodeOutcome {
  const { format, operation } = task;
  const quiet = format.nan === 'none' ? undefined : nanCode(format, setup.rules.nan, PLAIN_NAN);
  const unit = createUnit({ format, policy: setup.policy, ...(quiet === undefined ? {} : { nanCode: quiet }) });
  if (setup.via !== null) return operateVia(task, unit, createUnit({ format: setup.via, policy: viaPolicy(setup) }));
  const { instead } = setup;
  if (instead !== null) {
    return (operands) => {
      const [a, b, c] = operands.map(({ x }) => x) as [number, number, number];
      return outcomeOf(task.result, instead(unit, a, b, c));
    };
  }
  const code = (operands: readonly Operand[]): number => {
    const [a, b, c] = operands.map(({ bits }) => Number(bits)) as [number, number, number];
    switch (operation) {
      case 'add':
        return unit.codes.add(a, b);
      case 'sub':
        return unit.codes.subtract(a, b);
      case 'mul':
        return unit.codes.multiply(a, b);
      case 'div':
        return unit.codes.divide(a, b);
      case 'sqrt':
        return unit.codes.squareRoot(a);
      case 'mulAdd': {
        if (setup.fused) return unit.codes.fusedMultiplyAdd(a, b, c);
        const product = unit.codes.multiply(a, b);
        const { flags } = unit;
        const sum = unit.codes.add(product, c);
        unit.flags |= flags;
        return sum;
      }
      case 'roundToInt':
        return unit.codes.roundToIntegral(a, setup.exactIntegral);
      case 'toI32':
        return unit.codes.toInteger(a, undefined, setup.exactIntegral) >>> 0;
      case 'fromI32':
        return unit.codes.fromInteger((operands[0] as Operand).x);
      case 'cast':
        throw new BittrueError('unsupported', 'operation', operation, 'another: castWith does it');
    }
  };
  return (operands) => {
    const found = code(operands);
    return { value: decode(task.result, found), code: found, flags: unit.flags };
  };
}

/** Two roundings: to the wider format, then to the task's. */
function operateVia(
  { format, operation }: VectorTask,
  unit: Unit,
  first: Unit,
): (o: readonly Operand[]) => CodeOutcome {
  return (operands) => {
    const [a, b, c] = operands.map(({ x }) => x) as [number, number, number];
    const signals = operands.some(({ x, nan }) => x !== x && nan.fraction < 0.5) ? INVALID : 0;
    const once = wide(first, operation, a, b, c);
    const flags = (first.flags & (INVALID | DIVIDE_BY_ZERO | INEXACT)) | signals;
    const value = unit.convert(once, first.format);
    const code = value === value ? encodeValue(format, value, false) : (unit.nanCode ?? 0);
    return { value, code, flags: flags | unit.flags };
  };
}

function wide(unit: Unit, operation: VectorTask['operation'], a: number, b: number, c: number): number {
  switch (operation) {
    case 'add':
      return unit.add(a, b);
    case 'sub':
      return unit.subtract(a, b);
    case 'mul':
      return unit.multiply(a, b);
    case 'div':
      return unit.divide(a, b);
    case 'sqrt':
      return unit.squareRoot(a);
    case 'mulAdd':
      return unit.fusedMultiplyAdd(a, b, c);
    default:
      return unit.round(a);
  }
}

/** The first of two roundings follows the mode, with subnormals. */
function viaPolicy({ policy }: Setup): { rounding: Policy['rounding'] } {
  return { rounding: policy.rounding };
}
