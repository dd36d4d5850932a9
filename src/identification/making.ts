/**
 * Rows that a search asks for: structured ones, and ones drawn at random from named generators.
 *
 * @module
 */
import type { Format } from '../formats/index.ts';
import { exponentIn } from '../rounding/exponentIn.ts';
import { decode, decodeBinary64 } from '../rounding/index.ts';
import type { Next } from './draws.ts';
import { edgesOf, exponentsOf, factors } from './numbers.ts';
import { type Question, scalesOf } from './question.ts';
import { type Place, type Row, rowOf } from './row.ts';
import { fitted, isValue } from './values.ts';

/** The generators of random rows, and what each draws. */
export const generators = ['dense', 'sparse', 'cancelling', 'ties', 'any', 'bottom', 'tails', 'specials'] as const;
export type Generator = (typeof generators)[number];

/** A number of about 2^exponent with random significand and sign; the nearest that the format has. */
function numberAt(format: Format, exponent: number, next: Next): number {
  const sign = next(2) === 0 || !isValue(format, -1) ? 1 : -1;
  const plain = next(4) === 0 ? 1 : 1 + next(2 ** 30) / 2 ** 30 + next(2 ** 22) / 2 ** 52;
  return fitted(format, sign * plain * 2 ** exponent);
}

/** Any code, finite or not. */
function anyOf(format: Format, next: Next, finite: boolean): number {
  for (;;) {
    const x =
      format.bits > 53
        ? decodeBinary64((BigInt(next(2 ** 32)) << 32n) | BigInt(next(2 ** 32)))
        : decode(format, next(2 ** format.bits));
    if (!finite || x - x === 0) return x;
  }
}

function leastNormal(format: Format): number {
  return format.kind === 'float' ? format.emin : -format.fractionBits;
}

/** Exponents of products of two normal operands, and with subnormal ones. */
export function productRange({ a, b }: Question): { low: number; deep: number; high: number } {
  const [p, q] = [exponentsOf(a), exponentsOf(b)];
  return { low: leastNormal(a) + leastNormal(b), deep: p.low + q.low, high: p.high + q.high };
}

/** Two operands whose product is about 2^exponent. */
function pairAt({ a, b }: Question, exponent: number, next: Next, deep: boolean): { a: number; b: number } {
  const [p, q] = [exponentsOf(a), exponentsOf(b)];
  const [lowA, lowB] = deep ? [p.low, q.low] : [Math.min(leastNormal(a), p.high), Math.min(leastNormal(b), q.high)];
  const [least, most] = [Math.max(lowA, exponent - q.high), Math.min(p.high, exponent - lowB)];
  // Exponents of both about half of the product's, unless the range is used up.
  const middle = Math.round(exponent / 2) + next(7) - 3;
  const i = next(4) === 0 ? least + next(Math.max(1, most - least + 1)) : Math.max(least, Math.min(most, middle));
  const own = Math.max(lowA, Math.min(p.high, i));
  return { a: numberAt(a, own, next), b: numberAt(b, Math.max(lowB, Math.min(q.high, exponent - own)), next) };
}

function sumOf(places: readonly Place[]): number {
  return places.reduce((total, { a, b }) => total + a * b, 0);
}

/** Draws rows of one question. */
export class Maker {
  private readonly question: Question;
  private readonly next: Next;
  /** The exponent around which sums are well within every range. */
  private readonly middle: number;

  constructor(question: Question, next: Next) {
    this.question = question;
    this.next = next;
    const { low, high } = productRange(question);
    const most = question.output.kind === 'float' ? question.output.emax - 6 - Math.ceil(Math.log2(question.k)) : high;
    this.middle = Math.max(low, Math.min(0, most, high));
  }

  /** So many rows of a generator. */
  rows(name: Generator, count: number): Row[] {
    return Array.from({ length: count }, () => this.row(name));
  }

  /** A row of a generator. */
  row(name: Generator): Row {
    switch (name) {
      case 'dense':
        return this.scaled(this.dense(this.next(3) === 0 ? 12 : 1 + this.next(4)));
      case 'sparse':
        return this.scaled(this.sparse());
      case 'cancelling':
        return this.scaled(this.cancelling());
      case 'ties':
        return this.scaled(this.ties());
      case 'any':
        return this.any();
      case 'bottom':
        return this.scaled(this.bottom(), true);
      case 'tails':
        return this.scaled(this.tails());
      case 'specials':
        return this.specials();
    }
  }

  /** Rows of numbers well within every range: what is cut and rounded, nothing else. */
  core(count: number): Row[] {
    const found: Row[] = [];
    const { output, k } = this.question;
    const least = output.kind === 'float' ? 2 ** Math.min(0, output.emin + output.precision) : 0;
    const most = output.kind === 'float' ? output.max / 4 / k : Infinity;
    const names = ['dense', 'sparse', 'cancelling', 'ties', 'sparse', 'dense'] as const;
    for (let tries = 0; found.length < count && tries < 40 * count; tries++) {
      const row = this.row(names[tries % names.length] as Generator);
      let [sum, size] = [row.c, Math.abs(row.c)];
      for (let i = 0; i < k; i++) {
        const p = (row.a[i] as number) * (row.b[i] as number);
        [sum, size] = [sum + p, Math.max(size, Math.abs(p))];
      }
      if (tries > 20 * count || (Math.abs(sum) >= least && size <= most)) found.push(row);
    }
    return found;
  }

  /** Rows of few neighbours and no addend, which one block sums alone. */
  close(count: number): Row[] {
    const { question, next, middle } = this;
    return Array.from({ length: count }, (_, n) => {
      const size = Math.min(question.k, n % 2 === 0 ? 2 : 4);
      const first = size * next(Math.floor(question.k / size));
      const reach = [2, 8, 28][next(3)] as number;
      const places = Array.from({ length: size }, (_one, i) => ({
        at: first + i,
        ...pairAt(question, middle - next(reach), next, false),
      }));
      return rowOf(question, places);
    });
  }

  private elements(count: number): number[] {
    const { k } = this.question;
    const at = new Set<number>();
    for (let i = 0; i < count; i++) at.add(this.next(k));
    return [...at].sort((p, q) => p - q);
  }

  private dense(binades: number): Row {
    const { question, next, middle } = this;
    const places = Array.from({ length: question.k }, (_, at) => ({
      at,
      ...pairAt(question, middle + next(2 * binades + 1) - binades, next, false),
    }));
    return rowOf(question, places, this.addend(sumOf(places), binades));
  }

  private sparse(): Row {
    const { question, next, middle } = this;
    const reach = [4, 14, 30, 60][next(4)] as number;
    const places = this.elements(1 + next(5)).map((at) => ({
      at,
      ...pairAt(question, middle - next(reach), next, false),
    }));
    return rowOf(question, places, this.addend(sumOf(places), reach));
  }

  private cancelling(): Row {
    const { question, next, middle } = this;
    const { a } = question;
    const row = next(2) === 0 ? this.dense(2) : this.sparse();
    const [p, q] = [next(question.k), next(question.k)];
    const large = pairAt(question, middle + 4 + next(24), next, false);
    if (p === q || !isValue(a, -large.a)) return row;
    [row.a[p], row.b[p], row.a[q], row.b[q]] = [large.a, large.b, -large.a, large.b];
    if (next(4) !== 0) return row;
    return { ...row, c: question.addend === null ? 0 : fitted(question.addend, -large.a * large.b) };
  }

  /** Powers of two and their neighbours, whose sums lie halfway between two results. */
  private ties(): Row {
    const { question, next, middle } = this;
    const power = (exponent: number): { a: number; b: number } => {
      const pair = factors(question.a, question.b, exponent) ?? factors(question.a, question.b, middle);
      const [x, y] = pair ?? [1, 1];
      const sign = next(2) === 0 && isValue(question.a, -x) ? -1 : 1;
      return { a: sign * x * (next(4) === 0 && isValue(question.a, x * 1.5) ? 1.5 : 1), b: y };
    };
    const far = next(40);
    const exponents = [middle, middle - far, middle - far - next(3), middle - far - next(30), middle - next(60)];
    const places = this.elements(2 + next(4)).map((at, n) => ({ at, ...power(exponents[n] as number) }));
    // In any order of places.
    for (let i = places.length - 1; i > 0; i--) {
      const j = next(i + 1);
      const [p, q] = [places[i] as Place, places[j] as Place];
      [places[i], places[j]] = [
        { ...p, at: q.at },
        { ...q, at: p.at },
      ];
    }
    const { addend } = question;
    const c =
      addend === null || next(2) === 0
        ? 0
        : fitted(addend, (next(2) === 0 ? 1 : -1) * 2 ** (middle + 1 - next(far + 2)));
    return rowOf(question, places, c);
  }

  /** Any codes at all that are finite. */
  private any(): Row {
    const { question, next } = this;
    const { a, b, k } = question;
    const places = (next(2) === 0 ? this.elements(1 + next(6)) : Array.from({ length: k }, (_, i) => i)).map((at) => ({
      at,
      a: anyOf(a, next, true),
      b: anyOf(b, next, true),
    }));
    return this.scaled(rowOf(question, places, this.addend(sumOf(places), 60)), true);
  }

  /** Products and addends next to the smallest numbers of the result, or of products. */
  private bottom(): Row {
    const { question, next } = this;
    const { output } = question;
    const { low, deep, high } = productRange(question);
    const least = output.kind === 'float' ? exponentsOf(output).low : 0;
    const normal = leastNormal(output);
    const from = [least - 3 - next(12), deep, normal - 6, low - 2, least - 1][next(5)] as number;
    const reach = 1 + next(next(2) === 0 ? 8 : 40);
    const isDense = next(2) === 0;
    const at = isDense ? Array.from({ length: question.k }, (_, i) => i) : this.elements(1 + next(6));
    const places = at.map((place) => ({
      at: place,
      ...pairAt(question, Math.max(deep, Math.min(high, from + next(reach))), next, true),
    }));
    if (question.addend === null || next(2) === 0) return rowOf(question, places);
    const c = numberAt(question.addend, least + next(30), next);
    return rowOf(question, places, next(4) === 0 ? this.addend(sumOf(places), 8) : c);
  }

  /**
   * A result, or a number halfway between two, and a term far below it, of either sign: it decides the rounding unless it
   * was cut before. Around the smallest results, or anywhere.
   */
  private tails(): Row {
    const { question, next, middle } = this;
    const { output, addend } = question;
    const { deep, high } = productRange(question);
    const least = output.kind === 'float' ? exponentsOf(output).low : 0;
    const precision = output.kind === 'float' ? output.precision : 1;
    const unit = next(3) === 0 ? middle - precision : least;
    const term = (exponent: number, sign: number): { a: number; b: number } | null => {
      const pair = exponent > high ? null : factors(question.a, question.b, Math.max(deep, exponent), next(4) === 0);
      if (pair === null || !isValue(question.a, sign * pair[0])) return null;
      return { a: sign * pair[0], b: pair[1] };
    };
    const sign = next(2) === 0 ? 1 : -1;
    const top = unit + next(next(2) === 0 ? 10 : 26);
    const exponents = [top, ...(next(2) === 0 ? [unit - 1] : []), ...(next(3) === 0 ? [unit + next(4)] : [])];
    const terms = exponents.map((e) => term(e, sign));
    const far = unit - 1 - next(next(2) === 0 ? 14 : 44);
    for (let n = 1 + next(3); n > 0; n--) terms.push(term(far - next(2), next(5) === 0 ? sign : -sign));
    const at = this.elements(terms.length);
    const places = at.flatMap((place, n) => {
      const own = terms[n] ?? null;
      return own === null ? [] : [{ at: place, ...own }];
    });
    // In any order of places, the large term first or last.
    if (next(2) === 0)
      places.reverse().forEach((one, n) => {
        places[n] = { ...one, at: at[n] as number };
      });
    const lone = next(2) === 0 ? sign * 2 ** (unit + next(20)) : (next(2) === 0 ? sign : -sign) * 2 ** (far - next(2));
    const c = addend === null || next(3) !== 0 ? 0 : fitted(addend, lone);
    return rowOf(question, places, c);
  }

  private specials(): Row {
    const { question, next } = this;
    const row = next(2) === 0 ? this.sparse() : this.dense(4);
    const own = (format: Format): number[] =>
      edgesOf(format).filter((x) => x - x !== 0 || Math.abs(x) >= 2 ** 15 || next(3) === 0);
    const put = (values: Float64Array, format: Format): void => {
      const found = [...own(format), 0, ...(isValue(format, -0) ? [-0] : [])];
      values[next(values.length)] = found[next(found.length)] as number;
    };
    for (let n = 1 + next(3); n > 0; n--)
      put(next(2) === 0 ? row.a : row.b, next(2) === 0 && question.a === question.b ? question.a : question.a);
    return this.checked(row, next(3) === 0);
  }

  /** Operands are values of their own format; an addend may be special, too. */
  private checked(row: Row, special: boolean): Row {
    const { a, b, addend } = this.question;
    const own = (format: Format, values: Float64Array): Float64Array =>
      values.map((x) => (isValue(format, x) ? x : fitted(format, x)));
    const ends = special && addend !== null ? edgesOf(addend).filter((x) => x - x !== 0) : [];
    const c = ends.length > 0 ? (ends[this.next(ends.length)] as number) : row.c;
    return { ...row, a: own(a, row.a), b: own(b, row.b), c };
  }

  /** An addend that matters: of about the size of the sum, its opposite, far from it, or none. */
  private addend(sum: number, reach: number): number {
    const { question, next } = this;
    const { addend } = question;
    if (addend === null || sum - sum !== 0) return 0;
    switch (next(6)) {
      case 0:
        return 0;
      case 1:
      case 2:
        return fitted(addend, (next(2) === 0 ? -sum : sum) * (1 + (next(2 ** 20) - 2 ** 19) / 2 ** (20 + next(8))));
      case 3:
        return addend.kind === 'float' ? anyOf(addend, next, true) : numberAt(addend, next(addend.bits), next);
      default: {
        const e = sum === 0 ? this.middle : exponentIn(Math.abs(sum));
        const { low, high } = exponentsOf(addend);
        return numberAt(addend, Math.max(low, Math.min(high, e + next(2 * reach + 1) - reach)), next);
      }
    }
  }

  /** Block scales around 1; wide: of any size. */
  private scaled(row: Row, wide = false): Row {
    const { question, next } = this;
    const { scale } = question;
    if (scale === null) return row;
    const { low, high } = exponentsOf(scale.format);
    const draw = (): number => {
      const reach = wide ? 12 : 3;
      return Math.abs(numberAt(scale.format, Math.max(low, Math.min(high, next(2 * reach + 1) - reach)), next));
    };
    const count = scalesOf(question);
    const [scaleA, scaleB] = [new Float64Array(count), new Float64Array(count)];
    for (let i = 0; i < count; i++) [scaleA[i], scaleB[i]] = [draw(), draw()];
    return { ...row, scaleA, scaleB };
  }

  /** Every binade of products and of addends, alone and with a small companion. */
  binades(): Row[] {
    const { question, next } = this;
    const { a, b, addend, k } = question;
    const { deep, high } = productRange(question);
    const found: Row[] = [];
    for (let e = deep; e <= high; e++) {
      const at = next(k);
      const pair = pairAt(question, e, next, true);
      found.push(this.scaled(rowOf(question, [{ at, ...pair }])));
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
  corners(): Row[] {
    const { question, next } = this;
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
          if (next(3) === 0 && k > 1)
            places.push({ at: (at + 1) % k, a: special[next(special.length)] as number, b: 1 });
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

  /** Rows of integers that reach the ends of registers: extreme operands, addends near both ends. */
  integers(count: number): Row[] {
    const { question, next } = this;
    const { a, b, addend, k } = question;
    const draw = (format: Format, kind: number): number => {
      const { max } = format;
      const min = isValue(format, -1) ? (format as { min: number }).min : 0;
      if (kind === 0) return fitted(format, min + next(max - min + 1));
      if (kind === 1) return next(2) === 0 ? max : min;
      return fitted(format, min + next(Math.min(4, max)) * (max - min));
    };
    return Array.from({ length: count }, () => {
      const kind = next(3);
      const flip = next(5);
      const [x, y] = [draw(a, 1), draw(b, 1)];
      const places = (next(3) === 0 ? this.elements(1 + next(4)) : Array.from({ length: k }, (_, i) => i)).map((at) => {
        // Runs of one sign, so that a register runs full and comes back.
        if (flip > 1) {
          const turn = Math.floor(at / (flip === 2 ? 1 + next(k) : flip)) % 2 === 0;
          return { at, a: turn ? x : draw(a, 0), b: turn ? y : fitted(b, -y) };
        }
        return { at, a: draw(a, kind), b: draw(b, kind) };
      });
      if (addend === null) return rowOf(question, places);
      const most = Math.abs(sumOf(places.slice(0, 1 + next(places.length))));
      const reach = next(2) === 0 ? most : Math.min(2 ** 45, k * Math.abs(a.max) * Math.abs(b.max));
      const ends = [addend.max, (addend as { min?: number }).min ?? -addend.max];
      const own = ends[next(2)] as number;
      const c = next(6) === 0 ? next(2) * own + next(addend.max) : own - Math.sign(own) * next(Math.max(2, reach));
      return rowOf(question, places, fitted(addend, next(8) === 0 ? 0 : c));
    });
  }
}
