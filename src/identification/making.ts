/**
 * Rows that a search asks for, drawn at random from named generators.
 *
 * @module
 */
import type { Format } from '../formats/index.ts';
import { exponentIn } from '../rounding/exponentIn.ts';
import type { Next } from './draws.ts';
import { edgesOf, exponentsOf, factors } from './numbers.ts';
import { elements, finiteOf, leastNormal, numberAt, pairAt, productRange, scaledRow, sumOf } from './operands.ts';
import type { Question } from './question.ts';
import { type Place, type Row, rowOf } from './row.ts';
import { fitted, isValue } from './values.ts';

/** The generators of random rows, and what each draws. */
export const generators = ['dense', 'sparse', 'cancelling', 'ties', 'any', 'bottom', 'tails', 'specials'] as const;
export type Generator = (typeof generators)[number];

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
    const { question, next } = this;
    switch (name) {
      case 'dense':
        return scaledRow(question, this.dense(next(3) === 0 ? 12 : 1 + next(4)), next);
      case 'sparse':
        return scaledRow(question, this.sparse(), next);
      case 'cancelling':
        return scaledRow(question, this.cancelling(), next);
      case 'ties':
        return scaledRow(question, this.ties(), next);
      case 'any':
        return this.any();
      case 'bottom':
        return scaledRow(question, this.bottom(), next, true);
      case 'tails':
        return scaledRow(question, this.tails(), next);
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
    const places = elements(question, 1 + next(5), next).map((at) => ({
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
    const places = elements(question, 2 + next(4), next).map((at, n) => ({ at, ...power(exponents[n] as number) }));
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
    const places = (next(2) === 0 ? elements(question, 1 + next(6), next) : Array.from({ length: k }, (_, i) => i)).map(
      (at) => ({
        at,
        a: finiteOf(a, next),
        b: finiteOf(b, next),
      }),
    );
    return scaledRow(question, rowOf(question, places, this.addend(sumOf(places), 60)), next, true);
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
    const at = isDense ? Array.from({ length: question.k }, (_, i) => i) : elements(question, 1 + next(6), next);
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
   * was cut before. Around the smallest results, in the middle, or at the top.
   */
  private tails(): Row {
    const { question, next, middle } = this;
    const { output, addend } = question;
    const { deep, high } = productRange(question);
    const least = output.kind === 'float' ? exponentsOf(output).low : 0;
    const precision = output.kind === 'float' ? output.precision : 1;
    // High up an addend of few bits lies far below the last one that an alignment keeps.
    const highest = (output.kind === 'float' ? Math.min(high, output.emax - 1) : high) - precision + 1;
    const unit = [least, least, middle - precision, Math.max(least, highest - next(3))][next(4)] as number;
    const term = (exponent: number, sign: number): { a: number; b: number } | null => {
      const pair = exponent > high ? null : factors(question.a, question.b, Math.max(deep, exponent), next(4) === 0);
      if (pair === null || !isValue(question.a, sign * pair[0])) return null;
      return { a: sign * pair[0], b: pair[1] };
    };
    const sign = next(2) === 0 ? 1 : -1;
    const top = unit + (next(3) === 0 ? precision - 1 : next(next(2) === 0 ? 10 : 26));
    const exponents = [top, ...(next(2) === 0 ? [unit - 1] : []), ...(next(3) === 0 ? [unit + next(4)] : [])];
    const terms = exponents.map((e) => term(e, sign));
    const far = unit - 1 - next(next(2) === 0 ? 14 : 44);
    // Below the least product an addend alone is that small.
    const isBelow = far < deep;
    for (let n = isBelow ? 0 : 1 + next(3); n > 0; n--) terms.push(term(far - next(2), next(5) === 0 ? sign : -sign));
    const at = elements(question, terms.length, next);
    const places = at.flatMap((place, n) => {
      const own = terms[n] ?? null;
      return own === null ? [] : [{ at: place, ...own }];
    });
    // In any order of places, the large term first or last.
    if (next(2) === 0)
      places.reverse().forEach((one, n) => {
        places[n] = { ...one, at: at[n] as number };
      });
    const tail = (next(2) === 0 ? sign : -sign) * 2 ** (far - next(2));
    const lone = isBelow || next(2) === 0 ? tail : sign * 2 ** (unit + next(20));
    const c = addend === null || (!isBelow && next(3) !== 0) ? 0 : fitted(addend, lone);
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
        return addend.kind === 'float' ? finiteOf(addend, next) : numberAt(addend, next(addend.bits), next);
      default: {
        const e = sum === 0 ? this.middle : exponentIn(Math.abs(sum));
        const { low, high } = exponentsOf(addend);
        return numberAt(addend, Math.max(low, Math.min(high, e + next(2 * reach + 1) - reach)), next);
      }
    }
  }
}
