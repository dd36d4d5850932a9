/**
 * What a unit computes, found out from what it answers.
 *
 * @module
 */
import { checkBoolean, checkFunction, checkInteger, checkObject, checkText } from '../errors/index.ts';
import { defineTarget, type Target } from '../targets/index.ts';
import { answersOf, type CodeRows, codesOf } from './codes.ts';
import { drive } from './drive.ts';
import { generators } from './making.ts';
import { arithmeticOf, type Point } from './point.ts';
import { defineQuestion, type Question, type QuestionOptions, questionKeys } from './question.ts';
import type { Row } from './row.ts';
import { session } from './session.ts';
import type { Limits } from './tools.ts';
import type { Alternative, Binding, Outcome } from './verdict.ts';
import { wordsOfSum } from './words.ts';

/** How long to ask, and what counts as the same answer. */
export interface IdentifyOptions extends QuestionOptions {
  /** Rows that may be asked, repeated ones among them; default 5000. */
  readonly budget?: number;
  /** Rows on which what survives must give the same bits before it is called indistinguishable; default 100,000. */
  readonly agree?: number;
  /** Of the rows; default 1. */
  readonly seed?: number;
  /** Whether +0 and −0 are different answers; default true. */
  readonly zeroSigns?: boolean;
  /** Whether all NaN answers must have one code; default false: any NaN equals any other. */
  readonly nanCodes?: boolean;
  /** Name of the target found; default `identified`. */
  readonly name?: string;
}

/** A row that nothing explains, as values. */
export interface OpenRow {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly c: number | null;
  readonly scaleA: readonly number[] | null;
  readonly scaleB: readonly number[] | null;
  readonly answer: number;
  /** What the nearest hypothesis says; null: it does not take the row. */
  readonly nearest: number | null;
}

/** What both verdicts tell. */
interface Evidence {
  /** Rows asked, repeated ones among them. */
  readonly rows: number;
  /** Whether signs of zeros, and codes of NaNs, were compared. */
  readonly compared: { readonly zeroSigns: boolean; readonly nanCodes: boolean };
  /** The codes of NaN answers, hexadecimal. */
  readonly nans: readonly string[];
  readonly seed: number;
}

/** A target that gives every answer. */
export interface Identified extends Evidence {
  readonly verdict: 'identified';
  /** What `defineTarget` gives; its one unit is called `unit`. */
  readonly target: Target;
  /** Order and accumulators in words. */
  readonly arithmetic: string;
  /** What each parameter rests on. */
  readonly bindings: readonly Binding[];
  /** Other values that nothing tells from these. */
  readonly alternatives: readonly Alternative[];
  /** Rows asked after the hypothesis was made, all of which it foretold. */
  readonly fresh: number;
  /** The unit deviates on fewer than this share of rows like these, with 95 % confidence: 3 / fresh. */
  readonly bound: number;
  /** Where those rows came from. */
  readonly generators: readonly string[];
  /** Whether the search came to its end within the budget. */
  readonly complete: boolean;
}

/** No hypothesis gives every answer. */
export interface Unidentified extends Evidence {
  readonly verdict: 'unknown';
  readonly reason: string;
  /** Of the rows asked, how many the nearest hypothesis leaves unexplained. */
  readonly wrong: number;
  /** That hypothesis in words; null: there is none. */
  readonly nearest: string | null;
  /** Some of the rows that it leaves. */
  readonly open: readonly OpenRow[];
}

/** What an identification ends with. */
export type Identification = Identified | Unidentified;

/** What answers at once: codes of results, one a row. */
export type Ask = (rows: CodeRows) => ArrayLike<number | bigint>;
/** What answers later. */
export type AskLater = (rows: CodeRows) => PromiseLike<ArrayLike<number | bigint>>;

const keys = [...questionKeys, 'budget', 'agree', 'seed', 'zeroSigns', 'nanCodes', 'name'];

/** Checked options. */
export interface Task {
  readonly question: Question;
  readonly limits: Limits;
  readonly nanCodes: boolean;
  readonly name: string;
}

/** Checks options. */
export function defineTask(options: IdentifyOptions, extra: readonly string[] = []): Task {
  checkObject('options', options, [...keys, ...extra]);
  const { budget = 5000, agree = 100_000, seed = 1, zeroSigns = true, nanCodes = false, name = 'identified' } = options;
  return {
    question: defineQuestion(options),
    limits: {
      budget: checkInteger('options.budget', budget, 1, 10_000_000),
      agree: checkInteger('options.agree', agree, 1, 10_000_000),
      seed: checkInteger('options.seed', seed, 0, Number.MAX_SAFE_INTEGER),
      zeroSigns: checkBoolean('options.zeroSigns', zeroSigns),
    },
    nanCodes: checkBoolean('options.nanCodes', nanCodes),
    name: checkText('options.name', name),
  };
}

/** An identification that is given answers as codes, and gives rows until it knows. */
export class Inquiry {
  /** Rows to ask next; null: it is over. */
  rows: readonly Row[] | null;
  private readonly task: Task;
  private readonly steps: ReturnType<typeof session>;
  private outcome: Outcome | null = null;
  private asked = 0;
  private readonly nans = new Map<string, Row>();

  constructor(task: Task) {
    this.task = task;
    this.steps = session(task.question, task.limits);
    this.rows = null;
    this.take(this.steps.next());
  }

  /** The rows to ask next as codes. */
  next(): CodeRows {
    return codesOf(this.task.question, this.rows ?? []);
  }

  /** Takes their answers. */
  answer(answers: unknown): void {
    const { output } = this.task.question;
    const rows = this.rows ?? [];
    const { values, codes } = answersOf(output, answers, rows.length);
    values.forEach((value, i) => {
      if (value === value) return;
      const code = `0x${(codes[i] as number | bigint).toString(16).padStart(Math.ceil(output.bits / 4), '0')}`;
      if (!this.nans.has(code)) this.nans.set(code, rows[i] as Row);
    });
    this.asked += rows.length;
    this.take(this.steps.next(values));
  }

  private take(step: IteratorResult<readonly Row[], Outcome>): void {
    if (step.done === true) [this.rows, this.outcome] = [null, step.value];
    else this.rows = step.value;
  }

  /** The hypothesis that it ended with; null where none explains every answer. */
  found(): Point | null {
    return this.outcome?.kind === 'found' ? this.outcome.point : null;
  }

  /** What it ended with. */
  verdict(): Identification {
    const { task, outcome, nans } = this;
    const { question, limits, nanCodes, name } = task;
    const { zeroSigns, seed } = limits;
    const evidence = { rows: this.asked, compared: { zeroSigns, nanCodes }, nans: [...nans.keys()], seed };
    if (outcome === null) throw new Error('not over');
    if (outcome.kind === 'unknown') {
      const { reason, point, wrong } = outcome;
      const nearest = point === null ? null : wordsOfSum(question, point);
      const open = outcome.rows.map(({ row, answer, nearest: near }) => openRow(question, row, answer, near));
      return { verdict: 'unknown', reason, wrong, nearest, open, ...evidence };
    }
    if (nanCodes && nans.size > 1) {
      const reason = `NaN answers have ${nans.size} codes, and the algebra has one: ${[...nans.keys()].join(', ')}`;
      const open = [...nans.values()].map((row) => openRow(question, row, Number.NaN, Number.NaN));
      const nearest = wordsOfSum(question, outcome.point);
      return { verdict: 'unknown', reason, wrong: open.length, nearest, open, ...evidence };
    }
    const { point, bindings, alternatives, fresh, complete } = outcome;
    const bound = Math.min(1, 3 / Math.max(1, fresh));
    return {
      verdict: 'identified',
      target: targetOf(question, point, name, this.asked, fresh, bound),
      arithmetic: wordsOfSum(question, point),
      ...{ bindings, alternatives, fresh, bound, generators, complete },
      ...evidence,
    };
  }
}

function openRow(question: Question, row: Row, answer: number, nearest: number | null): OpenRow {
  const { addend, scale } = question;
  return {
    a: Array.from(row.a),
    b: Array.from(row.b),
    c: addend === null ? null : row.c,
    scaleA: scale === null ? null : Array.from(row.scaleA),
    scaleB: scale === null ? null : Array.from(row.scaleB),
    answer,
    nearest,
  };
}

/** A hypothesis as a target. */
export function targetOf(
  question: Question,
  point: Point,
  name: string,
  asked: number,
  fresh: number,
  bound: number,
): Target {
  const { a, b, addend, positiveZeros, scale, product, reduction, output } = arithmeticOf(question, point);
  const share = `deviates on fewer than ${bound.toPrecision(2)} of rows like these, with 95 % confidence`;
  return defineTarget({
    name,
    summary: `one unit, identified from ${asked} rows of ${question.k} products`,
    source: 'bittrue identify',
    verified: 'model',
    matrixUnits: {
      unit: {
        a: [a.format],
        b: [b?.format ?? a.format],
        load: a.policy.subnormals === 'gradual' ? {} : { subnormals: a.policy.subnormals },
        zeroOperands: positiveZeros ? 'positive' : 'signed',
        k: question.k,
        ...{ scale, product, reduction, output },
        ...(addend === null ? {} : { addend }),
        confidence: `${fresh} rows asked afterwards agree: ${share}`,
      },
    },
  });
}

/**
 * Finds out what a unit computes: c + Σ a_k · b_k of k elements, from what it answers to rows of codes.
 *
 * Structure first: which small terms survive large ones tells the order of additions, and rows of every kind tell widths,
 * rounding, subnormals, overflow and zeros. Each answer narrows the hypotheses, which are data over the algebra of
 * `bittrue/accumulators`. What explains every answer is asked for more, and held against its neighbours, until nothing tells
 * those that survive apart. Every hundredth row is asked twice, in another batch and place.
 *
 * The verdict is `identified`, with a target and what each of its parameters rests on, or `unknown`, with the rows that nothing
 * explains. A target found is no proof: it foretold `fresh` rows, and `bound` says what that is worth. It holds for rows of k
 * products; of longer ones nothing is known.
 *
 * @param ask - gives one code of the result's format for every row, at once or by a promise, as `identify` then does
 * @throws {@link BittrueError} for options out of range, and for answers that are no codes
 * @example
 * import { type Ask, type Codes, identify } from 'bittrue/identification';
 * import { dot } from 'bittrue';
 * import { decode, encode } from 'bittrue/rounding';
 * import { binary16, binary32, type Format } from 'bittrue/formats';
 * const values = (codes: Codes | null, format: Format) => [...(codes ?? [])].map((code) => decode(format, Number(code)));
 * const ask: Ask = ({ rows, k, a, b, c }) => {
 *   const { output } = dot(values(a, binary16), values(b, binary16), {
 *     ...{ rows, width: k, c: values(c, binary32), target: 'v100:f16' },
 *   });
 *   return Array.from(output, (x) => encode(binary32, x));
 * };
 * const found = identify(ask, { k: 8, a: 'binary16', output: 'binary32', agree: 2000 });
 * found.verdict === 'identified' && found.arithmetic; // 'fused blocks of 4, 23 bits cut, to binary32, rounding towardZero'
 */
export function identify(ask: Ask, options: IdentifyOptions): Identification;
export function identify(ask: AskLater, options: IdentifyOptions): Promise<Identification>;
export function identify(ask: Ask | AskLater, options: IdentifyOptions): Identification | Promise<Identification> {
  checkFunction('ask', ask);
  return drive(inquire(defineTask(options)), ask);
}

function* inquire(task: Task): Generator<CodeRows, Identification, unknown> {
  const inquiry = new Inquiry(task);
  while (inquiry.rows !== null) inquiry.answer(yield inquiry.next());
  return inquiry.verdict();
}
