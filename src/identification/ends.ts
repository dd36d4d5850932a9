/**
 * Rows at the ends of ranges and around zero: every binade, and what is special.
 *
 * @module
 */
import type { Next } from './draws.ts';
import { edgesOf, exponentsOf, factors } from './numbers.ts';
import { numberAt, pairAt, productRange, scaledRow } from './operands.ts';
import type { Question } from './question.ts';
import { type Place, type Row, rowOf } from './row.ts';
import { fitted, isValue } from './values.ts';

/** Every binade of products and of addends, alone and with a small companion. */
export function binades(question: Question, next: Next): Row[] {
  const { a, b, addend, k } = question;
  const { deep, high } = productRange(question);
  const found: Row[] = [];
  for (let e = deep; e <= high; e++) {
    const at = next(k);
    const pair = pairAt(question, e, next, true);
    found.push(scaledRow(question, rowOf(question, [{ at, ...pair }]), next));
  }
  if (addend !== null) {
    const { low, high: top } = exponentsOf(addend);
    for (let e = low; e <= top; e++) {
      const c = numberAt(addend, e, next);
      const one = factors(a, b, Math.max(deep, Math.min(high, e - next(30))));
      found.push(rowOf(question, one === null || next(2) === 0 ? [] : [{ at: next(k), a: one[0], b: one[1] }], c));
    }
  }
  return found;
}

/** Signed zeros, sums that cancel, specials that meet zeros and each other. */
export function corners(question: Question, next: Next): Row[] {
  const { a, b, addend, k } = question;
  const found: Row[] = [];
  const hasMinusZero = isValue(a, -0);
  const cs = addend === null ? [0] : isValue(addend, -0) ? [0, -0] : [0];
  const all = (x: number, y: number): Place[] => Array.from({ length: k }, (_, at) => ({ at, a: x, b: y }));
  for (const c of cs) {
    found.push(rowOf(question, [], c));
    if (hasMinusZero) {
      found.push(rowOf(question, all(-0, 0), c), rowOf(question, [{ at: next(k), a: -0, b: 0 }], c));
      found.push(
        rowOf(
          question,
          all(-1, 0).map((one, i) => ({ ...one, a: i % 2 === 0 ? -1 : -0, b: isValue(b, 1) && i % 2 === 1 ? 1 : 0 })),
          c,
        ),
      );
    }
    if (isValue(a, -1) && k > 1) {
      found.push(
        rowOf(
          question,
          [
            { at: 0, a: 1, b: 1 },
            { at: k - 1, a: -1, b: 1 },
          ],
          c,
        ),
      );
      found.push(
        rowOf(
          question,
          [
            { at: 0, a: -1, b: 1 },
            { at: 1, a: 1, b: 1 },
          ],
          c,
        ),
      );
    }
  }
  // Products too small for the result, of either sign.
  const { deep } = productRange(question);
  const least = question.output.kind === 'float' ? exponentsOf(question.output).low : 0;
  for (const e of [deep, deep + 1, least - 2, least - 1, least, least - 30]) {
    const pair = factors(a, b, Math.max(deep, e), true);
    if (pair === null) continue;
    for (const sign of [1, -1]) {
      if (!isValue(a, sign * pair[0])) continue;
      for (const c of [
        ...cs,
        ...(addend === null ? [] : [fitted(addend, 2 ** least), fitted(addend, -(2 ** least))]),
      ]) {
        found.push(rowOf(question, [{ at: next(k), a: sign * pair[0], b: pair[1] }], c));
        found.push(rowOf(question, all(sign * pair[0], pair[1]), c));
      }
    }
  }
  const special = edgesOf(a).filter((x) => x - x !== 0);
  const others = edgesOf(b).filter((x) => x - x !== 0);
  for (const x of special) {
    for (const y of [0, 1, ...others]) {
      for (const c of [0, ...(addend === null ? [] : edgesOf(addend).filter((z) => z - z !== 0))]) {
        const at = next(k);
        const places = [{ at, a: x, b: y }];
        if (next(3) === 0 && k > 1) places.push({ at: (at + 1) % k, a: special[next(special.length)] as number, b: 1 });
        found.push(rowOf(question, places, c));
      }
    }
  }
  if (addend !== null) for (const c of edgesOf(addend)) found.push(rowOf(question, [], c));
  // The largest products, alone and together.
  const [top, other] = [edgesOf(a), edgesOf(b)].map((edges) => edges.filter((x) => x - x === 0 && Math.abs(x) > 2));
  for (const x of (top as number[]).slice(0, 6)) {
    for (const y of (other as number[]).slice(0, 4)) {
      found.push(rowOf(question, [{ at: next(k), a: x, b: y }]), rowOf(question, all(x, y)));
      if (addend !== null)
        found.push(rowOf(question, all(x, y), edgesOf(addend)[next(edgesOf(addend).length)] as number));
    }
  }
  return found;
}
