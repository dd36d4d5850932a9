/**
 * The text notation of formats, both ways: what a command line, a JSON file and a report use.
 *
 * ```text
 * binary16   e4m3fn   int8                  a name of the catalogue
 * torch.float16   f8E4M3FN   FLOAT8E5M2     another house's name for one, see aliases.ts
 * int12   uint7   int8:fraction=6           an integer by its width
 * binary8p3se                               a P3109 format by its rule
 * float:e5m4                                IEEE conventions
 * float:e4m3:bias=11:inf=none:nan=negativeZero:unsigned:lowest=normal
 * ```
 *
 * Any case is read.
 *
 * @module
 */

import { BittrueError, nearest } from '../errors/index.ts';
import { aliases, plainName, unclear } from './aliases.ts';
import { catalogue } from './catalogue.ts';
import { checkFormat } from './check.ts';
import { defineFloat, type FloatParameters } from './float.ts';
import type { Format, Infinities, Lowest, NaNs } from './format.ts';
import { defineInteger } from './integer.ts';
import { parametersOf } from './nameOf.ts';
import { defineP3109, p3109Name } from './p3109.ts';

/**
 * The format that a text names, in any case: one of ours, or one of torch's, ml_dtypes', StableHLO's, numpy's, ONNX's,
 * safetensors', CUDA's or Triton's. `e4m3` is the IEEE-like format up to 240, as ml_dtypes and StableHLO have it; the FP8
 * of OCP, torch and NVIDIA, up to 448, is `e4m3fn`.
 *
 * @throws {@link BittrueError} for a name or an option that does not exist, and for names of several formats, such as
 *   `fp8`; `suggestions` has what may have been meant
 * @example
 * import { parseFormat } from 'bittrue/formats';
 * parseFormat('float:e5m4').max; // 63488
 * parseFormat('binary8p4sf').max; // 240
 * parseFormat('torch.float8_e4m3fn').max; // 448
 * parseFormat('e4m3').max; // 240
 */
export function parseFormat(text: string): Format {
  if (typeof text !== 'string') throw new BittrueError('type', 'format', text, 'the notation of a format');
  const name = plainName(text);
  if (Object.hasOwn(catalogue, name)) return catalogue[name];
  const integer = /^(u?)int(\d{1,2})(?::fraction=(\d{1,3}))?$/.exec(name);
  if (integer) {
    return defineInteger({
      bits: Number(integer[2]),
      signed: integer[1] === '',
      fractionBits: Number(integer[3] ?? 0),
    });
  }
  const p3109 = /^binary(\d{1,2})p(\d{1,2})([su])([ef])$/.exec(name);
  if (p3109) {
    const format = defineP3109({
      bits: Number(p3109[1]),
      precision: Number(p3109[2]),
      signed: p3109[3] === 's',
      extended: p3109[4] === 'e',
    });
    return ofCatalogue(format);
  }
  const float = /^float:e(\d{1,2})m(\d{1,2})((?::[a-z]+(?:=-?[a-z0-9]+)?)*)$/.exec(name);
  if (!float) throw unknownFormat(text, name);
  return defineFloat({
    exponentBits: Number(float[1]),
    mantissaBits: Number(float[2]),
    ...options(text, (float[3] ?? '').split(':').slice(1)),
  });
}

function unknownFormat(text: string, name: string): BittrueError {
  const known = Object.keys(catalogue);
  if (/^(mxfp|nvfp|msfp|block:)/.test(name)) {
    return new BittrueError('name', 'format', text, 'the format of one number: parseBlock reads block formats');
  }
  const wanted = `one of ${known.join(', ')}, float:e5m4, binary8p3se`;
  const near = Object.hasOwn(unclear, name) ? unclear[name] : nearest(text, [...known, ...Object.keys(aliases)]);
  // Fields alone leave infinities and NaN open; `float:` has those of IEEE 754.
  const exponent = /^(e\d{1,2})m\d{1,2}$/.exec(name)?.[1];
  const kept = [...new Set(near.map(plainName))].filter((one) => exponent === undefined || one.startsWith(exponent));
  const suggestions = [
    ...(exponent === undefined ? [] : [`float:${name}`]),
    ...kept.map((one) => `${one} (largest ${catalogue[one].max})`),
  ];
  return new BittrueError('name', 'format', text, wanted, suggestions);
}

/** The words of the options, as `defineFloat` writes them. */
const words = ['ieee', 'topCode', 'negativeZero', 'none', 'subnormal', 'normal', 'normalButZero'];

/** The options behind `float:eXmY`; values are checked by `defineFloat`. */
function options(text: string, parts: readonly string[]): Partial<FloatParameters> {
  const found: { -readonly [K in keyof FloatParameters]?: FloatParameters[K] } = {};
  const seen = new Set<string>();
  for (const part of parts) {
    const [key = '', typed] = part.split('=');
    const value = words.find((word) => word.toLowerCase() === typed) ?? typed;
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

/** The catalogue's names by what they name; of equal formats the first one's. */
const namesByParameters: ReadonlyMap<string, string> = /* @__PURE__ */ (() => {
  const named = Object.entries(catalogue).map(([name, format]) => [parametersOf(format), name] as const);
  return new Map(named.reverse());
})();

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
  const text = parametersOf(format);
  return namesByParameters.get(text) ?? (format.kind === 'float' ? p3109Name(format) : null) ?? text;
}

/** The catalogue's own format where one is equal, which carries its name; else the format as it is. */
export function ofCatalogue(format: Format): Format {
  const name = formatName(format);
  return Object.hasOwn(catalogue, name) ? (catalogue[name] as Format) : format;
}
