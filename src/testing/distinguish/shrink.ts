/**
 * A probe made as simple as it can be while it still tells two sides apart.
 *
 * @module
 */
import type { Format } from '../../formats/index.ts';
import { largestOf } from '../../identification/numbers.ts';
import { isValue } from '../../rounding/index.ts';
import { exponentIn } from '../diagnosis/grid.ts';
import { type Element, isSimpler, type Probe } from './probe.ts';
import type { Ground } from './probes.ts';

/** Which of some probes tell the sides apart. */
export type Tells = (probes: readonly Probe[]) => boolean[];

/** The simplest probe that can be reached from one by single simplifications. */
export function shrink(start: Probe, ground: Ground, tells: Tells): Probe {
  for (let best = start; ; ) {
    const candidates = simplifications(best, ground).filter((one) => isSimpler(one, best));
    if (candidates.length === 0) return best;
    const found = tells(candidates);
    let next = best;
    candidates.forEach((one, i) => {
      if (found[i] === true && isSimpler(one, next)) next = one;
    });
    if (next === best) return best;
    best = next;
  }
}

function simplifications(probe: Probe, ground: Ground): Probe[] {
  const fits = (x: number): boolean => ground.addends.every((format) => isValue(format, x));
  return [
    ...fewer(probe),
    ...shorter(probe),
    ...rounder(probe, ground, fits),
    ...scaled(probe, ground, fits),
    ...negated(probe, ground, fits),
  ];
}

/** Without one element, two or a part of them, the addend, or scales. */
function* fewer(probe: Probe): Generator<Probe> {
  const { elements, c, scales } = probe;
  for (let i = 0; i < elements.length; i++) {
    const rest = elements.filter((_, k) => k !== i);
    yield { ...probe, elements: rest };
    if (!Object.is(c, 0)) yield { ...probe, elements: rest, c: 0 };
    for (let j = i + 1; j < elements.length; j++) {
      yield { ...probe, elements: elements.filter((_, k) => k !== i && k !== j) };
    }
  }
  for (let part = 2; part <= 8 && elements.length > 8; part *= 2) {
    const size = Math.ceil(elements.length / part);
    for (let from = 0; from < elements.length; from += size) {
      yield { ...probe, elements: elements.filter((_, i) => i < from || i >= from + size) };
    }
  }
  if (!Object.is(c, 0)) yield { ...probe, c: 0 };
  if (scales.length > 0) yield { ...probe, scales: [] };
  for (let i = 0; i < scales.length; i++) yield { ...probe, scales: scales.filter((_, j) => j !== i) };
}

/** Without zeros at the end, and with smaller gaps. */
function* shorter(probe: Probe): Generator<Probe> {
  const { elements, width } = probe;
  const places = elements.map(({ at }) => at);
  yield { ...probe, width: largestOf([0, ...places]) + 1 };
  for (const at of places) {
    const gap = at - largestOf([-1, ...places.filter((one) => one < at)]) - 1;
    for (const by of new Set([gap, gap >> 1, 1])) {
      if (by < 1 || by > gap) continue;
      const moved = elements.map((one) => (one.at >= at ? { ...one, at: one.at - by } : one));
      yield { ...probe, elements: moved, width: width - by };
    }
  }
}

/** Each number by itself made simpler. */
function* rounder(probe: Probe, ground: Ground, fits: (c: number) => boolean): Generator<Probe> {
  const { elements, c, scales } = probe;
  for (const [i, one] of elements.entries()) {
    const put = (element: Element): Probe => ({
      ...probe,
      elements: elements.map((other, j) => (j === i ? element : other)),
    });
    for (const a of simpler(one.a, ground.a)) yield put({ ...one, a });
    if (ground.b === null) continue;
    for (const b of simpler(one.b, ground.b)) yield put({ ...one, b });
    // The product's exponent in the first operand alone.
    if (one.a - one.a !== 0 || one.b - one.b !== 0 || one.a * one.b === 0) continue;
    const shift = 2 ** exponentIn(Math.abs(one.b));
    for (const [a, b] of [[one.a * shift, one.b / shift] as const, [one.a * one.b, 1] as const]) {
      if (isValue(ground.a, a) && isValue(ground.b, b)) yield put({ ...one, a, b });
    }
  }
  for (const [i, one] of scales.entries()) {
    for (const other of [
      { ...one, a: 1 },
      { ...one, b: 1 },
    ]) {
      yield { ...probe, scales: scales.map((same, j) => (j === i ? other : same)) };
    }
  }
  const [format] = ground.addends;
  if (format === undefined) return;
  for (const x of simpler(c, format)) if (fits(x)) yield { ...probe, c: x };
}

/** All terms times a power of two, so that the largest is near 1. */
function scaled(probe: Probe, ground: Ground, fits: (c: number) => boolean): Probe[] {
  const { elements, c } = probe;
  const sizes = [...elements.map(({ a, b }) => a * b), c].filter((x) => x !== 0 && x - x === 0);
  if (sizes.length === 0) return [];
  const e = largestOf(sizes.map((x) => exponentIn(Math.abs(x))));
  const found: Probe[] = [];
  for (const by of new Set([-e, -Math.trunc(e / 2), e > 0 ? -1 : 1])) {
    const moved = elements.map((one) => ({ ...one, a: one.a * 2 ** by }));
    const end = c * 2 ** by;
    if (by !== 0 && moved.every(({ a }) => isValue(ground.a, a)) && fits(end))
      found.push({ ...probe, elements: moved, c: end });
  }
  return found;
}

/** All terms with the other sign. */
function negated(probe: Probe, ground: Ground, fits: (c: number) => boolean): Probe[] {
  const elements = probe.elements.map((one) => ({ ...one, a: one.a === 0 ? one.a : -one.a }));
  const c = probe.c === 0 ? probe.c : -probe.c;
  return elements.every(({ a }) => isValue(ground.a, a)) && fits(c) ? [{ ...probe, elements, c }] : [];
}

/** Simpler numbers of a format than one of its numbers. */
function simpler(x: number, format: Format): number[] {
  const found = [0, 1, -1, 2, Math.abs(x), -Math.abs(x), ...(x - x === 0 && x !== 0 ? nearOf(x, format) : [])];
  return found.filter((y) => isValue(format, y) && !Object.is(y, x));
}

/** Powers of two around a number, and the number with fewer bits. */
function* nearOf(x: number, format: Format): Generator<number> {
  const e = exponentIn(Math.abs(x));
  const sign = Math.sign(x);
  yield* [sign * 2 ** e, sign * 2 ** (e + 1), sign * 1.5 * 2 ** e, x / 2, x * 2, sign * 2 ** Math.trunc(e / 2)];
  const bits = format.kind === 'float' ? format.mantissaBits : format.bits;
  for (let keep = 1; keep < bits; keep += keep < 4 ? 1 : 4) {
    const unit = 2 ** (e - keep);
    yield* [Math.trunc(x / unit) * unit, (Math.trunc(x / unit) + sign) * unit];
  }
}
