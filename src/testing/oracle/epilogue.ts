/**
 * What a GEMM does with its sums, one operation a line.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkFinite } from '../../errors/index.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { UnaryFunction, UnaryMethod } from '../../specification/unary/plan.ts';
import { checkLength, checkNumberList, checkRounding, checkSize, fields, maybe, options as shape } from './checks.ts';
import type { OracleEvent } from './events.ts';
import { type OracleOperation, oracleOperation } from './operations.ts';
import { oracleUnary } from './unary.ts';

/** α · sum + β · C + bias, and a function of it; a rounding for each operation. What is absent is no operation. */
export interface OracleEpilogueOptions {
  readonly rows: number;
  readonly width: number;
  /** rows × width. */
  readonly sums: ArrayLike<number>;
  readonly alpha?: { readonly factor: number; readonly rounding: Rounding };
  readonly beta?: {
    readonly factor: number;
    /** rows × width. */
    readonly c: ArrayLike<number>;
    readonly rounding: Rounding;
    /** That of the addition. */
    readonly add: Rounding;
    /** Whether α · sum enters the addition unrounded. */
    readonly fused?: boolean;
  };
  readonly bias?: {
    readonly values: ArrayLike<number>;
    /** Whether each row has one; else each column. */
    readonly isOfRows: boolean;
    readonly rounding: Rounding;
  };
  readonly activation?: {
    readonly function: UnaryFunction;
    readonly cap?: number;
    readonly method?: UnaryMethod;
    readonly rounding: Rounding;
  };
  /** Of C and the bias. */
  readonly load?: Rounding;
  readonly output?: Rounding;
}

/** What an epilogue gives. */
export interface OracleEpilogue {
  readonly output: number[];
  readonly events: OracleEvent[];
  readonly stages: string[];
}

const factor = { factor: checkFinite, rounding: checkRounding };
const checkOptions = shape('an epilogue', {
  rows: checkSize,
  width: checkSize,
  sums: checkNumberList,
  alpha: maybe(shape('a factor of the sum', factor)),
  beta: maybe(
    shape('a factor of C', { ...factor, c: checkNumberList, add: checkRounding, fused: maybe(checkBoolean) }),
  ),
  bias: maybe(shape('a bias', { values: checkNumberList, isOfRows: checkBoolean, rounding: checkRounding })),
  activation: maybe(fields('a function', { rounding: checkRounding })),
  load: maybe(checkRounding),
  output: maybe(checkRounding),
});

/** Every output, and every operation that raised a flag. */
export function oracleEpilogue(options: OracleEpilogueOptions): OracleEpilogue {
  checkOptions('options', options);
  const { rows, width, sums, alpha, beta, bias, activation, load, output: write } = options;
  checkLength('options.sums', sums, rows * width);
  if (beta) checkLength('options.beta.c', beta.c, rows * width);
  if (bias) checkLength('options.bias.values', bias.values, bias.isOfRows ? rows : width);
  if (beta?.fused && !alpha) throw new BittrueError('type', 'options.alpha', alpha, 'a factor, to fuse');
  const events: OracleEvent[] = [];
  const note = (
    [row, stage, index, step]: readonly [number, string, number | null, number],
    operation: OracleOperation,
    rounding: Rounding,
    operands: readonly number[],
  ): number => {
    const { value, flags } = oracleOperation(operation, rounding, operands);
    if (flags !== 0) events.push({ row, stage, index, step, flags, operands, result: value });
    return value;
  };
  const once = (step: number, index: number | null, rounding: Rounding | undefined, x: number): number =>
    rounding ? note([-1, 'constants', index, step], 'convert', rounding, [x]) : x;
  const factorOfSum = alpha ? once(0, null, beta?.fused ? beta.add : alpha.rounding, alpha.factor) : 1;
  const factorOfC = beta ? once(1, null, beta.rounding, beta.factor) : 0;
  const biases = Array.from(bias?.values ?? [], (x, i) => once(i, i, load, x));
  const formed = (x: readonly number[], count: number) =>
    activation ? oracleUnary({ ...activation, rows: count, width: count === 0 ? 0 : width, x }) : null;
  const constants = formed([], 0)?.events ?? [];
  for (const event of constants) events.push(event);
  const output: number[] = [];
  for (let row = 0; row < rows; row++) {
    const before: number[] = [];
    for (let j = 0; j < width; j++) {
      const at = (stage: string) => [row, stage, j, j] as const;
      let y = sums[row * width + j] as number;
      let c = beta?.c[row * width + j] as number;
      if (beta && load) c = note(at('load'), 'convert', load, [c]);
      if (alpha && !beta?.fused) y = note(at('scale'), 'multiply', alpha.rounding, [y, factorOfSum]);
      if (beta) {
        const t = note(at('source'), 'multiply', beta.rounding, [c, factorOfC]);
        if (beta.fused) y = note(at('add'), 'fusedMultiplyAdd', beta.add, [y, factorOfSum, t]);
        else y = note(at('add'), 'add', beta.add, [y, t]);
      }
      if (bias) y = note(at('bias'), 'add', bias.rounding, [y, biases[bias.isOfRows ? row : j] as number]);
      before.push(y);
    }
    const after = formed(before, 1);
    for (const event of after?.events ?? []) {
      if (event.stage === 'function') events.push({ ...event, row, stage: 'activation' });
    }
    (after?.output ?? before).forEach((y, j) => {
      output.push(write ? note([row, 'store', j, j], 'convert', write, [y]) : y);
    });
  }
  const named = activation?.method?.kind === 'composition' ? activation.method.steps : [];
  const has: [string, boolean][] = [
    ['constants', !!alpha || !!beta || (!!bias && !!load) || named.some(({ operands }) => operands.some(isNumber))],
    ['load', !!beta && !!load],
    ['scale', !!alpha && !beta?.fused],
    ['source', !!beta],
    ['add', !!beta],
    ['bias', !!bias],
    ['activation', !!activation],
    ['store', !!write],
  ];
  return { output, events, stages: has.filter(([, is]) => is).map(([stage]) => stage) };
}

const isNumber = (operand: string | number): boolean => typeof operand === 'number';
