/**
 * What a GEMM plan's epilogue makes of one sum, as a part of a side that is told apart.
 *
 * @module
 */
import { type Format, formatName } from '../../formats/index.ts';
import { roundingForm } from '../../identification/normalForm.ts';
import { withMadeRoundings } from '../../kernels/madeEpilogue.ts';
import { type Rounding, round } from '../../rounding/index.ts';
import { epilogue, epilogueSpecification } from '../../specification/epilogue/epilogue.ts';
import type { Epilogue, EpiloguePlan } from '../../specification/epilogue/plan.ts';

/** The end of a sum. */
export interface Ending {
  /** What makes its bits, in a form in which the same bits on all sums and addends are the same text. */
  readonly form: string;
  /** What was left out of it, in words. */
  readonly dropped: readonly string[];
  /** How many numbers it adds to a sum: C, a bias, both. */
  readonly addends: number;
  /** How the first of them is read; null where there is none. */
  readonly addend: Rounding | null;
  readonly format: Format;
  /** The results of sums, each with its addend: C and the bias are the same number where there are both. */
  run(sums: Float64Array, addends: Float64Array): Float64Array;
}

/** An epilogue behind sums that are written as `sums` says; C and a bias have a number for every sum. */
export function endingOf(given: Epilogue, sums: Rounding): Ending {
  const { epilogue: made } = withMadeRoundings({ rows: 1, width: 1, epilogue: given });
  const own: Epilogue = made.bias === undefined ? made : { ...made, bias: 'rows' };
  const plan = epilogueSpecification.plan({ rows: 1, width: 1, epilogue: own });
  const { beta, bias, load, roundings } = plan;
  const addends = Number(beta !== null) + Number(bias !== null);
  const dropped: string[] = [];
  return {
    form: JSON.stringify(formOf(plan, sums, dropped)),
    dropped,
    addends,
    addend: addends === 0 ? null : (load ?? (beta === null ? roundings.bias : roundings.source)),
    format: plan.outputFormat ?? sums.format,
    run: (x, c) =>
      epilogue(x, {
        ...{ rows: x.length, width: 1, epilogue: own, record: 'off' },
        ...(beta === null ? {} : { c }),
        ...(bias === null ? {} : { bias: c }),
      }).output,
  };
}

/** Whether a rounding gives every number of its format back. */
function keeps({ policy }: Rounding): boolean {
  return policy.subnormals === 'gradual';
}

/** The operations that are there, in order, factors as they are rounded. */
function formOf(plan: EpiloguePlan, sums: Rounding, dropped: string[]): unknown {
  const { alpha, beta, fused, bias, activation, roundings, load, store } = plan;
  const form: unknown[] = [];
  let last = roundingForm(sums);
  const isLast = (one: Rounding): boolean => keeps(one) && JSON.stringify(roundingForm(one)) === JSON.stringify(last);
  const enter = (name: string, by: Rounding, ...more: unknown[]): void => {
    last = roundingForm(by);
    form.push([name, last, ...more]);
  };
  const factor = (x: number, by: Rounding): number | string => {
    const r = round(by.format, x, by.policy);
    return Object.is(r, -0) ? '-0' : r;
  };
  if (alpha !== null && !fused) {
    const rounded = factor(alpha, roundings.scale);
    if (rounded === 1 && isLast(roundings.scale)) dropped.push('a factor of 1 in the format of the sums');
    else enter('scale', roundings.scale, rounded);
  }
  if (beta !== null) {
    form.push(['source', roundingForm(roundings.source), factor(beta, roundings.source)]);
    enter('add', roundings.add, fused && alpha !== null ? factor(alpha, roundings.add) : null);
  }
  if (bias !== null) enter('bias', roundings.bias);
  if (addendsAreRead(plan) && load !== null) form.push(['load', roundingForm(load)]);
  if (activation !== null) {
    const { function: name, cap, method, compute } = activation;
    enter('activation', compute, name, cap, method);
  }
  if (store !== null) {
    if (isLast(store)) dropped.push(`an output in ${formatName(store.format)}, which the last operation gives`);
    else form.push(['store', roundingForm(store)]);
  }
  return form;
}

function addendsAreRead({ beta, bias }: EpiloguePlan): boolean {
  return beta !== null || bias !== null;
}
