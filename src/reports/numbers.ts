/**
 * Numbers as words for people: short where a size is meant, all digits where a value is.
 *
 * @module
 */

/** A value, all its digits; the sign of zero kept. */
export function value(x: number): string {
  return Object.is(x, -0) ? '-0' : String(x);
}

/** A size: at most six significant digits. */
export function size(x: number): string {
  return Number.isFinite(x) ? String(Number(x.toPrecision(6))) : String(x);
}

/** A size: at most three significant digits. */
export function brief(x: number): string {
  return Number.isFinite(x) ? String(Number(x.toPrecision(3))) : String(x);
}

/** Bits of room, signed, one decimal: `+3.2`, `-3.4`; `–` where there is none to tell. */
export function bits(x: number | null | undefined): string {
  if (x === null || x === undefined) return '–';
  if (!Number.isFinite(x)) return x > 0 ? '+∞' : '-∞';
  const text = x.toFixed(1);
  return x >= 0 ? `+${text.replace('-', '')}` : text;
}

/** A perplexity: six significant digits, trailing zeros kept, since they were computed. */
export function perplexityText(x: number): string {
  return Number.isFinite(x) && x < 1e6 ? x.toPrecision(6) : size(x);
}

/** A share of one in percent: `28.7 %`, `0.014 %`. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return String(share);
  return `${Number((share * 100).toPrecision(share < 0.1 ? 2 : 3))} %`;
}

/** A ratio in dB, one decimal; `–` where there is none to tell. */
export function decibels(sqnr: number | null): string {
  if (sqnr === null) return '–';
  return Number.isFinite(sqnr) ? sqnr.toFixed(1) : sqnr > 0 ? '∞' : '-∞';
}

/** Decimal digits cut to a length that a line can hold, the cut marked. */
export function digits(text: string, longest = 24): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

/** `1 row`, `2 rows` */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
