/**
 * An explanation of one number in one format, as text.
 *
 * @module
 */
import { checkMade } from '../../errors/index.ts';
import type { Explanation, Outcome } from '../../rounding/index.ts';
import { digits, size, value } from '../numbers.ts';
import { checkLook, paint, type RenderOptions, wrap } from './layout.ts';

/**
 * Everything about one number in one format: result, code, neighbours, and what other modes and policies give; those
 * that give the same share a line.
 *
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { formatExplanation } from 'bittrue/reports';
 * import { explain } from 'bittrue/rounding';
 * formatExplanation(explain(e4m3fn, 465)).split('\n')[0]; // '465 in e4m3fn is NaN'
 */
export function formatExplanation(told: Explanation, options: RenderOptions = {}): string {
  const fields = ['result', 'policy', 'bits', 'class', 'modes', 'overflows', 'profiles'];
  checkMade('told', told, fields, 'an explanation, as explain gives it');
  checkLook(options);
  const { result, below, above, ulp, distance } = told;
  const facts: [string, string][] = [
    ['code', `${hex(result.code, told)}   ${told.bits}`],
    ['class', told.class],
    ['events', result.flags.join(', ') || 'none: exact'],
  ];
  if (ulp !== null) facts.push(['ulp', value(ulp)]);
  if (distance) facts.push(['distance', `${signed(distance)} ulp from the number to the result`]);
  if (below !== null) facts.push(['next below', `${value(below.value)}   ${hex(below.code, told)}`]);
  if (above !== null) facts.push(['next above', `${value(above.value)}   ${hex(above.code, told)}`]);
  const { rounding, overflow, subnormals, tininess } = told.policy;
  facts.push([
    'policy',
    [rounding, `overflow ${overflow}`, `subnormals ${subnormals}`, `tininess ${tininess}`].join(', '),
  ]);
  const head = `${digits(told.input, 60)} in ${told.format} is ${paint('bold', value(result.value), options)}`;
  return [
    ...wrap(head, '  ', options),
    '',
    ...facts.flatMap(([name, fact]) => wrap(`${name.padEnd(11)} ${fact}`, ' '.repeat(12), options)),
    ...outcomes('rounding', told, told.modes, rounding, options),
    ...outcomes('overflow', told, told.overflows, overflow, options),
    ...outcomes('profile', told, told.profiles, '', options),
  ].join('\n');
}

function signed(x: number): string {
  return x > 0 ? `+${size(x)}` : size(x);
}

/** A line for each different outcome, and the modes or policies that give it; the one in force is marked. */
function outcomes(
  title: string,
  told: Explanation,
  of: Readonly<Record<string, Outcome | null | undefined>>,
  inForce: string,
  options: RenderOptions,
): string[] {
  const names = new Map<string, string[]>();
  const rows: string[][] = [];
  for (const [name, outcome] of Object.entries(of)) {
    if (outcome === undefined) continue;
    const row =
      outcome === null
        ? ['refused', '', '']
        : [value(outcome.value), hex(outcome.code, told), outcome.flags.join(', ') || '–'];
    const key = row.join('\n');
    if (!names.has(key)) rows.push(row);
    names.set(key, [...(names.get(key) ?? []), name === inForce ? `${name} *` : name]);
  }
  if (rows.length === 0) return [];
  const widths = [0, 1, 2].map((c) => rows.reduce((most, row) => Math.max(most, row[c].length), TITLES[c].length));
  const start = ([number = '', code = '', events = '']: readonly string[]): string =>
    `${number.padStart(widths[0])}  ${code.padStart(widths[1])}  ${events.padEnd(widths[2])}  `;
  const indent = start([]);
  return [
    '',
    `${start(TITLES)}${title}`,
    // `wrap` takes the spaces in front as they are.
    ...rows.flatMap((row) => wrap(`${start(row)}${names.get(row.join('\n'))?.join(', ') ?? ''}`, indent, options)),
  ];
}

const TITLES = ['value', 'code', 'events'];

/** A code in hexadecimal, as hardware people read it: all its digits. */
function hex(code: number, { bits }: Explanation): string {
  const width = bits.replaceAll(' ', '').length;
  return `0x${code.toString(16).padStart(Math.ceil(width / 4), '0')}`;
}
