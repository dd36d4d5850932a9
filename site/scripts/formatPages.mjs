/**
 * A page a format: what it is, its parameters, its values on a line, its codes, where it is used, its source.
 *
 * @module
 */
import { blockCatalogue, catalogue, codebookCatalogue, formatName } from '../../dist/formats/index.js';
import { blockSources, codebookSources, formatSources } from '../../dist/formats/sources.js';
import { formatBlockTable } from '../../dist/reports/index.js';
import { fieldsText, otherNames, rangeTexts, specialsText } from '../../dist/reports/text/formats.js';
import { decode } from '../../dist/rounding/index.js';
import { exponentOf } from '../../dist/rounding/rounder.js';
import { targets } from '../../dist/targets/index.js';
import { table } from './markdown.mjs';
import { valueLineSvg } from './svg.mjs';

/** A number in full: in decimal, or times a power of two where that is shorter. */
function shown(x) {
  if (Object.is(x, -0)) return '−0';
  const decimal = String(x).replace('-', '−').replace('Infinity', '∞');
  if (!Number.isFinite(x) || x === 0 || decimal.length < 8) return decimal;
  const e = exponentOf(x);
  const fraction = x / 2 ** e;
  const sign = x < 0 ? '−' : '';
  const power = `2^${e}`.replace('-', '−');
  const other = Math.abs(fraction) === 1 ? `${sign}${power}` : `${sign}${Math.abs(fraction)}·${power}`;
  return other.length < decimal.length ? other : decimal;
}
const hex = (code, bits) => code.toString(16).padStart(Math.ceil(bits / 4), '0');

/** Codes up to so many bits stand in a table. */
const SMALL = 8;

/** Rows of eight codes. */
function codesTable(bits, values) {
  const wide = Math.min(8, values.length);
  const rows = Array.from({ length: Math.ceil(values.length / wide) }, (_, r) => [
    `**0x${hex(r * wide, bits)}**`,
    ...values.slice(r * wide, (r + 1) * wide).map(shown),
  ]);
  return table(['', ...Array.from({ length: wide }, (_, i) => `+${i.toString(16)}`)], rows);
}

function lineOf(name, values) {
  const finite = [...new Set(values.filter(Number.isFinite).map((x) => x + 0))].sort((p, q) => p - q);
  return [`values-${name}.svg`, valueLineSvg(`every value of ${name}`, finite)];
}

/** Units of targets that read or write a format. */
function usedBy(format) {
  const found = [];
  for (const { name, sameAs, matrixUnits, vectorUnits } of Object.values(targets)) {
    if (sameAs !== undefined) continue;
    const units = [
      ...Object.values(matrixUnits).filter(({ a, b, output }) =>
        [...a, ...b, output.format].map(formatName).includes(format),
      ),
      ...Object.values(vectorUnits).filter(({ load, store }) =>
        [load.format, store.format].map(formatName).includes(format),
      ),
    ];
    if (units.length > 0)
      found.push(`[${name}](./target-${name}.md) (${units.map((unit) => `\`${unit.name}\``).join(', ')})`);
  }
  return found;
}

function floatPage(name, format, pictures) {
  const { words, source } = formatSources[name];
  const [largest, normal, subnormal] = rangeTexts(format);
  const facts = [
    ['bits', format.bits],
    ['sign, exponent, fraction', fieldsText(format)],
    ...(format.kind === 'float'
      ? [
          ['exponent bias', format.bias],
          ['precision, the leading bit counted', format.precision],
        ]
      : []),
    ['largest', largest],
    ['least normal', normal],
    ['least subnormal', subnormal],
    ['special codes', specialsText(format) || 'none but numbers'],
    ['codes', format.codes],
    [
      'other names',
      otherNames(name)
        .map((one) => `\`${one}\``)
        .join(', ') || '–',
    ],
    ['source', source],
  ];
  const parts = [
    `# ${name}`,
    `${words[0].toUpperCase()}${words.slice(1)}. [Try a number in it](./number.md#f=${name})`,
    table(['parameter', 'value'], facts),
  ];
  if (format.bits <= SMALL) {
    const values = Array.from({ length: 2 ** format.bits }, (_, code) => decode(format, code));
    const [file, svg] = lineOf(name, values);
    pictures.set(file, svg);
    parts.push(
      '## Values',
      `![Every value of ${name} on a line](./pictures/${file})`,
      '## Codes',
      codesTable(format.bits, values),
    );
  }
  const users = usedBy(name);
  if (users.length > 0) parts.push('## Where it is read or written', users.join(', '));
  return parts;
}

function codebookPage(name, { bits, values, ties }, pictures) {
  const { words, source } = codebookSources[name];
  const [file, svg] = lineOf(name, [...values]);
  pictures.set(file, svg);
  return [
    `# ${name}`,
    `A list of values, which no sign, exponent and fraction describe: ${words}.`,
    table(
      ['parameter', 'value'],
      [
        ['bits', bits],
        ['values', values.length],
        ['on a threshold', ties],
        ['source', source],
      ],
    ),
    '## Values',
    `![Every value of ${name} on a line](./pictures/${file})`,
    '## Codes',
    codesTable(bits, [...values]),
  ];
}

function blockPage(name, block) {
  const { words, source } = blockSources[name];
  const element = block.element.kind === 'codebook' ? block.element.name : formatName(block.element);
  const scale = formatName(block.scale);
  const link = (one) => (one in catalogue || one in codebookCatalogue ? `[${one}](./format-${one}.md)` : `\`${one}\``);
  return [
    `# ${name}, in blocks`,
    `${words}. [Numbers in its blocks](./number.md#b=${name})`,
    table(
      ['parameter', 'value'],
      [
        ['elements', link(element)],
        ['numbers that share a scale', block.size],
        ['scale', link(scale)],
        ['scale of the tensor', block.tensorScale === null ? 'none' : link(formatName(block.tensorScale))],
        ['rule of the scale', `\`${block.scaleRule}\``],
        ['bits a number', block.bitsPerNumber],
        ['source', source],
      ],
    ),
    `${formatBlockTable(block, { width: 4096 }).replaceAll('\n', ' ').replace(/:$/, '')}.`,
  ];
}

/** @returns {{ pages: [string, string][], pictures: Map<string, string> }} */
export function formatPages() {
  const pictures = new Map();
  const pages = [
    ...Object.entries(catalogue).map(([name, format]) => [`format-${name}.md`, floatPage(name, format, pictures)]),
    ...Object.entries(codebookCatalogue).map(([name, one]) => [`format-${name}.md`, codebookPage(name, one, pictures)]),
    ...Object.entries(blockCatalogue).map(([name, one]) => [`block-${name}.md`, blockPage(name, one)]),
  ];
  return { pages: pages.map(([name, parts]) => [name, `${parts.join('\n\n')}\n`]), pictures };
}
