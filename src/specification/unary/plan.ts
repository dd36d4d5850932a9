/**
 * What `unary` takes, checked and resolved.
 *
 * @module
 */
import { type Transcendental, transcendentals } from '../../arithmetic/functions.ts';
import { BittrueError, checkInteger, checkName, checkObject, checkPositive } from '../../errors/index.ts';
import type { Format } from '../../formats/format.ts';
import type { PartialPolicy } from '../../rounding/policy.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { Target } from '../../targets/target.ts';
import { type Plan, planRecord, type RecordOptions, recordKeys } from '../contract.ts';
import { madeRounding, madeTarget, vectorUnit } from '../made.ts';
import { refuseWrap } from '../refuseWrap.ts';
import { type Composition, defineComposition, type ResolvedComposition } from './composition.ts';

/** The functions: those that are transcendental, and four that a unit has. */
export const unaryFunctions = [...transcendentals, 'reciprocal', 'sqrt', 'rsqrt', 'relu'] as const;
/**
 * A function of one number. `gelu` is x/2 · (1 + erf(x/√2)), `geluTanh` x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³))), `silu`
 * x / (1 + e^−x), `softplus` ln(1 + e^x), `softcap` cap · tanh(x / cap).
 */
export type UnaryFunction = (typeof unaryFunctions)[number];

/** How a function is formed. `correctlyRounded`: one rounding of the real value, proved by an interval around it. */
export type UnaryMethod = { readonly kind: 'correctlyRounded' } | Composition;

/** Options of `unary`: a target, or a format. */
export interface UnaryOptions extends RecordOptions {
  readonly function: UnaryFunction;
  /** The cap of `softcap`, above zero; of no other function. */
  readonly cap?: number;
  /** Default correctly rounded. A composition is what runs; the function is what its error is judged against. */
  readonly method?: UnaryMethod;
  /** Its vector unit loads, computes, and stores. */
  readonly target?: Target;
  /** Instead of a target: numbers are taken as they are, and results rounded once, to this format. */
  readonly format?: Format;
  /** What differs from the format's defaults. */
  readonly policy?: PartialPolicy;
  /** Rows of the numbers, for the places of events; default 1. */
  readonly rows?: number;
  /** Numbers a row; default all of them. */
  readonly width: number;
}

/** Every stage, in the order of reports. */
export const unaryStages = ['constants', 'load', 'function', 'store'] as const;
/** The name of one of them. */
export type UnaryStage = (typeof unaryStages)[number];

/** A checked function over numbers. */
export interface UnaryPlan extends Plan {
  readonly kernel: 'unary';
  readonly stages: readonly UnaryStage[];
  readonly function: UnaryFunction;
  /** 1 where there is none. */
  readonly cap: number;
  readonly method: { readonly kind: 'correctlyRounded' } | ResolvedComposition;
  /** Null: numbers as they are. */
  readonly load: Rounding | null;
  readonly compute: Rounding;
  /** Null: results as they are computed. */
  readonly store: Rounding | null;
}

const keys = ['function', 'cap', 'method', 'target', 'format', 'policy', 'rows', 'width', ...recordKeys];

/** Whether a function is none of a unit's own operations. */
export function isTranscendental(name: string): name is Transcendental {
  return (transcendentals as readonly string[]).includes(name);
}

/** Checks the options of `unary`. */
export function planUnary(options: UnaryOptions): UnaryPlan {
  checkObject('options', options, keys);
  const name = checkName('options.function', options.function, unaryFunctions);
  const rows = checkInteger('options.rows', options.rows ?? 1, 0, 2 ** 31);
  const width = checkInteger('options.width', options.width, 0, 2 ** 32);
  const cap = planCap(name, options.cap);
  const method = planMethod(options.method, 'options.method');
  const { load, compute, store, configuration } = planRoundings(options);
  const argument = load === null ? 'options.policy.overflow' : 'options.target';
  if (method.kind === 'composition') {
    for (const [i, { operation, rounding }] of method.steps.entries()) {
      if (!isTranscendental(operation) && operation !== 'scaleByPowerOfTwo') continue;
      refuseWrap(rounding === null ? argument : `options.method.steps[${i}].rounding`, rounding ?? compute, operation);
    }
  } else if (isTranscendental(name)) refuseWrap(argument, compute, name);
  const stages: UnaryStage[] = [];
  if (method.kind === 'composition' && method.constants.length > 0) stages.push('constants');
  if (load !== null) stages.push('load');
  stages.push('function');
  if (store !== null) stages.push('store');
  return {
    kernel: 'unary',
    rows,
    width,
    stages,
    ...planRecord(options),
    size: rows * width,
    span: width,
    outputFormat: store?.format ?? outputOf(method, compute),
    configuration: {
      function: name,
      ...(name === 'softcap' ? { cap } : {}),
      method: method.kind === 'composition' ? method.given : method,
      ...configuration,
    },
    function: name,
    cap,
    method,
    load,
    compute,
    store,
  };
}

/** The format of what a composition gives where no store rounds it; null where it may be any number. */
function outputOf(method: UnaryPlan['method'], compute: Rounding): Format | null {
  if (method.kind === 'correctlyRounded') return compute.format;
  const last = method.steps.at(-1);
  const selects = ['negate', 'absolute', 'maximum', 'minimum', 'floor', 'nearest'];
  return last === undefined || selects.includes(last.operation) ? null : (last.rounding ?? compute).format;
}

function planCap(name: UnaryFunction, cap: number | undefined): number {
  if (name === 'softcap') return checkPositive('options.cap', cap);
  if (cap !== undefined) throw new BittrueError('unsupported', 'options.cap', cap, `none: ${name} has no cap`);
  return 1;
}

/** Checks and resolves a method given as data. */
export function planMethod(method: unknown, argument: string): UnaryPlan['method'] {
  if (method === undefined) return Object.freeze({ kind: 'correctlyRounded' });
  const { kind } = checkObject(argument, method, ['kind', 'steps']);
  const known = checkName(`${argument}.kind`, kind, ['correctlyRounded', 'composition'] as const);
  if (known === 'composition') return defineComposition(method, argument);
  checkObject(argument, method, ['kind']);
  return Object.freeze({ kind: known });
}

function planRoundings(
  options: UnaryOptions,
): Pick<UnaryPlan, 'load' | 'compute' | 'store'> & { readonly configuration: object } {
  if ((options.target === undefined) === (options.format === undefined)) {
    throw new BittrueError('type', 'options', options, 'a target or a format, one of them');
  }
  if (options.target === undefined) {
    const rounding = madeRounding('options', { format: options.format, policy: options.policy });
    return { load: null, compute: rounding, store: null, configuration: { rounding } };
  }
  if (options.policy !== undefined) {
    throw new BittrueError('unsupported', 'options.policy', options.policy, 'none: the target has its own');
  }
  const target = madeTarget(options.target);
  const { load, compute, store } = vectorUnit(target);
  return { load, compute, store, configuration: { target } };
}
