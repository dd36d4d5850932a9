/**
 * `bittrue verify --target`: rows that a chip answered, against a target, the first differences term by term.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { Format } from '../formats/index.ts';
import { areEqual } from '../formats/nameOf.ts';
import { defineQuestion, type Question } from '../identification/question.ts';
import { type Measured, parseMeasured } from '../identification/text.ts';
import { dot } from '../kernels/index.ts';
import { toJson } from '../reports/index.ts';
import type { MatrixUnit, Target } from '../targets/index.ts';
import { productUnitOf } from '../targets/units.ts';
import { codeText } from '../testing/distinguish/distinguish.ts';
import type { Probe } from '../testing/distinguish/probe.ts';
import { sideOf } from '../testing/distinguish/side.ts';
import { spellTerm, trace } from '../testing/distinguish/trace.ts';
import { EVENTS, OK } from './exit.ts';
import { type Io, print, printWords } from './io.ts';
import { formatOption, targetOption } from './options.ts';

/** The options that it reads. */
export interface VerifyTargetFlags {
  readonly target: string;
  readonly a?: string;
  readonly b?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** Rows with answers against a target: exit 0 where all agree, 1 where some differ. */
export function verifyTarget(io: Io, text: string, name: string, flags: VerifyTargetFlags): number {
  const target = targetOption(flags.target);
  const { kind, unit } = productUnitOf('--target', target);
  if (kind !== 'matrix') throw new BittrueError('unsupported', '--target', flags.target, 'a matrix unit, NAME:UNIT');
  const formats = {
    ...(flags.a === undefined ? {} : { a: formatOption(io, flags.a) }),
    ...(flags.b === undefined ? {} : { b: formatOption(io, flags.b) }),
  };
  const question = questionOf(unit, formats, text, name);
  const { rows, answers } = parseMeasured(question, text, name);
  const ours = results(target, unit, question, rows);
  const wrong = answers.flatMap((answer, i) => (Object.is(answer, ours[i]) ? [] : [i]));
  const spelt = `${target.name}:${unit.name}`;
  const spell = (value: number): string => `${spellTerm(value)} (${codeText(question.output, value)})`;
  const differences = wrong.slice(0, flags.limit).map((i) => {
    const steps = trace(
      sideOf('--target', target, 'dot', { a: question.a, b: question.b }),
      probeOf(question, rows[i] as Row),
    ).steps;
    return {
      row: i + 1,
      theirs: spell(answers[i] as number),
      ours: spell(ours[i] as number),
      steps: steps.map(({ words }) => words),
    };
  });
  if (flags.json) {
    print(
      io,
      toJson({ target: spelt, rows: rows.length, different: wrong.length, differences }, 'target-verification/1'),
    );
  } else {
    printWords(io, `${spelt}: ${wrong.length} of ${rows.length} rows differ`);
    for (const { row, theirs, ours: own, steps } of differences) {
      printWords(io, `\nrow ${row}: theirs ${theirs}, ${spelt} ${own}`);
      for (const words of steps) printWords(io, `  ${words}`);
    }
    if (wrong.length > differences.length) printWords(io, `\n… ${wrong.length - differences.length} more`);
  }
  return wrong.length === 0 ? OK : EVENTS;
}

type Row = Measured['rows'][number];

/** The kind of sum that a unit forms, as long as the first row says. */
function questionOf(
  unit: MatrixUnit,
  given: { readonly a?: Format; readonly b?: Format },
  text: string,
  name: string,
): Question {
  const first = text.split('\n').find((line) => (line.split('#')[0] as string).trim() !== '') ?? '';
  const count = (first.split('#')[0] as string).split(/[\s,;]+/).filter((word) => word !== '').length;
  const a = given.a ?? (unit.a[0] as Format);
  const b = given.b ?? (unit.b.some((one) => areEqual(one, a)) ? a : (unit.b[0] as Format));
  const scale = unit.scale === null ? null : { format: unit.scale.format, block: unit.scale.block };
  // An odd number of codes has no addend; where blocks have scales, there always is one.
  const isBare = scale === null && count % 2 === 1;
  const rest = count - (isBare ? 1 : 2);
  // Two codes an element, and of each block two scales.
  let k = rest / 2;
  if (scale !== null) for (k = 1; 2 * k + 2 * Math.ceil(k / scale.block) < rest; ) k++;
  if (!Number.isInteger(k) || k < 1) {
    throw new BittrueError(
      'shape',
      `${name}, line 1`,
      `${count} codes`,
      'k codes of a, k of b, one of c where the unit takes one, one of the answer',
    );
  }
  const addend = isBare ? null : unit.addend.format;
  return defineQuestion({ k, a, b, output: unit.output.format, addend, scale }, name);
}

function results(target: Target, unit: MatrixUnit, { k, a, b }: Question, rows: readonly Row[]): Float64Array {
  const all = (of: (row: Row) => Float64Array | readonly number[]): Float64Array => {
    const found: number[] = [];
    for (const row of rows) for (const x of of(row)) found.push(x);
    return Float64Array.from(found);
  };
  return dot(
    all((row) => row.a),
    all((row) => row.b),
    {
      ...{ rows: rows.length, width: k, target, unit: unit.name, a, b, c: all((row) => [row.c]), record: 'off' },
      ...(unit.scale === null ? {} : { scaleA: all((row) => row.scaleA), scaleB: all((row) => row.scaleB) }),
    },
  ).output;
}

function probeOf({ k, scale }: Question, { a, b, c, scaleA, scaleB }: Row): Probe {
  const elements = Array.from(a, (x, at) => ({ at, a: x, b: b[at] as number }));
  const scales = scale === null ? [] : Array.from(scaleA, (x, at) => ({ at, a: x, b: scaleB[at] as number }));
  return { width: k, elements, c, scales };
}
