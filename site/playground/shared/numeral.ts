/**
 * Expressions of exact numbers: `1/3`, `0x1.8p-14`, `2^-24 + 1e-9`. Read as fractions of integers, and given to the library as decimal
 * digits that every format rounds as it would round the fraction.
 *
 * @module
 */

/** A fraction; `d` is above 0. */
interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

/** Places after the point. No format of the library, and no midpoint of one, has more than 1,075. */
const PLACES = 1200;
const LARGEST_EXPONENT = 2000;

/** What was typed: a code of a format, or a number as decimal digits. */
export type Typed =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'number'; readonly text: string; readonly isExact: boolean };

/** Reads what was typed. An error is a sentence. */
export function readNumber(text: string): Typed {
  const plain = text.trim().replaceAll('−', '-').replaceAll('_', '');
  if (/^0x[0-9a-f]+$/i.test(plain)) {
    const code = Number(plain);
    if (code >= 2 ** 53) throw new Error('a code has at most 53 bits');
    return { kind: 'code', code };
  }
  const special = /^([+-]?)(inf|infinity|∞|nan)$/i.exec(plain);
  if (special !== null) {
    const [, sign = '', name = ''] = special;
    const isNoNumber = name.toLowerCase() === 'nan';
    return { kind: 'number', text: isNoNumber ? 'NaN' : `${sign === '-' ? '-' : ''}Infinity`, isExact: true };
  }
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return { kind: 'number', text: plain, isExact: true };
  return decimal(new Reader(plain).whole());
}

/** The digits of a fraction; where they have no end, those that decide and a 1. */
function decimal({ n, d }: Fraction): Typed {
  const size = n < 0n ? -n : n;
  const scaled = size * 10n ** BigInt(PLACES);
  const isExact = scaled % d === 0n;
  const digits = (scaled / d).toString().padStart(PLACES + 1, '0');
  const [whole, rest] = [digits.slice(0, -PLACES), digits.slice(-PLACES)];
  const places = isExact ? rest.replace(/0+$/, '') : `${rest}1`;
  return { kind: 'number', text: `${n < 0n ? '-' : ''}${whole}${places === '' ? '' : `.${places}`}`, isExact };
}

/** Sums, products and powers, by recursive descent. */
class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text.replaceAll(/\s+/g, '').replaceAll('**', '^').replaceAll('·', '*').replaceAll('×', '*');
  }

  whole(): Fraction {
    if (this.text === '') throw new Error('type a number');
    const found = this.sum();
    if (this.at < this.text.length) throw new Error(`“${this.text.slice(this.at)}” is not understood`);
    return found;
  }

  private take(pattern: RegExp): string | null {
    const found = pattern.exec(this.text.slice(this.at))?.[0] ?? null;
    if (found !== null) this.at += found.length;
    return found;
  }

  private sum(): Fraction {
    let left = this.product();
    for (let sign = this.take(/^[+-]/); sign !== null; sign = this.take(/^[+-]/)) {
      const right = this.product();
      const n = sign === '+' ? left.n * right.d + right.n * left.d : left.n * right.d - right.n * left.d;
      left = { n, d: left.d * right.d };
    }
    return left;
  }

  private product(): Fraction {
    let left = this.signed();
    for (let sign = this.take(/^[*/]/); sign !== null; sign = this.take(/^[*/]/)) {
      const right = this.signed();
      left = sign === '*' ? { n: left.n * right.n, d: left.d * right.d } : divide(left, right);
    }
    return left;
  }

  private signed(): Fraction {
    const sign = this.take(/^[+-]/);
    const { n, d } = sign === null ? this.power() : this.signed();
    return { n: sign === '-' ? -n : n, d };
  }

  private power(): Fraction {
    const base = this.atom();
    if (this.take(/^\^/) === null) return base;
    const { n, d } = this.signed();
    if (d !== 1n) throw new Error('an exponent is an integer');
    return power(base, n);
  }

  private atom(): Fraction {
    if (this.take(/^\(/) !== null) {
      const inner = this.sum();
      if (this.take(/^\)/) === null) throw new Error('a bracket is not closed');
      return inner;
    }
    const hex = this.take(/^0x[0-9a-f]*\.?[0-9a-f]*(p[+-]?\d+)?/i);
    if (hex !== null) return hexadecimal(hex);
    const number = this.take(/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i);
    if (number === null)
      throw new Error(
        this.at === this.text.length
          ? 'the expression is not complete'
          : `“${this.text.slice(this.at)}” is not understood`,
      );
    const [digits = '', exponent = '0'] = number.toLowerCase().split('e');
    const [whole = '', places = ''] = digits.split('.');
    return scaled(BigInt(whole + places || '0'), 10n, BigInt(exponent) - BigInt(places.length));
  }
}

function hexadecimal(text: string): Fraction {
  const [digits = '', exponent = '0'] = text.slice(2).toLowerCase().split('p');
  const [whole = '', places = ''] = digits.split('.');
  if (whole + places === '') throw new Error(`“${text}” has no digits`);
  return scaled(BigInt(`0x${whole}${places}`), 2n, BigInt(exponent) - 4n * BigInt(places.length));
}

function scaled(n: bigint, base: bigint, exponent: bigint): Fraction {
  return multiply({ n, d: 1n }, power({ n: base, d: 1n }, exponent));
}

function multiply(p: Fraction, q: Fraction): Fraction {
  return { n: p.n * q.n, d: p.d * q.d };
}

function divide(p: Fraction, q: Fraction): Fraction {
  if (q.n === 0n) throw new Error('a division by zero');
  return q.n < 0n ? { n: -p.n * q.d, d: p.d * -q.n } : { n: p.n * q.d, d: p.d * q.n };
}

function power({ n, d }: Fraction, exponent: bigint): Fraction {
  if (exponent > LARGEST_EXPONENT || exponent < -LARGEST_EXPONENT)
    throw new Error(`exponents go to ±${LARGEST_EXPONENT}`);
  if (exponent >= 0n) return { n: n ** exponent, d: d ** exponent };
  return divide({ n: 1n, d: 1n }, { n: n ** -exponent, d: d ** -exponent });
}
