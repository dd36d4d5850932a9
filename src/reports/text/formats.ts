/**
 * Lists of formats as text.
 *
 * @module
 */
import { checkList, checkMade } from '../../errors/index.ts';
import { aliases } from '../../formats/aliases.ts';
import { elementName } from '../../formats/blockName.ts';
import { checkFormat } from '../../formats/check.ts';
import { type AnyBlock, type FloatFormat, type Format, formatName, type ScaleRule } from '../../formats/index.ts';
import { blockSources, formatSources } from '../../formats/sources.ts';
import { exponentOf } from '../../rounding/rounder.ts';
import { size, value } from '../numbers.ts';
import { type Column, checkLook, type RenderOptions, shorten, table, WIDTH, wrap } from './layout.ts';

/**
 * A line a format: bits, largest and smallest numbers, special values, what it is.
 *
 * @example
 * import { e2m1fn, e4m3fn } from 'bittrue/formats';
 * import { formatFormats } from 'bittrue/reports';
 * formatFormats([e4m3fn, e2m1fn]).split('\n')[1]; // 'e4m3fn     8  1-4-3       448    2^-6       2^-9  NaN      FP8 of OCP, torch, NVIDIA'
 */
export function formatFormats(formats: readonly Format[], options: RenderOptions = {}): string {
  checkList('formats', formats).forEach((format, i) => void checkFormat(`formats[${i}]`, format));
  checkLook(options);
  const rows = formats.map((format) => {
    const name = formatName(format);
    return [
      name,
      String(format.bits),
      fieldsText(format),
      ...rangeTexts(format),
      specialsText(format),
      formatSources[name]?.words ?? '',
    ];
  });
  const columns = [
    { title: 'format', align: 'left' },
    { title: 'bits' },
    { title: 'fields', align: 'left' },
    { title: 'largest' },
    { title: 'normal' },
    { title: 'subnormal' },
    { title: 'special', align: 'left' },
    { title: 'what', align: 'left' },
  ] as const;
  return withRoom(columns, rows, options);
}

/** Sign, exponent and fraction bits; an integer's fraction bits, if it has any. */
export function fieldsText(format: Format): string {
  if (format.kind === 'float') return `${format.signed ? 1 : 0}-${format.exponentBits}-${format.mantissaBits}`;
  const whole = format.bits - format.fractionBits;
  return format.fractionBits === 0 ? `${format.signed ? '±' : ''}${whole}` : `±${whole}.${format.fractionBits}`;
}

/** The largest number, the smallest normal and the smallest subnormal one: powers of two as such. */
export function rangeTexts(format: Format): readonly [string, string, string] {
  if (format.kind === 'integer') return [value(format.max), '–', power(2 ** -format.fractionBits)];
  return [power(format.max), power(format.minNormal), format.minSubnormal === null ? '–' : power(format.minSubnormal)];
}

/** The special values that have codes. */
export function specialsText(format: Format): string {
  if (format.kind === 'integer') return '';
  const { infinities, nan, negativeZero, lowest } = format;
  return [
    infinities === 'none' ? '' : 'Inf',
    nan === 'none' ? '' : 'NaN',
    negativeZero || !format.signed ? '' : 'no −0',
    lowest === 'normal' ? 'no 0' : '',
  ]
    .filter((word) => word !== '')
    .join(' ');
}

/** `2^-14` for a power of two that is long to write, else at most six digits. */
function power(x: number): string {
  const exponent = exponentOf(x);
  return 2 ** exponent === x && Math.abs(exponent) > 3 ? `2^${exponent}` : size(x);
}

function checkBlock(argument: string, value: unknown): void {
  const fields = ['name', 'element', 'size', 'scale', 'scaleRule', 'bitsPerNumber'];
  checkMade(argument, value, fields, 'a block format, such as mxfp4');
}

/** Room that words are worth. */
const LEAST = 16;

/** A table whose last column are words, cut to the room that is left; on a narrow terminal they stay out. */
function withRoom(columns: readonly Column[], rows: readonly (readonly string[])[], options: RenderOptions): string {
  const { width = WIDTH } = options;
  const bare = table(columns.slice(0, -1), rows, { width: Number.MAX_SAFE_INTEGER });
  const room = width - bare.reduce((most, line) => Math.max(most, line.length), 0) - 2;
  if (room < LEAST) return table(columns.slice(0, -1), rows, options).join('\n');
  const cut = rows.map((row) => [...row.slice(0, -1), shorten(row.at(-1) ?? '', room)]);
  return table(columns, cut, options).join('\n');
}

/** Other houses' names for a format. */
export function otherNames(name: string): readonly string[] {
  return Object.keys(aliases).filter((alias) => aliases[alias] === name);
}

/**
 * A line a block format: what its elements and scales are, and how many numbers share one.
 *
 * @example
 * import { mxfp4 } from 'bittrue/formats';
 * import { formatBlockFormats } from 'bittrue/reports';
 * formatBlockFormats([mxfp4]).split('\n')[1]; // 'mxfp4  4.25  e2m1fn   e8m0fnu    32  floor  MXFP4'
 */
export function formatBlockFormats(formats: readonly AnyBlock[], options: RenderOptions = {}): string {
  checkList('formats', formats).forEach((format, i) => void checkBlock(`formats[${i}]`, format));
  checkLook(options);
  const rows = formats.map(({ name, bitsPerNumber, element, scale, size: block, scaleRule }) => [
    name,
    String(bitsPerNumber),
    elementName(element),
    shortName(scale),
    String(block),
    scaleRule,
    blockSources[name]?.words ?? '',
  ]);
  const columns = [
    { title: 'block', align: 'left' },
    { title: 'bits' },
    { title: 'element', align: 'left' },
    { title: 'scale', align: 'left' },
    { title: 'size' },
    { title: 'rule', align: 'left' },
    { title: 'what', align: 'left' },
  ] as const;
  return withRoom(columns, rows, options);
}

/** A scale in a column: the widths of its fields where its name says more. */
function shortName(scale: FloatFormat): string {
  const name = formatName(scale);
  return name.startsWith('float:') ? `${scale.signed ? '' : 'u'}e${scale.exponentBits}m${scale.mantissaBits}` : name;
}

/** What a rule does with the largest magnitude of a block. */
const ruleWords: Readonly<Record<ScaleRule, string>> = {
  floor: " (the power of two of the block's largest over that of the element's largest: it may be clipped)",
  ceil: ' (as floor, one power up unless the largest is a power of two)',
  rceil: ' (the least power of two that clips nothing)',
  even: ' (as floor, the largest rounded to the digits of an element before)',
  tosa: ' (the least power of two under which the largest rounds to an element)',
  amax: ' (largest / largest element, rounded)',
  nvfp4: ' (largest / largest element, over the scale of the tensor, rounded)',
};

/**
 * A block format in words: storage, scale, and the largest number of a block under each end of the scale.
 *
 * @example
 * import { mxfp4 } from 'bittrue/formats';
 * import { formatBlockTable } from 'bittrue/reports';
 * formatBlockTable(mxfp4).split('\n')[0].slice(0, 41); // 'mxfp4: 32 numbers share an e8m0fnu scale,'
 */
export function formatBlockTable(format: AnyBlock, options: RenderOptions = {}): string {
  checkBlock('format', format);
  checkLook(options);
  const { name, size: block, scale, element, scaleRule, tensorScale, bitsPerNumber } = format;
  const tensor = tensorScale === null ? '' : `, and a ${formatName(tensorScale)} scale for the tensor`;
  const article = /^[aeiou]/.test(formatName(scale)) ? 'an' : 'a';
  const text =
    `${name}: ${block} numbers share ${article} ${formatName(scale)} scale, chosen by the rule ${scaleRule}${ruleWords[scaleRule]}${tensor}; ` +
    `a number is scale × element and takes ${value(bitsPerNumber)} bits. Scales ${size(scale.minSubnormal ?? scale.minNormal)} … ` +
    `${size(scale.max)}; elements are ${elementName(element)}:`;
  return wrap(text, '  ', options).join('\n');
}
