/**
 * One sum, step by step, on one side.
 *
 * @module
 */

import { type BlockScales, type Chain, type OperandFormats, placeOf, type Terms } from '../../accumulators/chain.ts';
import { createChain } from '../../accumulators/create.ts';
import { reductionText } from '../../accumulators/describe.ts';
import type { Accumulator } from '../../accumulators/index.ts';
import { Reducer } from '../../accumulators/reducer.ts';
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { Recorder } from '../../events/recorder.ts';
import { addDyadic, type Dyadic, decimalOf, dyadic, exactDecimal, multiplyDyadic } from '../../rounding/dyadic.ts';
import { type Rounding, roundTo } from '../../rounding/index.ts';
import type { BlockScale } from '../../targets/index.ts';
import { exponentIn } from '../diagnosis/grid.ts';
import { type Alignment, WatchedAligned } from './alignment.ts';
import { batchOf, type Probe } from './probe.ts';
import type { Side } from './side.ts';

/** One operation of a sum. */
export interface SumStep {
  /** What is added, and what it gives: `0 + 1 + 2^-24 = 1; exactly 1.000000059604644775390625`. */
  readonly words: string;
  /** Elements that enter here; null: partial sums. */
  readonly elements: readonly number[] | null;
  /** In decimal digits; null where it is no finite number. */
  readonly exact: string | null;
  /** The sum so far, before this operation; null where there is none. */
  readonly start: number | null;
  readonly result: number;
  /** What alignment cuts; null where nothing is aligned. */
  readonly alignment: Alignment | null;
}

/** What a side does with operands: its steps, those that add nothing but zeros left out, and the result. */
export function trace(side: Side, probe: Probe): { readonly steps: SumStep[]; readonly result: number } {
  const { a, b, addend, product, reduction, scale, output, positiveZeros } = side;
  const { width, ...batch } = batchOf([probe], scale?.block ?? null);
  const recorder = new Recorder(['sum'], 1, 'off', 0);
  const steps: SumStep[] = [];
  const read = ({ format, policy }: Rounding, values: Float64Array, isPositive = positiveZeros): Float64Array => {
    const unit = new ValueUnit(format, policy);
    return values.map((x) => (isPositive ? unit.round(x, recorder) + 0 : unit.round(x, recorder)));
  };
  const x = read(a, batch.a);
  const y = b && read(b, batch.b);
  const start = addend && (read(addend, batch.c)[0] as number);
  const readScales = (values: Float64Array, { format, ignoreSign }: BlockScale): Float64Array => {
    const factors = read(roundTo(format), values, false);
    return ignoreSign ? factors.map(Math.abs) : factors;
  };
  const scales = scale && {
    a: readScales(batch.scaleA, scale),
    b: readScales(batch.scaleB, scale),
    block: scale.block,
  };
  const operands: OperandFormats = {
    a: a.format,
    ...(b === null ? {} : { b: b.format }),
    ...(scale === null ? {} : { scale: scale.format }),
  };
  const make = (accumulator: Accumulator, formats: OperandFormats): Chain => new Traced(accumulator, formats, steps);
  let sum: number;
  if (product === null || y === null) {
    sum = new Reducer(reduction, operands, make).sum(x, y, width, recorder, start, scales);
  } else {
    const multiplier = new ValueUnit(product.format, product.policy);
    const products = x.map((one, i) => multiplier.multiply(one, y[i] as number, recorder));
    products.forEach((one, i) => {
      const exact = multiplyDyadicOf(x[i] as number, y[i] as number);
      if (exact !== null && !isSame(exact, one)) {
        steps.push(stepOf(`${spellTerm(x[i] as number)} · ${spellTerm(y[i] as number)}`, [i], exact, one, null));
      }
    });
    sum = new Reducer(reduction, { a: product.format }, make).sum(products, null, width, recorder, start);
  }
  const result = new ValueUnit(output.format, output.policy).round(sum, recorder);
  if (!Object.is(result, sum)) {
    steps.push(stepOf(`${spellTerm(sum)} is stored`, null, dyadicOf(sum), result, null));
  }
  const before = steps.at(-1);
  if (before !== undefined && !Object.is(before.result, result)) {
    steps.push(stepOf(`the addend ${spellTerm(result)} and zeros`, null, dyadicOf(result), result, null));
  }
  if (side.ending === undefined) return { steps, result };
  const [last] = side.ending.run(Float64Array.of(result), batch.c);
  const words = `the epilogue makes ${spellTerm(last as number)} of ${spellTerm(result)}`;
  steps.push({ words, elements: null, exact: null, start: result, result: last as number, alignment: null });
  return { steps, result: last as number };
}

/** An accumulator that says what it does. */
class Traced implements Chain {
  private readonly inner: Chain;
  private readonly accumulator: Accumulator;
  private readonly steps: SumStep[];
  private readonly words: string;

  constructor(accumulator: Accumulator, operands: OperandFormats, steps: SumStep[]) {
    this.inner =
      accumulator.kind === 'aligned' ? new WatchedAligned(accumulator, operands) : createChain(accumulator, operands);
    this.accumulator = accumulator;
    this.steps = steps;
    this.words = reductionText({ kind: 'sequential', accumulator });
  }

  chain(start: number, terms: Terms, from: number, stride: number, count: number, recorder: Recorder): number {
    const { kind } = this.accumulator;
    const isStepwise =
      kind === 'float' ||
      kind === 'fixed' ||
      (kind === 'integer' && (this.accumulator.when ?? 'everyStep') === 'everyStep');
    if (!isStepwise) return this.some(start, terms, from, stride, count, recorder);
    let sum = start;
    for (let k = 0; k < count; k++) sum = this.some(sum, terms, from + k * stride, stride, 1, recorder);
    return sum;
  }

  join(p: number, q: number, step: number, recorder: Recorder): number {
    const result = this.inner.join(p, q, step, recorder);
    this.tell(p, [spellTerm(q)], null, add(dyadicOf(p), dyadicOf(q)), result, !Object.is(q, 0));
    return result;
  }

  private some(start: number, terms: Terms, from: number, stride: number, count: number, recorder: Recorder): number {
    const result = this.inner.chain(start, terms, from, stride, count, recorder);
    let exact = dyadicOf(start);
    const words: string[] = [];
    const places: number[] = [];
    for (let k = 0; k < count; k++) {
      const i = from + k * stride;
      const [x, y] = [terms.a[i] as number, terms.b === null ? 1 : (terms.b[i] as number)];
      if (x * y === 0) continue;
      const factor = terms.scales === null ? '' : scaleWords(terms.scales, placeOf(terms, i));
      words.push(`${terms.b === null || y === 1 ? spellTerm(x) : `${spellTerm(x)}·${spellTerm(y)}`}${factor}`);
      places.push(placeOf(terms, i));
      exact = add(exact, multiply(multiplyDyadicOf(x, y), scaleOf(terms.scales, placeOf(terms, i))));
    }
    this.tell(start, words, terms.joins ? null : places, exact, result, words.length > 0);
    return result;
  }

  /** Zeros that change nothing are left out. */
  private tell(
    start: number,
    words: readonly string[],
    places: readonly number[] | null,
    exact: Dyadic | null,
    result: number,
    isAny: boolean,
  ): void {
    if (!isAny && Object.is(result, start)) return;
    const all = [...(Object.is(start, 0) && words.length > 0 ? [] : [spellTerm(start)]), ...words]
      .join(' + ')
      .replaceAll('+ -', '− ');
    const alignment = this.inner instanceof WatchedAligned ? this.inner.last : null;
    this.steps.push(stepOf(all, places, exact, result, this.words, start, alignment));
  }
}

function stepOf(
  operands: string,
  elements: readonly number[] | null,
  exact: Dyadic | null,
  result: number,
  how: string | null,
  start: number | null = null,
  alignment: Alignment | null = null,
): SumStep {
  const loses = exact !== null && !isSame(exact, result);
  const lost = loses ? `; exactly ${spellExact(exact)}${how === null ? '' : ` (${how})`}` : '';
  return {
    words: `${operands} = ${spellTerm(result)}${lost}`,
    elements,
    exact: exact === null ? null : decimalOf(exact),
    start,
    result,
    alignment,
  };
}

/** The exact sum of a probe in decimal digits; null where it is no finite number. */
export function exactSum(probe: Probe, block: number | null): string | null {
  let sum = dyadicOf(probe.c);
  for (const { at, a, b } of probe.elements) {
    let product = multiplyDyadicOf(a, b);
    const scale = block === null ? undefined : probe.scales.find((one) => one.at === Math.floor(at / block));
    if (scale !== undefined) product = multiply(product, multiplyDyadicOf(scale.a, scale.b));
    sum = add(sum, product);
  }
  return sum === null ? null : decimalOf(sum);
}

/** A number as one would write it: powers of two by their exponents. */
export function spellTerm(x: number): string {
  if (Object.is(x, -0)) return '-0';
  const size = Math.abs(x);
  if (size === 0 || size - size !== 0 || (size >= 2 ** -4 && size <= 1024)) return String(x);
  const e = exponentIn(size);
  const scaled = size / 2 ** e;
  const sign = x < 0 ? '-' : '';
  if (scaled === 1) return `${sign}2^${e}`;
  return String(scaled).length <= 6 && String(x).length > 8 ? `${sign}${scaled}·2^${e}` : String(x);
}

function dyadicOf(x: number): Dyadic | null {
  return x - x === 0 ? dyadic(x) : null;
}

function add(p: Dyadic | null, q: Dyadic | null): Dyadic | null {
  return p === null || q === null ? null : addDyadic(p, q);
}

function multiply(p: Dyadic | null, q: Dyadic | null): Dyadic | null {
  return p === null || q === null ? null : multiplyDyadic(p, q);
}

function multiplyDyadicOf(x: number, y: number): Dyadic | null {
  return multiply(dyadicOf(x), dyadicOf(y));
}

function scaleOf(scales: BlockScales | null, place: number): Dyadic | null {
  if (scales === null) return dyadic(1);
  const block = Math.floor(place / scales.block);
  return multiplyDyadicOf(scales.a[block] as number, scales.b[block] as number);
}

function scaleWords(scales: BlockScales, place: number): string {
  const block = Math.floor(place / scales.block);
  const factor = (scales.a[block] as number) * (scales.b[block] as number);
  return factor === 1 ? '' : `·${spellTerm(factor)}`;
}

function isSame(exact: Dyadic, x: number): boolean {
  if (x - x !== 0) return false;
  const p = addDyadic(exact, multiplyDyadic(dyadic(x), dyadic(-1)));
  return p.n === 0n;
}

function spellExact(exact: Dyadic): string {
  return spellDigits(decimalOf(exact));
}

/** All digits where they are few; else the number as one would write it, or the binary64 number nearest to it. */
export function spellDigits(digits: string): string {
  if (digits.length <= 40) return digits;
  const nearest = Number(digits);
  return exactDecimal(nearest) === digits ? spellTerm(nearest) : `about ${nearest}`;
}
