/**
 * The text notation of formats, both ways: what a command line, a JSON file and a report use.
 *
 * ```text
 * binary16   e4m3fn   int8                  a name of the catalogue, or an alias
 * int12   uint7   int8:fraction=6           an integer by its width
 * binary8p3se                               a P3109 format by its rule
 * float:e5m4                                IEEE conventions
 * float:e4m3:bias=11:inf=none:nan=negativeZero:unsigned:lowest=normal
 * ```
 *
 * @module
 */

import { BittrueError } from '../errors/index.ts';
import { catalogue } from './catalogue.ts';
import { checkFormat } from './check.ts';
import { defineFloat, type FloatParameters } from './float.ts';
import type { FloatFormat, Format, Infinities, IntegerFormat, Lowest, NaNs } from './format.ts';
import { defineInteger } from './integer.ts';
import { defineP3109, p3109Name } from './p3109.ts';

/** Other names in use for the same codes. */
const aliases: Readonly<Record<string, string>> = {
  fp64: 'binary64',
  float64: 'binary64',
  fp32: 'binary32',
  float32: 'binary32',
  fp16: 'binary16',
  float16: 'binary16',
  bf16: 'bfloat16',
  xf32: 'tf32',
  fp8e4m3: 'e4m3fn',
  fp8e5m2: 'e5m2',
  e2m1: 'e2m1fn',
  e2m3: 'e2m3fn',
  e3m2: 'e3m2fn',
  e8m0: 'e8m0fnu',
};

/**
 * The format that a text names.
 *
 * @throws {@link BittrueError} for a name or an option that does not exist
 * @example
 * import { parseFormat } from 'bittrue/formats';
 * parseFormat('float:e5m4').max; // 63488
 * parseFormat('binary8p4sf').max; // 240
 */
export function parseFormat(text: string): Format {
  if (typeof text !== 'string') throw new BittrueError('type', 'format', text, 'the notation of a format');
  const named = catalogue[aliases[text] ?? text];
  if (named !== undefined && Object.hasOwn(catalogue, aliases[text] ?? text)) return named;
  const integer = /^(u?)int(\d{1,2})(?::fraction=(\d{1,3}))?$/.exec(text);
  if (integer) {
    return defineInteger({
      bits: Number(integer[2]),
      signed: integer[1] === '',
      fractionBits: Number(integer[3] ?? 0),
    });
  }
  const p3109 = /^binary(\d{1,2})p(\d{1,2})([su])([ef])$/i.exec(text);
  if (p3109) {
    return defineP3109({
      bits: Number(p3109[1]),
      precision: Number(p3109[2]),
      signed: p3109[3]?.toLowerCase() === 's',
      extended: p3109[4]?.toLowerCase() === 'e',
    });
  }
  const float = /^float:e(\d{1,2})m(\d{1,2})((?::[a-zA-Z]+(?:=-?[a-zA-Z0-9]+)?)*)$/.exec(text);
  if (!float) {
    throw new BittrueError(
      'name',
      'format',
      text,
      `one of ${Object.keys(catalogue).join(', ')}, float:e5m4, binary8p3se`,
    );
  }
  return defineFloat({
    exponentBits: Number(float[1]),
    mantissaBits: Number(float[2]),
    ...options(text, (float[3] ?? '').split(':').slice(1)),
  });
}

/** The options behind `float:eXmY`; values are checked by `defineFloat`. */
function options(text: string, parts: readonly string[]): Partial<FloatParameters> {
  const found: { -readonly [K in keyof FloatParameters]?: FloatParameters[K] } = {};
  const seen = new Set<string>();
  for (const part of parts) {
    const [key = '', value] = part.split('=');
    if (seen.has(key)) throw new BittrueError('name', 'format', text, `${key} once`);
    seen.add(key);
    if (key === 'unsigned' && value === undefined) found.signed = false;
    else if (key === 'bias' && value !== undefined) found.bias = Number(value);
    else if (key === 'inf' && value !== undefined) found.infinities = value as Infinities;
    else if (key === 'nan' && value !== undefined) found.nan = value as NaNs;
    else if (key === 'lowest' && value !== undefined) found.lowest = value as Lowest;
    else throw new BittrueError('name', 'format', text, 'the options unsigned, bias=, inf=, nan= and lowest=');
  }
  return found;
}

/**
 * The shortest text that names a format: its catalogue name, its P3109 name, or its parameters.
 * `parseFormat(formatName(format))` equals `format`.
 *
 * @throws {@link BittrueError} for what is no format
 * @example
 * import { defineFloat, formatName } from 'bittrue/formats';
 * formatName(defineFloat({ exponentBits: 5, mantissaBits: 10 })); // 'binary16'
 * formatName(defineFloat({ exponentBits: 5, mantissaBits: 4 })); // 'float:e5m4'
 */
export function formatName(format: Format): string {
  checkFormat('format', format);
  const text = parameters(format);
  for (const [name, named] of Object.entries(catalogue)) {
    if (parameters(named) === text) return name;
  }
  return (format.kind === 'float' ? p3109Name(format) : null) ?? text;
}

/** The notation by parameters, without names. */
function parameters(format: Format): string {
  return format.kind === 'float' ? floatParameters(format) : integerParameters(format);
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
