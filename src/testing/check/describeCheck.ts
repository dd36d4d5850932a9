/**
 * A check in words: what a failing test prints.
 *
 * @module
 */
import { checkMade } from '../../errors/index.ts';
import type { Check } from './check.ts';

/** Kinds of differences, and unseen deviations, that are printed. */
const SHOWN = 6;

/**
 * A check's verdict as text: how many answers are wrong, what the implementation seems to do, the simplest wrong answer, and
 * one of every other kind.
 *
 * @example
 * import { checkRounding, describeCheck } from 'bittrue/testing';
 * const check = checkRounding((x: number) => Math.round(x), { from: 'binary16', to: 'int8', policy: { nanInput: 'zero' } });
 * describeCheck(check).split('\n')[0]; // 'binary16 to int8, tiesToEven, overflow saturate: 20611 of 65536 answers are wrong'
 */
export function describeCheck(check: Check): string {
  checkMade('check', check, ['what', 'cases', 'classes', 'differences'], 'what a check gives');
  const {
    ok,
    what,
    counted = 'answers',
    cases,
    exhaustive,
    wrong,
    undefinedCases,
    undefinedAnswers,
    differences,
    counterexample,
    diagnosis,
    seed,
  } = check;
  const tried = exhaustive ? `all ${cases}` : `${cases}`;
  const lines = [
    ok
      ? `${what}: ${tried} ${counted} are right`
      : `${what}: ${wrong} of ${cases} ${counted} ${wrong === 1 ? 'is' : 'are'} wrong`,
  ];
  if (undefinedCases > 0) {
    const why = 'falseAlarm' in check ? 'what overflows is no matter of chance' : 'the policy defines no result there';
    const told = undefinedAnswers.length === 0 ? '' : ` (${undefinedAnswers.join('; ')})`;
    lines.push(`${undefinedCases} not compared: ${why}${told}`);
  }
  if (!ok) {
    lines.push(
      diagnosis === null
        ? 'no known deviation explains any of it'
        : `${certainty[diagnosis.verdict]} ${diagnosis.sentence}`,
    );
    if (diagnosis !== null && diagnosis.alternatives.length > 0) {
      lines.push(`as good an explanation here: ${diagnosis.alternatives.slice(0, SHOWN).join(', ')}`);
    }
    lines.push('the simplest wrong answer:', `  ${counterexample?.words}`);
    const others = differences.filter((one) => one !== counterexample).slice(0, SHOWN);
    if (others.length > 0) lines.push('other kinds, how many of each:');
    for (const { count, kind, words } of others) lines.push(`  ${count} × ${kind}; ${words}`);
    if (!exhaustive) lines.push(`(drawn with seed ${seed})`);
  }
  for (const [from, names] of unseenBySource(check)) lines.push(`not to be seen here, but from ${from}: ${names}`);
  return lines.join('\n');
}

const certainty = {
  all: 'the implementation',
  most: 'the implementation mostly',
  some: 'in part, the implementation',
};

/** Unseen deviations, listed by the source that shows them. */
function unseenBySource({ unseen }: Check): [string, string][] {
  const sources = [...new Set(unseen.map(({ from }) => from))];
  return sources.map((source) => {
    const names = unseen.filter(({ from }) => from === source).map(({ name }) => name);
    const more = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : '';
    return [source, `${names.slice(0, SHOWN).join(', ')}${more}`];
  });
}
