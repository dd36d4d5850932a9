/**
 * The engine of every check: cases are asked, compared, counted by class and kind; the simplest wrong one is looked for;
 * behaviours are tried on what is wrong. It is a generator, so that answers may come at once or later.
 *
 * @module
 */
import { drive } from '../../identification/drive.ts';
import type { CodeOutcome } from '../../rounding/profileOutcome.ts';
import type { Operand } from '../conformance/operand.ts';
import { Thinned } from '../conformance/thinned.ts';
import { type Behaviour, composed } from '../diagnosis/behaviour.ts';
import { type Diagnosis, diagnose } from '../diagnosis/diagnose.ts';
import { type Refusable, refusalOf, withRefusals } from '../diagnosis/refusals.ts';
import type { Ask, Row } from './call.ts';
import type { Answer, Check, Difference, Explained, Unseen } from './check.ts';
import { spell } from './conversionWords.ts';

type Case = readonly Operand[];

/** What is checked, and how its cases are judged and told. */
export interface Subject<Setup> {
  readonly what: string;
  /** Default `answers`. */
  readonly counted?: string;
  readonly seed: number;
  /** The cases, in order; only the first `runs` are tried. */
  readonly cases: Iterable<Case>;
  readonly runs: number;
  readonly exhaustive: boolean;
  /** The right result; null where there is none. */
  readonly exact: (operands: Case) => CodeOutcome | null;
  readonly agrees: (row: Row, expected: CodeOutcome | null) => boolean;
  readonly classOf: (operands: Case, expected: CodeOutcome) => string;
  readonly wrongness: (expected: CodeOutcome, row: Row) => string;
  readonly words: (expected: CodeOutcome, row: Row) => string;
  readonly hexOperand: (operand: Operand) => string | null;
  readonly hexResult: (code: number) => string;
  readonly complexity: (operands: Case) => number;
  readonly simpler: (operands: Case) => readonly Case[];
  /** What implementations do instead; `wrong`: what this one gave. */
  readonly behaviours: (wrong: readonly Row[]) => readonly Behaviour<Setup>[];
  readonly base: Setup;
  readonly compute: (setup: Setup) => (operands: Case) => CodeOutcome | null;
  /** Deviations that the cases tried do not show; asked for where all is right. */
  readonly unseen: (tried: readonly Row[]) => readonly Unseen[];
}

/** The same of cases that were written down: all of them and no other can be tried. */
export function ofCases<Setup>(subject: Subject<Setup>, cases: readonly Case[]): Subject<Setup> {
  return { ...subject, cases, runs: cases.length, exhaustive: true, simpler: () => [] };
}

/** Cases asked at a time. */
const CHUNK = 4096;
/** Rows kept of each kind. */
const MOST_KEPT = 100_000;
/** Simpler cases looked for, so many times. */
const ROUNDS = 20;
/** Kinds of differences that are told. */
const KINDS = 12;

interface Kind {
  count: number;
  simplest: Row;
  readonly expected: CodeOutcome;
}

/** Different answers that are told where no result is defined. */
const UNDEFINED_SHOWN = 4;

/** What there is where no result is defined. */
function undefinedWords({ operands, failure, value }: Row): string {
  const given = operands.map(({ x }) => spell(x)).join(', ');
  return `${given}: the implementation ${failure ?? `gives ${spell(value)}`}`;
}

/** Checks a subject by the answers to cases. */
export function examine<Setup>(subject: Subject<Setup>, ask: Ask): Check | Promise<Check> {
  return drive(walk(subject), ask);
}

function* walk<Setup>(subject: Subject<Setup>): Generator<readonly Case[], Check, Row[]> {
  const { exact, agrees, classOf, wrongness, complexity } = subject;
  const classes: Record<string, { tried: number; wrong: number }> = {};
  const kinds = new Map<string, Kind>();
  const [right, wrong] = [new Thinned<Row>(MOST_KEPT), new Thinned<Row>(MOST_KEPT)];
  let undefinedCases = 0;
  const undefinedAnswers = new Set<string>();
  const note = (row: Row, expected: CodeOutcome): string => {
    const kind = `${classOf(row.operands, expected)}: ${wrongness(expected, row)}`;
    const known = kinds.get(kind);
    if (known === undefined) kinds.set(kind, { count: 1, simplest: row, expected });
    else {
      known.count += 1;
      if (complexity(row.operands) < complexity(known.simplest.operands)) {
        kinds.set(kind, { count: known.count, simplest: row, expected });
      }
    }
    return kind;
  };
  for (const chunk of chunks(subject.cases, subject.runs)) {
    const rows = yield chunk;
    for (const row of rows) {
      const expected = exact(row.operands);
      if (expected === null) {
        undefinedCases += 1;
        if (undefinedAnswers.size < UNDEFINED_SHOWN) undefinedAnswers.add(undefinedWords(row));
        continue;
      }
      const name = classOf(row.operands, expected);
      classes[name] ??= { tried: 0, wrong: 0 };
      const counts = classes[name];
      counts.tried += 1;
      if (agrees(row, expected)) right.add(row);
      else {
        counts.wrong += 1;
        wrong.add(row);
        note(row, expected);
      }
    }
  }
  const told = {
    what: subject.what,
    counted: subject.counted ?? 'answers',
    cases: right.total + wrong.total,
    exhaustive: subject.exhaustive,
    undefinedCases,
    undefinedAnswers: [...undefinedAnswers],
    wrong: wrong.total,
    classes,
    seed: subject.seed,
  };
  if (wrong.total === 0) {
    const unseen = subject.unseen(right.kept);
    return { ok: true, ...told, counterexample: null, differences: [], diagnosis: null, unseen };
  }
  const frequent = [...kinds.entries()].sort((a, b) => b[1].count - a[1].count);
  const [simplestKind, start] = frequent.reduce((best, one) =>
    complexity(one[1].simplest.operands) < complexity(best[1].simplest.operands) ? one : best,
  );
  const simplest = yield* simplify(subject, start);
  const counterexample = difference(subject, simplestKind, start.count, simplest.simplest, simplest.expected);
  const differences = frequent
    .slice(0, KINDS)
    .map(([kind, { count, simplest: row, expected }]) =>
      kind === simplestKind ? counterexample : difference(subject, kind, count, row, expected),
    );
  return {
    ok: false,
    ...told,
    counterexample,
    differences,
    diagnosis: explained(subject, wrong, right),
    unseen: [],
  };
}

function* chunks(cases: Iterable<Case>, runs: number): Generator<readonly Case[]> {
  let chunk: Case[] = [];
  let left = runs;
  if (left <= 0) return;
  for (const one of cases) {
    chunk.push(one);
    if (--left === 0) break;
    if (chunk.length === CHUNK) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

/** Simpler cases that are wrong as well, as long as there are some. */
function* simplify<Setup>(
  { exact, agrees, complexity, simpler }: Subject<Setup>,
  start: { readonly simplest: Row; readonly expected: CodeOutcome },
): Generator<readonly Case[], { simplest: Row; expected: CodeOutcome }, Row[]> {
  let { simplest, expected } = start;
  for (let round = 0; round < ROUNDS; round++) {
    const least = complexity(simplest.operands);
    const candidates = [...simpler(simplest.operands)]
      .filter((one) => complexity(one) < least)
      .sort((a, b) => complexity(a) - complexity(b));
    if (candidates.length === 0) break;
    const rows = yield candidates;
    const found = rows.find((row) => {
      const right = exact(row.operands);
      return right !== null && !agrees(row, right);
    });
    if (found === undefined) break;
    simplest = found;
    expected = exact(found.operands) as CodeOutcome;
  }
  return { simplest, expected };
}

function difference<Setup>(
  { hexOperand, hexResult, words }: Subject<Setup>,
  kind: string,
  count: number,
  row: Row,
  expected: CodeOutcome,
): Difference {
  const codes = row.operands.map(hexOperand);
  const answer = (value: number, code: number | null): Answer => ({
    value,
    code: code === null || code !== code ? null : hexResult(code),
  });
  return {
    kind,
    count,
    inputs: row.operands.map(({ x }) => x),
    codes: codes.includes(null) ? null : (codes as string[]),
    expected: answer(expected.value, expected.code),
    got: row.failure === null ? answer(row.value, row.code) : null,
    words: words(expected, row),
  };
}

function explained<Setup>(subject: Subject<Setup>, wrong: Thinned<Row>, right: Thinned<Row>): Explained | null {
  const refused = wrong.kept.filter(({ failure }) => failure !== null);
  const model = {
    behaviours: withRefusals(subject.behaviours(wrong.kept.filter(({ failure }) => failure === null)), refused),
    judge: (behaviours: readonly Behaviour<Refusable<Setup>>[]) => {
      const base: Refusable<Setup> = { setup: subject.base, refusal: null };
      const compute = composed(behaviours, base, ({ setup, refusal }) => refusal ?? subject.compute(setup));
      return (row: Row): 0 | 2 => {
        const found = compute(row.operands);
        if (typeof found === 'string') return row.failure !== null && refusalOf(row.failure) === found ? 2 : 0;
        if (row.failure !== null) return 0;
        const outcome = found(row.operands);
        return outcome !== null && subject.agrees(row, outcome) ? 2 : 0;
      };
    },
  };
  const found = diagnose(model, wrong, right);
  if (found === null) return null;
  const unexplained = found.unexplained.map((row) => {
    const expected = subject.exact(row.operands) as CodeOutcome;
    const kind = `${subject.classOf(row.operands, expected)}: ${subject.wrongness(expected, row)}`;
    return difference(subject, kind, 1, row, expected);
  });
  return { ...found.diagnosis, sentence: sentence(found.diagnosis, unexplained), unexplained };
}

/** `rounds ties away from zero: explains 165 of 169 wrong answers; the other four: …` */
function sentence(diagnosis: Diagnosis, unexplained: readonly Difference[]): string {
  const { behaviours, explained: given, differing, contradicted } = diagnosis;
  const does = behaviours.map(({ text }) => text).join(', and ');
  const left = differing - given;
  const share =
    left === 0 ? `explains all ${differing} wrong answers` : `explains ${given} of ${differing} wrong answers`;
  const against = contradicted === 0 ? '' : `, but would change ${contradicted} right ones`;
  const rest =
    left === 0
      ? ''
      : `; ${left > unexplained.length ? `of the other ${left}` : `the other ${left}`}: ${unexplained.map(({ words }) => words).join('; ')}`;
  return `${does}: ${share}${against}${rest}`;
}
