/**
 * An explanation of one number in one format, as text.
 *
 * @module
 */
import { checkMade, checkObject } from '../../errors/index.ts';
import type { Explanation, Outcome } from '../../rounding/index.ts';
import { digits, value } from '../numbers.ts';
import { paint, type RenderOptions, table, wrap } from './layout.ts';

/**
 * Everything about one number in one format: result, code, neighbours, and what other modes and policies give.
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
  checkObject('options', options, ['color']);
  const { result, below, above, ulp } = told;
  const facts: [string, string][] = [
    ['code', `${hex(result.code)}   ${told.bits}`],
    ['class', told.class],
    ['events', result.flags.join(', ') || 'none: exact'],
  ];
  if (ulp !== null) facts.push(['ulp', value(ulp)]);
  if (below !== null) facts.push(['next below', `${value(below.value)}   ${hex(below.code)}`]);
  if (above !== null) facts.push(['next above', `${value(above.value)}   ${hex(above.code)}`]);
  const { rounding, overflow, subnormals, tininess } = told.policy;
  facts.push([
    'policy',
    [rounding, `overflow ${overflow}`, `subnormals ${subnormals}`, `tininess ${tininess}`].join(', '),
  ]);
  const head = `${digits(told.input, 60)} in ${told.format} is ${paint('bold', value(result.value), options)}`;
  return [
    ...wrap(head, '  '),
    '',
    ...facts.map(([name, fact]) => `${name.padEnd(11)} ${fact}`),
    '',
    ...outcomes('rounding', told.modes, rounding),
    '',
    ...outcomes('overflow', told.overflows, overflow),
    ...(Object.keys(told.profiles).length === 0 ? [] : ['', ...outcomes('profile', told.profiles, '')]),
  ].join('\n');
}

/** One line for each mode or policy, the one in force marked. */
function outcomes(title: string, of: Readonly<Record<string, Outcome | null | undefined>>, inForce: string): string[] {
  const rows = Object.entries(of).flatMap(([name, outcome]) =>
    outcome === undefined
      ? []
      : outcome === null
        ? [[name, 'refused', '', '']]
        : [[name + (name === inForce ? ' *' : ''), value(outcome.value), hex(outcome.code), outcome.flags.join(', ')]],
  );
  const columns = [
    { title, align: 'left' },
    { title: 'value' },
    { title: 'code' },
    { title: 'events', align: 'left' },
  ] as const;
  return table(columns, rows);
}

/** A code in hexadecimal, as hardware people read it. */
function hex(code: number): string {
  return `0x${code.toString(16)}`;
}
