/**
 * One sum of one target, told step by step.
 *
 * @module
 */
import { BittrueError, checkNumber, checkNumbers, checkObject } from '../../errors/index.ts';
import type { Format } from '../../formats/index.ts';
import type { Numbers } from '../../specification/index.ts';
import type { Target, TargetName } from '../../targets/index.ts';
import { answerOf, type SideAnswer } from './distinguish.ts';
import { batchOf, type Element, type Probe } from './probe.ts';
import { sideOf } from './side.ts';
import { exactSum } from './trace.ts';

/** What one sum is formed of. */
export interface SumOperands {
  /** K numbers. */
  readonly a: Numbers;
  /** K numbers, for a dot product; without them the elements of A are added. */
  readonly b?: Numbers;
  /** Where a dot product starts; default 0. */
  readonly c?: number;
  /** Scales of blocks of A and B, for units that have them; default 1. */
  readonly scaleA?: Numbers;
  readonly scaleB?: Numbers;
}

/** A sum, step by step. */
export interface SumTrace extends SideAnswer {
  /** Sum of the operands as given, in decimal digits; null where it is no finite number. */
  readonly exact: string | null;
}

/**
 * One dot product, or one sum, as a target's unit forms it: every operation that adds something else than zeros, in order,
 * and for the fused sums of tensor cores what alignment cuts of every term. The steps are those of the specification.
 *
 * @param target - a target, its default unit, or the text `NAME:UNIT`
 * @param formats - formats of A's and B's elements, where a unit takes several; default its first
 * @throws {@link BittrueError} for names that do not exist, and operands that do not fit together
 * @example
 * import { traceSum } from 'bittrue/testing';
 * const { steps, value } = traceSum('a100:f16', { a: [1, 2 ** -12, -1], b: [1, 2 ** -13, 1] });
 * value; // 0
 * steps[0]?.alignment?.cuts[1]; // { of: 'term', element: 1, exact: 2 ** -25, lastBit: -24, kept: 0 }
 */
export function traceSum(
  target: Target | TargetName,
  operands: SumOperands,
  formats: { readonly a?: Format | string; readonly b?: Format | string } = {},
): SumTrace {
  checkObject('operands', operands, ['a', 'b', 'c', 'scaleA', 'scaleB']);
  checkObject('formats', formats, ['a', 'b']);
  const { a, b, c } = operands;
  checkNumbers('operands.a', a);
  const length = a.length;
  if (length === 0) throw new BittrueError('shape', 'operands.a', 'no numbers', 'at least one');
  const side = sideOf('target', target, b === undefined ? 'sum' : 'dot', formats);
  const block = side.scale?.block ?? null;
  if (b === undefined && c !== undefined) throw new BittrueError('unsupported', 'operands.c', c, 'no addend without b');
  const other = b === undefined ? new Float64Array(length).fill(1) : numbersOf('operands.b', b, length);
  const probe: Probe = {
    width: length,
    elements: Array.from({ length }, (_, at) => ({ at, a: a[at] as number, b: other[at] as number })),
    c: c === undefined ? 0 : checkNumber('operands.c', c),
    scales: scalesOf(operands, block, length),
  };
  return { ...answerOf(side, probe, batchOf([probe], block)), exact: exactSum(probe, block) };
}

function numbersOf(argument: string, values: Numbers, length: number): Numbers {
  checkNumbers(argument, values);
  if (values.length === length) return values;
  throw new BittrueError('shape', argument, `${values.length} numbers`, `${length} numbers`);
}

function scalesOf({ scaleA, scaleB }: SumOperands, block: number | null, length: number): Element[] {
  if (scaleA === undefined && scaleB === undefined) return [];
  if (block === null) {
    const argument = scaleA === undefined ? 'operands.scaleB' : 'operands.scaleA';
    throw new BittrueError('unsupported', argument, 'scales', 'none: the unit has no block scales');
  }
  const count = Math.ceil(length / block);
  const ones = new Array<number>(count).fill(1);
  const left = scaleA === undefined ? ones : numbersOf('operands.scaleA', scaleA, count);
  const right = scaleB === undefined ? ones : numbersOf('operands.scaleB', scaleB, count);
  return Array.from({ length: count }, (_, at) => ({ at, a: left[at] as number, b: right[at] as number }));
}
