/**
 * Laws over somebody else's implementation.
 *
 * @module
 */
import { checkInteger, checkList, checkMade, checkObject } from '../../errors/index.ts';
import { draws } from '../conformance/sample.ts';
import type { Law, LawCheck, LawVerdict } from './law.ts';

/** How many cases a law is tried on. */
export interface LawOptions {
  /** Default 2,000. */
  readonly runs?: number;
  /** 0 … 2^53 − 1; default 1. The same seed gives the same cases. */
  readonly seed?: number;
}

/**
 * Whether an implementation obeys laws; where it breaks one, the simplest case that shows it. Laws need no right answer, so
 * they serve where none is at hand; a check against the exact answer finds more (`checkRounding`).
 *
 * @param laws - such as `roundingLaws(format)`, or some of them
 * @throws {@link BittrueError} for what is no law, and options out of range
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { checkLaws, roundingLaws } from 'bittrue/testing';
 * const halfUp = (x: number) => Math.floor(x * 8 + 0.5) / 8;
 * const found = checkLaws(halfUp, roundingLaws(e4m3fn));
 * found.ok; // false
 * found.broken.includes('representable'); // true
 */
export function checkLaws<Implementation>(
  implementation: Implementation,
  laws: readonly Law<Implementation>[],
  options: LawOptions = {},
): LawCheck {
  checkObject('options', options, ['runs', 'seed']);
  const { runs = 2000, seed = 1 } = options;
  checkInteger('options.runs', runs, 1, 2 ** 32 - 1);
  checkInteger('options.seed', seed, 0, Number.MAX_SAFE_INTEGER);
  checkList('laws', laws).forEach((law, i) => {
    checkMade(`laws[${i}]`, law, ['name', 'text', 'cases', 'broken'], 'a law, such as roundingLaws gives');
  });
  const verdicts = laws.map((law) => judge(implementation, law, runs, seed));
  const broken = verdicts.filter(({ ok }) => !ok).map(({ name }) => name);
  return { ok: broken.length === 0, laws: verdicts, broken, seed };
}

function judge<Implementation>(
  implementation: Implementation,
  law: Law<Implementation>,
  runs: number,
  seed: number,
): LawVerdict {
  const { name, text } = law;
  let [tried, count] = [0, 0];
  let counterexample: unknown = null;
  let words: string | null = null;
  for (const given of law.cases(draws(seed))) {
    tried += 1;
    const told = attempt(() => law.broken(implementation, given));
    if (told !== null) {
      count += 1;
      if (words === null || law.complexity(given) < law.complexity(counterexample))
        [counterexample, words] = [given, told];
    }
    if (tried === runs) break;
  }
  return { name, text, ok: count === 0, tried, broken: count, counterexample, words };
}

/** What a law says; an implementation that throws breaks it. */
function attempt(law: () => string | null): string | null {
  try {
    return law();
  } catch (error) {
    return `throws ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
  }
}

/** The broken laws in words; what a failing test prints. */
export function describeLaws(check: LawCheck): string {
  const { laws } = checkMade('check', check, ['laws'], 'the result of checkLaws');
  return (checkList('check.laws', laws) as LawCheck['laws'])
    .filter(({ ok }) => !ok)
    .map(({ name, text, broken, tried, words }) => `${name} (${text}): broken in ${broken} of ${tried} cases; ${words}`)
    .join('\n');
}
