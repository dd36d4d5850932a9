/**
 * What a GEMM does with its sums before it writes them: data, checked and resolved.
 *
 * @module
 */
import {
  BittrueError,
  checkAs,
  checkBoolean,
  checkFinite,
  checkInteger,
  checkName,
  checkObject,
} from '../../errors/index.ts';
import { binary32 } from '../../formats/binary32.ts';
import { type Rounding, roundTo } from '../../rounding/roundTo.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { type Plan, planRecord, type RecordOptions, recordKeys } from '../contract.ts';
import { madeRounding } from '../made.ts';
import { type Numbers, numbers, rowInputs } from '../operands.ts';
import { planUnary, type UnaryFunction, type UnaryMethod, type UnaryPlan } from '../unary/plan.ts';

/** A function of what leaves an epilogue, as `unary` takes it. */
export interface EpilogueActivation {
  readonly function: UnaryFunction;
  /** The cap of `softcap`. */
  readonly cap?: number;
  readonly method?: UnaryMethod;
}

/** The operations of an epilogue. */
export type EpilogueOperation = 'scale' | 'source' | 'add' | 'bias' | 'activation';
export const epilogueOperations: readonly EpilogueOperation[] = ['scale', 'source', 'add', 'bias', 'activation'];

/** An epilogue: α · sum, + β · C, + bias, a function, each an operation of its own. What is absent is no operation. */
export interface Epilogue {
  /** Factor of the sum: also 1 is a multiplication. */
  readonly alpha?: number;
  /** Factor of C, which is read and added where it is given: also by 0, where BLAS reads no C; leave it out for that. */
  readonly beta?: number;
  /** α · sum + (β · C) in one rounding, a fused multiply-add; default false: product, then sum. */
  readonly fused?: boolean;
  /** Whether a bias is added, and whether the columns or the rows of the output have one each. */
  readonly bias?: 'columns' | 'rows';
  readonly activation?: EpilogueActivation;
  /** How every operation rounds; default binary32 to nearest. */
  readonly rounding?: Rounding;
  /** How single operations round, where they differ. */
  readonly roundings?: Readonly<Partial<Record<EpilogueOperation, Rounding>>>;
  /** How C and the bias are read; default as they are. */
  readonly load?: Rounding;
  /** How results are written; default as they are. */
  readonly output?: Rounding;
}

/** Options of `epilogue`. */
export interface EpilogueOptions extends RecordOptions {
  readonly rows: number;
  /** Columns of the sums. */
  readonly width: number;
  readonly epilogue: Epilogue;
  /** C, `rows · width` numbers, where the epilogue has `beta`. */
  readonly c?: Numbers;
  /** A number for every column or row, where the epilogue has `bias`. */
  readonly bias?: Numbers;
}

/** A stage's name. */
export type EpilogueStage = 'constants' | 'load' | 'scale' | 'source' | 'add' | 'bias' | 'activation' | 'store';
/** Every stage, in the order of reports. */
export const epilogueStages: readonly EpilogueStage[] = [
  'constants',
  'load',
  'scale',
  'source',
  'add',
  'bias',
  'activation',
  'store',
];

/** A checked epilogue. */
export interface EpiloguePlan extends Plan {
  readonly kernel: 'epilogue';
  readonly stages: readonly EpilogueStage[];
  readonly alpha: number | null;
  readonly beta: number | null;
  readonly fused: boolean;
  readonly bias: 'columns' | 'rows' | null;
  /** Its `compute` is that of the stage. */
  readonly activation: UnaryPlan | null;
  readonly roundings: Readonly<Record<EpilogueOperation, Rounding>>;
  readonly load: Rounding | null;
  readonly store: Rounding | null;
}

/** The arrays as the caller gave them. */
export interface RawEpilogueInputs {
  readonly x: FloatArray;
  readonly c: FloatArray | null;
  readonly bias: FloatArray | null;
}

/** The arrays as the specification takes them. */
export interface EpilogueInputs {
  readonly x: Float64Array;
  readonly c: Float64Array | null;
  readonly bias: Float64Array | null;
}

const keys = ['alpha', 'beta', 'fused', 'bias', 'activation', 'rounding', 'roundings', 'load', 'output'];

/** Checks the options of `epilogue`. */
export function planEpilogue(options: EpilogueOptions): EpiloguePlan {
  checkObject('options', options, ['rows', 'width', 'epilogue', 'c', 'bias', ...recordKeys]);
  const rows = checkInteger('options.rows', options.rows, 0, 2 ** 31);
  const width = checkInteger('options.width', options.width, 0, 2 ** 31);
  const given = checkObject('options.epilogue', options.epilogue, keys) as unknown as Epilogue;
  const at = 'options.epilogue';
  const alpha = given.alpha === undefined ? null : checkFinite(`${at}.alpha`, given.alpha);
  const beta = given.beta === undefined ? null : checkFinite(`${at}.beta`, given.beta);
  const fused = checkBoolean(`${at}.fused`, given.fused ?? false);
  if (fused && (alpha === null || beta === null)) {
    throw new BittrueError('unsupported', `${at}.fused`, fused, 'both alpha and beta, to fuse them');
  }
  const bias = given.bias === undefined ? null : checkName(`${at}.bias`, given.bias, ['columns', 'rows'] as const);
  const rounding = given.rounding === undefined ? roundTo(binary32) : madeRounding(`${at}.rounding`, given.rounding);
  const own = checkObject(`${at}.roundings`, given.roundings ?? {}, [...epilogueOperations]) as Epilogue['roundings'];
  const has: Record<EpilogueOperation, boolean> = {
    scale: alpha !== null && !fused,
    source: beta !== null,
    add: beta !== null,
    bias: bias !== null,
    activation: given.activation !== undefined,
  };
  const roundings = Object.fromEntries(
    epilogueOperations.map((name) => {
      const path = `${at}.roundings.${name}`;
      const one = own?.[name];
      if (one === undefined) return [name, rounding];
      if (!has[name]) throw new BittrueError('unsupported', path, one, `none: the epilogue has no operation ${name}`);
      return [name, madeRounding(path, one)];
    }),
  ) as unknown as EpiloguePlan['roundings'];
  const activation = given.activation === undefined ? null : planActivation(given.activation, roundings.activation);
  const load = given.load === undefined ? null : madeRounding(`${at}.load`, given.load);
  const store = given.output === undefined ? null : madeRounding(`${at}.output`, given.output);
  const hasConstants = alpha !== null || beta !== null || (bias !== null && load !== null);
  const present: Readonly<Record<string, boolean>> = {
    ...has,
    constants: hasConstants || activation?.stages[0] === 'constants',
    load: load !== null && beta !== null,
    store: store !== null,
  };
  const stages = epilogueStages.filter((stage) => present[stage]);
  if (stages.every((stage) => stage === 'constants')) {
    throw new BittrueError('unsupported', at, given, 'at least one operation, or an output rounding');
  }
  // What comes out of the last operation is what the output's numbers are.
  const last = epilogueOperations.filter((name) => has[name]).at(-1);
  const unstored = last === 'activation' ? (activation?.outputFormat ?? null) : roundings[last ?? 'add'].format;
  return {
    kernel: 'epilogue',
    rows,
    width,
    stages,
    ...planRecord(options),
    size: rows * width,
    span: width,
    outputFormat: store?.format ?? unstored,
    configuration: { epilogue: given },
    ...{ alpha, beta, fused, bias, activation, roundings, load, store },
  };
}

function planActivation(given: EpilogueActivation, { format, policy }: Rounding): UnaryPlan {
  const path = 'options.epilogue.activation';
  checkObject(path, given, ['function', 'cap', 'method']);
  return checkAs(
    (inner) => (inner === 'options.policy.overflow' ? 'options.epilogue.roundings' : inner.replace(/^options/, path)),
    () => planUnary({ ...given, format, policy, width: 1 }),
  );
}

/** The arrays, each where the epilogue reads it and nowhere else. */
export function epilogueInputs(
  plan: EpiloguePlan,
  arrays: readonly unknown[],
  { c, bias }: Pick<EpilogueOptions, 'c' | 'bias'>,
): RawEpilogueInputs {
  const { size, rows, width } = plan;
  const wanted = (name: 'c' | 'bias', values: Numbers | undefined, is: boolean, length: number): FloatArray | null => {
    if (is) return numbers(`options.${name}`, values, length);
    if (values === undefined) return null;
    const needed = name === 'c' ? 'beta' : 'bias';
    throw new BittrueError('unsupported', `options.${name}`, values, `an epilogue with ${needed}`);
  };
  return {
    x: rowInputs(plan, arrays),
    c: wanted('c', c, plan.beta !== null, size),
    bias: wanted('bias', bias, plan.bias !== null, plan.bias === 'rows' ? rows : width),
  };
}
