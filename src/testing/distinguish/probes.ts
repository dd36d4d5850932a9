/**
 * Structured probes, the fewest elements first: edges, swamping pairs at several distances, bits at the end of an alignment,
 * subnormals, signed zeros, specials, carries, addends early and late. Only then does a search draw at random.
 *
 * @module
 */
import type { Format } from '../../formats/index.ts';
import { edgesOf, exponentsOf, factors, largestOf, smallestOf } from '../../identification/numbers.ts';
import { isValue } from '../../rounding/index.ts';
import { exponentIn } from '../diagnosis/grid.ts';
import type { Element, Probe } from './probe.ts';

/** What the two sides take, and what of their arithmetic tells where to look. */
export interface Ground {
  readonly a: Format;
  /** null: the elements are the terms themselves. */
  readonly b: Format | null;
  /** Formats that an addend must be a value of; none: there is no addend. */
  readonly addends: readonly Format[];
  /** Places at which parts of a sum may begin or end. */
  readonly places: readonly number[];
  /** Distances in binades at which something may be cut. */
  readonly distances: readonly number[];
  /** Exponents at which sums change their nature: of the smallest results, and least exponents of alignment. */
  readonly exponents: readonly number[];
}

/** Probes to a batch. */
const CHUNK = 4096;

/** Probes in the order in which they are tried, in batches. */
export function* structuredProbes(ground: Ground): Generator<Probe[]> {
  for (const tier of [zeros, addendAlone, oneTerm, oneTermAndAddend, twoTerms, twoTermsAndAddend, threeTerms]) {
    yield* chunks(tier(ground));
  }
  yield* chunks(threeTermsAndAddend(ground));
  yield* chunks(fourTerms(ground));
}

function* chunks(probes: Iterable<Probe>): Generator<Probe[]> {
  let chunk: Probe[] = [];
  for (const one of probes) {
    chunk.push(one);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** A sum of the given elements and addend. */
function probe(elements: readonly Element[], c = 0): Probe {
  const width = elements.reduce((most, { at }) => Math.max(most, at + 1), 1);
  return { width, elements, c, scales: [] };
}

const takesAddend = ({ addends }: Ground, c: number): boolean =>
  addends.length > 0 && addends.every((format) => isValue(format, c));

function* zeros(ground: Ground): Generator<Probe> {
  const signed = (format: Format | null): number[] => (format !== null && isValue(format, -0) ? [0, -0] : [0]);
  const cs = takesAddend(ground, -0) ? [0, -0] : [0];
  for (const a of signed(ground.a)) {
    for (const b of signed(ground.b)) for (const c of cs) yield probe([{ at: 0, a, b: ground.b === null ? 1 : b }], c);
  }
}

function addendsOf(ground: Ground): number[] {
  const all = ground.addends.flatMap((format) => [...edgesOf(format), ...powersOf(format)]);
  return [...new Set(all)].filter((c) => takesAddend(ground, c));
}

/** Every power of two of a format, and its neighbour above. */
function powersOf(format: Format): number[] {
  const { low, high } = exponentsOf(format);
  const found: number[] = [];
  for (let e = low; e <= high; e++) found.push(2 ** e, -(2 ** e));
  return found;
}

function* addendAlone(ground: Ground): Generator<Probe> {
  for (const c of addendsOf(ground)) yield probe([], c);
  // A special that meets a zero.
  for (const x of edgesOf(ground.a).filter((one) => one - one !== 0))
    yield probe([{ at: 0, a: x, b: ground.b ? 0 : 1 }]);
}

/** Edges of both operands, and every power of two. */
function* oneTerm(ground: Ground): Generator<Probe> {
  for (const { a, b } of termsOf(ground)) yield probe([{ at: 0, a, b }]);
}

function termsOf({ a, b }: Ground): { readonly a: number; readonly b: number }[] {
  const ys = b === null ? [1] : edgesOf(b);
  const found = edgesOf(a).flatMap((x) => ys.map((y) => ({ a: x, b: y })));
  const { low, high } = b === null ? exponentsOf(a) : both(a, b);
  for (let e = low; e <= high; e++) {
    const pair = factors(a, b, e);
    if (pair !== null) found.push({ a: pair[0], b: pair[1] });
  }
  return found;
}

function both(a: Format, b: Format): { readonly low: number; readonly high: number } {
  const [p, q] = [exponentsOf(a), exponentsOf(b)];
  return { low: p.low + q.low, high: p.high + q.high };
}

function* oneTermAndAddend(ground: Ground): Generator<Probe> {
  if (ground.addends.length === 0) return;
  const edges = addendsOf(ground).filter((c) => c - c !== 0 || isEdge(ground, c));
  const far = largestOf(ground.distances) + 2;
  for (const { a, b } of termsOf(ground)) {
    const term = a * b;
    const at = { at: 0, a, b };
    for (const c of edges) yield probe([at], c);
    if (term === 0 || term - term !== 0) continue;
    const e = exponentIn(Math.abs(term));
    for (let d = -far; d <= far; d++) {
      for (const c of [2 ** (e + d), -(2 ** (e + d)), 2 ** (e - d) - term, -term - 2 ** (e - d)]) {
        if (takesAddend(ground, c)) yield probe([at], c);
      }
    }
  }
}

function isEdge({ addends }: Ground, c: number): boolean {
  return addends.some((format) => edgesOf(format).includes(c));
}

/** Magnitudes from which smaller ones lie at a distance: around 1, at the top, at the bottom. */
function bases({ a, b, addends, exponents }: Ground): number[] {
  const { low, high } = b === null ? exponentsOf(a) : both(a, b);
  const tops = addends.map((format) => exponentsOf(format).high);
  const top = smallestOf([high, ...tops]);
  const found = [Math.max(low, Math.min(0, high)), top, top - 2, low, low + 6, low + 12, ...exponents];
  return [...new Set(found)].filter((e) => e >= low && e <= high);
}

/** Terms at a base and at a distance from it, of both signs, and with significands that are no powers of two. */
function* pairs(ground: Ground, distances: readonly number[]): Generator<readonly [Element, Element]> {
  const { a, b } = ground;
  for (const base of bases(ground)) {
    for (const d of distances) {
      const small = factors(a, b, base - d);
      if (small === null) continue;
      for (const large of largeFactors(a, b, base)) {
        for (const m of [1, 1.5]) {
          for (const n of [1, -1, 1.5, -1.5]) {
            const [x, y] = [large[0] * m, small[0] * n];
            if (!isValue(a, x) || !isValue(a, y)) continue;
            yield [
              { at: 0, a: x, b: large[1] },
              { at: 1, a: y, b: small[1] },
            ];
          }
        }
      }
    }
  }
}

/** The ways to write a large term: of normal operands, and of one that is subnormal. */
function largeFactors(a: Format, b: Format | null, base: number): (readonly [number, number])[] {
  const [normal, deep] = [factors(a, b, base), factors(a, b, base, true)];
  if (normal === null || deep === null) return [];
  return normal[0] === deep[0] ? [normal] : [normal, deep];
}

/** Pairs of places, the first and its neighbour first. */
function placePairs({ places }: Ground): (readonly [number, number])[] {
  return places.flatMap((p) => places.filter((q) => q !== p).map((q) => [p, q] as const));
}

function* twoTerms(ground: Ground): Generator<Probe> {
  const every = Array.from({ length: largestOf(ground.distances) + 3 }, (_, d) => d);
  for (const [first, second] of placePairs(ground)) {
    const isUsual = first === 0 && second === 1;
    for (const [p, q] of pairs(ground, isUsual ? every : ground.distances)) {
      yield probe([
        { ...p, at: first },
        { ...q, at: second },
      ]);
    }
  }
  const edges = edgesOf(ground.a).map((a) => ({ at: 0, a, b: 1 }));
  if (ground.b !== null && !isValue(ground.b, 1)) return;
  for (const p of edges) for (const q of edges) yield probe([p, { ...q, at: 1 }]);
}

function* twoTermsAndAddend(ground: Ground): Generator<Probe> {
  if (ground.addends.length === 0) return;
  const edges = addendsOf(ground).filter((c) => isEdge(ground, c));
  for (const [first, second] of placePairs(ground)) {
    if (first > second) continue;
    for (const [p, q] of pairs(ground, ground.distances)) {
      const [x, y] = [p.a * p.b, q.a * q.b];
      const elements = [
        { ...p, at: first },
        { ...q, at: second },
      ];
      const cs = [-x, -x - y, y, x, 2 ** exponentIn(Math.abs(x)), ...(first === 0 && second === 1 ? edges : [])];
      for (const c of new Set(cs)) if (takesAddend(ground, c)) yield probe(elements, c);
      const back = opposite(ground, p);
      if (back !== null && takesAddend(ground, y)) yield probe([elements[0] as Element, { ...back, at: second }], y);
      if (takesAddend(ground, -y))
        yield probe(
          [
            { ...q, at: first },
            { ...p, at: second },
          ],
          -y,
        );
    }
  }
  // A register at its end, and a step out and back.
  const one = { at: 0, a: 1, b: 1 };
  const minus = opposite(ground, one);
  if (minus === null) return;
  for (const [first, second] of placePairs(ground)) {
    if (first > second) continue;
    for (const c of edges) {
      yield probe(
        [
          { ...one, at: first },
          { ...minus, at: second },
        ],
        c,
      );
      yield probe(
        [
          { ...minus, at: first },
          { ...one, at: second },
        ],
        c,
      );
    }
  }
}

/** The element with the other sign; null where neither operand has one. */
function opposite({ a, b }: Ground, element: Element): Element | null {
  if (isValue(a, -element.a)) return { ...element, a: -element.a };
  return b !== null && isValue(b, -element.b) ? { ...element, b: -element.b } : null;
}

/** A large term, its opposite and a small one, which survives where it comes after both: where sums are joined (FPRev). */
function* threeTerms(ground: Ground): Generator<Probe> {
  const { places, distances } = ground;
  for (const [first, second] of placePairs(ground)) {
    if (first > second) continue;
    for (const third of places) {
      if (third === first || third === second) continue;
      for (const [p, q] of pairs(ground, distances)) {
        const back = opposite(ground, p);
        if (back === null || p.a % 1.5 === 0 || q.a < 0) continue;
        yield probe([
          { ...p, at: first },
          { ...back, at: second },
          { ...q, at: third },
        ]);
      }
    }
  }
}

function* threeTermsAndAddend(ground: Ground): Generator<Probe> {
  if (ground.addends.length === 0) return;
  for (const [p, q] of pairs(ground, ground.distances)) {
    for (const at of ground.places.slice(1)) {
      const elements = [p, { ...q, at }, { ...q, at: at + 1 }];
      const x = p.a * p.b;
      for (const c of [-x, x, -2 * x]) if (takesAddend(ground, c)) yield probe(elements, c);
    }
  }
}

/** A large term and several small ones, which count together or not at all. */
function* fourTerms(ground: Ground): Generator<Probe> {
  for (const [p, q] of pairs(ground, ground.distances)) {
    for (const at of ground.places.slice(1)) {
      const small = [0, 1, 2].map((n) => ({ ...q, at: at + n }));
      yield probe([p, ...small]);
      const back = opposite(ground, p);
      if (back !== null) yield probe([p, ...small, { ...back, at: at + 3 }]);
    }
  }
}
