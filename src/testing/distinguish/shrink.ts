/**
 * A probe made as simple as it can be while it still tells two sides apart.
 *
 * @module
 */
import type { Format } from '../../formats/index.ts';
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
  const { elements, c, scales } = probe;
  const found: Probe[] = [];
  const without = (i: number): Element[] => elements.filter((_, j) => j !== i);
  // Fewer elements: one, or two together.
  elements.forEach((_, i) => {
    found.push({ ...probe, elements: without(i) });
    for (let j = i + 1; j < elements.length; j++) {
      found.push({ ...probe, elements: elements.filter((_one, k) => k !== i && k !== j) });
    }
  });
  if (elements.length > 8) {
    for (let part = 2; part <= 8; part *= 2) {
      const size = Math.ceil(elements.length / part);
      for (let from = 0; from < elements.length; from += size) {
        found.push({ ...probe, elements: elements.filter((_, i) => i < from || i >= from + size) });
      }
    }
  }
  if (!Object.is(c, 0)) {
    found.push({ ...probe, c: 0 }, ...elements.map((_, i) => ({ ...probe, c: 0, elements: without(i) })));
  }
  if (scales.length > 0)
    found.push(
      { ...probe, scales: [] },
      ...scales.map((_, i) => ({ ...probe, scales: scales.filter((_one, j) => j !== i) })),
    );
  // Shorter: no zeros at the end, and smaller gaps.
  const last = elements.reduce((most, { at }) => Math.max(most, at + 1), 1);
  found.push({ ...probe, width: last });
  elements.forEach(({ at }, i) => {
    const before = Math.max(-1, ...elements.filter((one) => one.at < at).map((one) => one.at));
    const gap = at - before - 1;
    for (const by of new Set([gap, gap >> 1, 1])) {
      if (by < 1 || by > gap) continue;
      const moved = elements.map((one) => (one.at >= at ? { ...one, at: one.at - by } : one));
      found.push({ ...probe, elements: moved, width: probe.width - by });
      if (i === elements.length - 1 && gap > 0)
        found.push({ ...probe, elements: [...without(i), { ...(elements[i] as Element), at: before + by }] });
    }
  });
  // Simpler numbers: each alone, then all at once by a power of two.
  elements.forEach((one, i) => {
    const put = (element: Element): void => {
      found.push({ ...probe, elements: elements.map((other, j) => (j === i ? element : other)) });
    };
    for (const a of simpler(one.a, ground.a)) put({ ...one, a });
    if (ground.b === null) return;
    for (const b of simpler(one.b, ground.b)) put({ ...one, b });
    // The product's exponent in the first operand alone.
    if (one.a - one.a === 0 && one.b - one.b === 0 && one.a * one.b !== 0) {
      const shift = 2 ** exponentIn(Math.abs(one.b));
      for (const [a, b] of [
        [one.a * shift, one.b / shift],
        [one.a * one.b, 1],
      ] as const) {
        if (isValue(ground.a, a) && isValue(ground.b, b)) put({ ...one, a, b });
      }
    }
  });
  scales.forEach((one, i) => {
    for (const other of [
      { ...one, a: 1 },
      { ...one, b: 1 },
    ]) {
      found.push({ ...probe, scales: scales.map((same, j) => (j === i ? other : same)) });
    }
  });
  const fits = (x: number): boolean => ground.addends.every((format) => isValue(format, x));
  for (const format of ground.addends.slice(0, 1)) {
    for (const x of simpler(c, format)) if (fits(x)) found.push({ ...probe, c: x });
  }
  found.push(...scaled(probe, ground, fits), ...negated(probe, ground, fits));
  return found;
}

/** All terms times a power of two, so that the largest is near 1. */
function scaled(probe: Probe, ground: Ground, fits: (c: number) => boolean): Probe[] {
  const { elements, c } = probe;
  const sizes = [...elements.map(({ a, b }) => a * b), c].filter((x) => x !== 0 && x - x === 0);
  if (sizes.length === 0) return [];
  const e = Math.max(...sizes.map((x) => exponentIn(Math.abs(x))));
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
  const found = [0, 1, -1, 2, Math.abs(x), -Math.abs(x)];
  if (x - x === 0 && x !== 0) {
    const e = exponentIn(Math.abs(x));
    const sign = Math.sign(x);
    found.push(sign * 2 ** e, sign * 2 ** (e + 1), sign * 1.5 * 2 ** e, x / 2, x * 2, sign * 2 ** Math.trunc(e / 2));
    const bits = format.kind === 'float' ? format.mantissaBits : format.bits;
    for (let keep = 1; keep < bits; keep += keep < 4 ? 1 : 4) {
      const unit = 2 ** (e - keep);
      found.push(Math.trunc(x / unit) * unit, (Math.trunc(x / unit) + sign) * unit);
    }
  }
  return found.filter((y) => isValue(format, y) && !Object.is(y, x));
}
