/**
 * Numbers as the bits that an adder holds: aligned to one grid, what is cut told apart.
 *
 * @module
 */
import type { Alignment } from 'bittrue/testing';

/** One line of an adder. */
export interface Line {
  readonly name: string;
  readonly value: number;
  /** Bits that stay, from the grid's first column to the last that is kept; blanks where there is none yet. */
  readonly kept: string;
  /** Bits to the right of those. */
  readonly cut: string;
  readonly isZeroed: boolean;
}

/** Columns to the right of the last bit that is kept, at most. */
const MOST_CUT = 40;
/** Columns in all; a wider grid begins further right. */
const MOST = 96;

/** The lines of a fused sum, and the exponent of the first column. */
export function linesOf(
  { cuts, sum }: Alignment,
  result: number,
): { readonly top: number; readonly lines: readonly Line[] } {
  const finite = cuts.filter(({ exact, lastBit }) => Number.isFinite(exact) && exact !== 0 && lastBit > -2000);
  const values = [...finite.map(({ exact }) => exact), sum, result].filter((x) => Number.isFinite(x) && x !== 0);
  if (values.length === 0) return { top: 0, lines: [] };
  const last = Math.min(...finite.map(({ lastBit }) => lastBit), ...(finite.length === 0 ? [0] : []));
  const top = Math.max(...values.map(exponentOf), last);
  const low = Math.max(Math.min(...values.map(lowestBitOf), last), last - MOST_CUT, top - MOST);
  const line = (name: string, value: number, lastBit: number, isZeroed: boolean): Line => {
    const bits = bitsOf(value, top, low);
    const split = Math.max(0, Math.min(bits.length, top - lastBit + 1));
    return { name, value, kept: bits.slice(0, split), cut: bits.slice(split), isZeroed };
  };
  return {
    top,
    lines: [
      ...finite.map(({ of, element, exact, lastBit, kept }) =>
        line(of === 'term' ? `a·b[${element ?? '…'}]` : of, exact, lastBit, kept === 0),
      ),
      line('kept, added', sum, last, false),
      line('rounded', result, Math.min(last, low), false),
    ],
  };
}

/** Exponent of a finite number that is not zero. */
export function exponentOf(x: number): number {
  let e = Math.floor(Math.log2(Math.abs(x)));
  while (2 ** e > Math.abs(x)) e--;
  while (e < 1023 && 2 ** (e + 1) <= Math.abs(x)) e++;
  return e;
}

function lowestBitOf(x: number): number {
  let e = exponentOf(x);
  for (let rest = Math.abs(x) - 2 ** e; rest > 0; rest -= 2 ** e) e = exponentOf(rest);
  return e;
}

/** The bits of |x| from 2^top down to 2^low; blanks before the first. */
function bitsOf(x: number, top: number, low: number): string {
  let rest = Math.abs(x);
  let text = '';
  for (let e = top; e >= low; e--) {
    const isSet = rest >= 2 ** e;
    if (isSet) rest -= 2 ** e;
    text += isSet ? '1' : text.includes('1') ? '0' : '·';
  }
  return text;
}
