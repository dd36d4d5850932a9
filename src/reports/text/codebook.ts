/**
 * Codebooks, and a number in one, as text.
 *
 * @module
 */
import { checkList, checkMade } from '../../errors/index.ts';
import { checkCodebook } from '../../formats/check.ts';
import type { Codebook } from '../../formats/index.ts';
import { codebookSources } from '../../formats/sources.ts';
import type { CodebookExplanation } from '../../rounding/index.ts';
import { digits, size, value } from '../numbers.ts';
import { checkLook, paint, type RenderOptions, table, wrap } from './layout.ts';

/**
 * A line a codebook: bits, range, what it is.
 *
 * @example
 * import { nf4 } from 'bittrue/formats';
 * import { formatCodebooks } from 'bittrue/reports';
 * formatCodebooks([nf4]).split('\n')[1]; // 'nf4          4  -1 … 1  QLoRA, bitsandbytes'
 */
export function formatCodebooks(codebooks: readonly Codebook[], options: RenderOptions = {}): string {
  checkList('codebooks', codebooks).forEach((one, i) => void checkCodebook(`codebooks[${i}]`, one));
  checkLook(options);
  const rows = codebooks.map(({ name, bits, lowest, highest }) => [
    name,
    String(bits),
    `${value(lowest)} … ${value(highest)}`,
    codebookSources[name]?.words ?? '',
  ]);
  const columns = [
    { title: 'codebook', align: 'left' },
    { title: 'bits' },
    { title: 'values', align: 'left' },
    { title: 'what', align: 'left' },
  ] as const;
  return table(columns, rows, options).join('\n');
}

/** What becomes of a number midway. */
const tieWords: Readonly<Record<Codebook['ties'], string>> = {
  down: 'the lower value',
  up: 'the upper value',
  away: 'the value of larger magnitude',
  even: 'the value of the even code',
};

/** The line above a codebook's values. */
export function codebookWords({ name, bits, codes, ties, lowest, highest }: Codebook): string {
  return `${name}: a codebook, ${bits} bits, ${codes} codes, ${value(lowest)} … ${value(highest)}; a number on a threshold becomes ${tieWords[ties]}`;
}

/**
 * What a number becomes in a codebook: code, neighbours, the thresholds between them.
 *
 * @example
 * import { nf4 } from 'bittrue/formats';
 * import { formatCodebookExplanation } from 'bittrue/reports';
 * import { explainCodebook } from 'bittrue/rounding';
 * formatCodebookExplanation(explainCodebook(nf4, '0.3')).split('\n')[0]; // '0.3 in nf4 is 0.33791524171829224'
 */
export function formatCodebookExplanation(told: CodebookExplanation, options: RenderOptions = {}): string {
  checkMade('told', told, ['codebook', 'code', 'value', 'bits'], 'an explanation, as explainCodebook gives it');
  checkLook(options);
  const { input, codebook, code, bits, below, above, from, to, isTie } = told;
  const hex = (one: number): string => `0x${one.toString(16).padStart(Math.ceil(bits.length / 4), '0')}`;
  const facts: [string, string][] = [['code', `${hex(code)}   ${bits}`]];
  const off = told.value - Number(input);
  if (Number.isFinite(off)) facts.push(['error', off === 0 ? 'none: exact' : size(off)]);
  if (below !== null && from !== null)
    facts.push(['below', `${value(below.value)}   ${hex(below.code)}, up to ${value(from)}`]);
  if (above !== null && to !== null)
    facts.push(['above', `${value(above.value)}   ${hex(above.code)}, from ${value(to)} on`]);
  if (isTie) facts.push(['tie', 'the number lies on a threshold']);
  const head = `${digits(input, 60)} in ${codebook} is ${paint('bold', value(told.value), options)}`;
  return [
    ...wrap(head, '  ', options),
    '',
    ...facts.flatMap(([name, fact]) => wrap(`${name.padEnd(11)} ${fact}`, ' '.repeat(12), options)),
  ].join('\n');
}
