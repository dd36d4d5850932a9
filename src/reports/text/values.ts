/**
 * The value table of a small format.
 *
 * @module
 */
import { checkElement } from '../../formats/check.ts';
import { type ElementFormat, type Format, formatName } from '../../formats/index.ts';
import { decoder } from '../../rounding/decoder.ts';
import { value } from '../numbers.ts';
import { codebookWords } from './codebook.ts';
import { checkLook, type RenderOptions, table, wrap } from './layout.ts';

/** Wider formats have too many values to read. */
const WIDEST = 8;

/**
 * Limits of a format and, up to 8 bits, the value of every code: rows by the leading bits, columns by the last.
 *
 * @example
 * import { e2m1fn } from 'bittrue/formats';
 * import { formatFormatTable } from 'bittrue/reports';
 * const lines = formatFormatTable(e2m1fn).split('\n');
 * lines.at(-2); // '0x0    0   0.5   1   1.5   2   3   4   6'
 * lines.at(-1); // '0x8   -0  -0.5  -1  -1.5  -2  -3  -4  -6'
 */
export function formatFormatTable(format: ElementFormat, options: RenderOptions = {}): string {
  checkLook(options);
  checkElement('format', format);
  const words = format.kind === 'codebook' ? codebookWords(format) : `${formatName(format)}: ${described(format)}`;
  const head = wrap(words, '  ', options);
  if (format.bits > WIDEST) return head.join('\n');
  // As many columns as fit: a power of two, so that a row's codes share their leading bits.
  let columns = Math.min(8, format.codes);
  let lines = valueTable(format, columns, options);
  while (columns > 1 && lines.includes('')) {
    columns /= 2;
    lines = valueTable(format, columns, options);
  }
  return [...head, '', ...lines].join('\n');
}

function valueTable(format: ElementFormat, columns: number, options: RenderOptions): string[] {
  const nibbles = Math.ceil(format.bits / 4);
  const rows: string[][] = [];
  const read = decoder(format);
  for (let code = 0; code < format.codes; code += columns) {
    const values = Array.from({ length: columns }, (_, i) => (code + i < format.codes ? value(read(code + i)) : ''));
    rows.push([`0x${code.toString(16).padStart(nibbles, '0')}`, ...values]);
  }
  const titles = Array.from({ length: columns }, (_, i) => ({ title: `+${i}` }));
  return table([{ title: 'code', align: 'left' }, ...titles], rows, options);
}

/** The format's limits in words. */
function described(format: Format): string {
  const { bits, codes } = format;
  const facts = [`${bits} bits`, `${bits > 53 ? `2^${bits}` : codes} codes`];
  if (format.kind === 'integer') {
    facts.push(`${value(format.min)} … ${value(format.max)}`, `steps of ${value(2 ** -format.fractionBits)}`);
    return facts.join(', ');
  }
  facts.push(
    `${format.exponentBits} exponent and ${format.mantissaBits} fraction bits`,
    `bias ${format.bias}`,
    `largest ${value(format.max)}`,
    `smallest normal ${value(format.minNormal)}`,
    format.minSubnormal === null ? 'no subnormals' : `smallest subnormal ${value(format.minSubnormal)}`,
    `infinities: ${format.infinities}`,
    `NaN: ${format.nan}`,
  );
  if (!format.signed) facts.push('unsigned');
  return facts.join(', ');
}
