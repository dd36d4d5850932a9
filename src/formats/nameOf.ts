/**
 * What a format is called where the catalogue is not at hand.
 *
 * @module
 */
import type { FloatFormat, Format, IntegerFormat } from './format.ts';

/** Names that formats carry: those of the catalogue, and P3109's. A format that is only equal to one of them carries none. */
const names: WeakMap<Format, string> = /* @__PURE__ */ new WeakMap();

/** Gives a format its name. */
export function named<F extends Format>(name: string, format: F): F {
  names.set(format, name);
  return format;
}

/** The name that a format carries, if any. */
export function carriedName(format: Format): string | undefined {
  return names.get(format);
}

/** The name that a format carries, else its parameters. For errors of what does not need the catalogue; see `formatName`. */
export function nameOf(format: Format): string {
  return carriedName(format) ?? parametersOf(format);
}

/** The notation by parameters, without names: equal texts, equal formats. */
export function parametersOf(format: Format): string {
  return format.kind === 'float' ? floatParameters(format) : integerParameters(format);
}

/** Whether two formats have the same values and codes, whatever they are called. */
export function areEqual(a: Format, b: Format): boolean {
  return a === b || parametersOf(a) === parametersOf(b);
}

function integerParameters(format: IntegerFormat): string {
  const fraction = format.fractionBits === 0 ? '' : `:fraction=${format.fractionBits}`;
  return `${format.signed ? 'int' : 'uint'}${format.bits}${fraction}`;
}

function floatParameters(format: FloatFormat): string {
  const { exponentBits, mantissaBits, bias, signed, infinities, nan, lowest } = format;
  const parts = [`float:e${exponentBits}m${mantissaBits}`];
  if (bias !== 2 ** (exponentBits - 1) - 1) parts.push(`bias=${bias}`);
  if (infinities !== 'ieee') parts.push(`inf=${infinities}`);
  if (nan !== (infinities === 'none' ? 'none' : 'ieee')) parts.push(`nan=${nan}`);
  if (!signed) parts.push('unsigned');
  if (lowest !== 'subnormal') parts.push(`lowest=${lowest}`);
  return parts.join(':');
}
