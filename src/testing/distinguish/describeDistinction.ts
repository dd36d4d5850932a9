/**
 * What tells two targets apart, in words.
 *
 * @module
 */
import { checkMade, checkName } from '../../errors/index.ts';
import type { Different, Distinction, SideAnswer } from './distinguish.ts';
import { spellDigits, spellTerm } from './trace.ts';

/** What each verdict tells. */
const fields = {
  different: ['width', 'a', 'sides'],
  equivalent: ['reason'],
  indistinguishable: ['probes', 'rows', 'bound', 'generators'],
  unknown: ['probes'],
} as const;
const verdicts = ['different', 'equivalent', 'indistinguishable', 'unknown'] as const;

/**
 * A verdict as text: the operands, and both sides step by step; or why there are none.
 *
 * @example
 * import { describeDistinction, distinguish } from 'bittrue/testing';
 * const text = describeDistinction(distinguish('a100:f16', 'ada:f16', 'dot'));
 * text; // 'equivalent: the same formats, order and accumulators'
 */
export function describeDistinction(distinction: Distinction): string {
  checkMade('distinction', distinction, ['verdict', 'kernel'], 'what distinguish gives');
  const verdict = checkName('distinction.verdict', distinction.verdict, verdicts);
  checkMade('distinction', distinction, fields[verdict], 'what distinguish gives');
  switch (distinction.verdict) {
    case 'equivalent':
      return `equivalent: ${distinction.reason}`;
    case 'indistinguishable': {
      const { probes, rows, bound, generators } = distinction;
      return (
        `indistinguishable: no difference on ${probes} structured probes and ${rows} random rows (${generators.join(', ')}); ` +
        `they differ on fewer than ${bound.toExponential(1)} of rows like these, with 95 % confidence`
      );
    }
    case 'unknown':
      return `unknown: no difference on ${distinction.probes} structured probes, and no random rows were tried`;
    default:
      return differentText(distinction);
  }
}

function differentText({ width, a, b, c, scaleA, scaleB, exact, sides }: Different): string {
  const list = (name: string, values: readonly number[] | null, usual: number): string[] => {
    if (values === null) return [];
    const told = values.flatMap((x, i) => (Object.is(x, usual) ? [] : [`${name}[${i}] = ${spellTerm(x)}`]));
    return told;
  };
  const operands = [
    ...list('a', a, 0),
    ...list('b', b, 0),
    ...list('scaleA', scaleA, 1),
    ...list('scaleB', scaleB, 1),
    ...(c === null || Object.is(c, 0) ? [] : [`c = ${spellTerm(c)}`]),
  ];
  const others = scaleA === null ? 'all others 0' : 'all others 0, scales 1';
  return [
    `different on K = ${width}: ${operands.length === 0 ? 'all operands 0' : `${operands.join(', ')}; ${others}`}`,
    `the exact sum: ${exact === null ? 'no finite number' : spellDigits(exact)}`,
    ...sides.flatMap(sideText),
  ].join('\n');
}

function sideText({ target, unit, arithmetic, format, value, code, steps }: SideAnswer): string[] {
  return [
    `${target}:${unit} (${arithmetic})`,
    ...steps.map(({ words }) => `  ${words}`),
    `  gives ${spellTerm(value)}, ${code} of ${format}`,
  ];
}
