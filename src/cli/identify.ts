/**
 * `bittrue identify`: what a unit computes, from its answers to rows of `bittrue probe`, or from rows measured before.
 *
 * @module
 */
import { basename, dirname, join } from 'node:path';
import type { Command } from 'commander';
import { BittrueError } from '../errors/index.ts';
import { codesOf } from '../identification/codes.ts';
import { explainRows } from '../identification/explainRows.ts';
import { defineTask, type Identification, Inquiry } from '../identification/identify.ts';
import { parseMeasured, rowsText } from '../identification/text.ts';
import { writeFiles } from '../node/writeFiles.ts';
import { toJson } from '../reports/index.ts';
import { EVENTS, OK } from './exit.ts';
import { fileText, readAnswers, readState, rowFiles, STATE_MARK, stateText } from './inquiryFiles.ts';
import { type Io, print, printWords } from './io.ts';
import { refuse } from './options.ts';
import { addSumOptions, type SumFlags, sumOptions } from './probe.ts';

interface Flags extends SumFlags {
  readonly json?: boolean;
}

const sumFlags = ['k', 'a', 'b', 'output', 'addend', 'scale'] as const;

/** Adds the command. */
export function addIdentify(program: Command, io: Io, exit: (status: number) => void): void {
  addSumOptions(
    program
      .command('identify')
      .summary('what an undocumented unit computes, from what it answers')
      .description(
        'With STATE and ANSWERS: takes the answers to the rows that bittrue probe or identify wrote last, and writes the next rows, or the ' +
          'verdict: target.json, which --target takes, and verdict.json with what each parameter rests on. With ROWS alone: which ' +
          'hypotheses explain rows that were measured before (a line a row: codes of a, of b, c, the answer), and rows to ' +
          'measure next; --k, --a and --output say what they are.\n' +
          'Exit status: 0 identified, or rows to ask were written; 1 unknown; 2 wrong usage or input.',
      )
      .argument('<STATE|ROWS>', 'state.json of bittrue probe, or a text of measured rows')
      .argument('[ANSWERS]', 'hexadecimal codes, one a line; or a .npy file of codes or numbers'),
  )
    .option('--json', 'print data')
    .action((file: string, answers: string | undefined, flags: Flags) => {
      if (answers === undefined) return exit(measured(io, file, flags));
      refuse(flags, sumFlags, 'ROWS alone: the state knows what was asked');
      exit(goOn(io, file, answers, flags));
    });
}

/** Takes answers, and writes what comes next. */
function goOn(io: Io, file: string, answers: string, { json }: Flags): number {
  const { task, layout, answers: before } = readState(file);
  const inquiry = new Inquiry(task);
  for (const codes of before) {
    if (inquiry.rows === null)
      throw new BittrueError('value', file, `${before.length} lists of answers`, 'fewer: the search was over');
    inquiry.answer(codes);
  }
  if (inquiry.rows === null)
    throw new BittrueError('value', file, 'a search that is over', 'one that waits for answers');
  const given = readAnswers(answers, task.question.output, inquiry.rows.length);
  inquiry.answer(given);
  const all = [...before, given];
  const folder = dirname(file);
  const state = { content: stateText(task, layout, all), mark: STATE_MARK };
  const name = basename(file);
  // The state goes last and alone: it holds all answers, and whoever is stopped before has the old one, which leads here again.
  if (inquiry.rows !== null) {
    const rows = rowFiles(task.question, inquiry.next(), all.length + 1, layout);
    writeFiles(folder, rows, { force: true });
    writeFiles(folder, { [name]: state }, { force: true });
    const paths = Object.keys(rows).map((one) => join(folder, one));
    if (json) print(io, toJson({ verdict: 'open', rows: inquiry.rows.length, files: paths }, 'identification-step/1'));
    else printWords(io, `${inquiry.rows.length} rows to ask: ${paths.join(', ')}`);
    return OK;
  }
  const verdict = inquiry.verdict();
  const content = toJson(verdict, 'identification/1');
  const target =
    verdict.verdict === 'identified' ? { 'target.json': { content: toJson(verdict.target, 'target/2') } } : {};
  writeFiles(folder, { 'verdict.json': { content }, ...target }, { force: true });
  writeFiles(folder, { [name]: state }, { force: true });
  if (json) print(io, content);
  else printWords(io, verdictText(verdict));
  if (!json && verdict.verdict === 'identified')
    printWords(io, `\nwritten: ${join(folder, 'target.json')}, ${join(folder, 'verdict.json')}`);
  return verdict.verdict === 'identified' ? OK : EVENTS;
}

/** A verdict in words. */
export function verdictText(verdict: Identification): string {
  if (verdict.verdict === 'unknown') {
    const open = verdict.open.slice(0, 5).map(({ a, b, c, answer, nearest }) => {
      const terms = a.flatMap((x, i) => (x * (b[i] as number) === 0 ? [] : [`${x}·${b[i]}`]));
      const told = terms.length > 6 ? [...terms.slice(0, 6), `… ${terms.length - 6} more`] : terms;
      return `  ${[...(c === null ? [] : [c]), ...told].join(' + ')}: ${answer}, the nearest hypothesis says ${nearest}`;
    });
    const near = verdict.nearest === null ? [] : [`the nearest: ${verdict.nearest}`];
    return [`unknown: ${verdict.reason}`, ...near, ...open].join('\n');
  }
  const { arithmetic, rows, fresh, bound, bindings, alternatives, complete } = verdict;
  return [
    `identified from ${rows} rows: ${arithmetic}`,
    `${fresh} rows asked afterwards agree: it deviates on fewer than ${bound.toPrecision(2)} of rows like these, with 95 % confidence`,
    ...(complete ? [] : ['the budget ended before the search did']),
    ...bindings
      .filter((one) => one.rows > 0)
      .map((one) => `  ${one.parameter} ${one.value}: ${one.nearest} fails on ${one.rows} rows`),
    ...alternatives.map((one) => `  ${one.verdict}: ${one.words}${one.rows > 0 ? ` (${one.rows} rows)` : ''}`),
  ].join('\n');
}

/** Hypotheses for rows that were measured before. */
function measured(io: Io, file: string, flags: Flags): number {
  if (/\.json$/.test(file))
    throw new BittrueError('type', 'ANSWERS', undefined, `a file: bittrue identify ${file} ANSWERS`);
  const { question, limits } = defineTask(sumOptions(flags));
  const found = explainRows(question, parseMeasured(question, fileText(file), file), limits);
  if (flags.json) print(io, toJson({ ...found, next: found.next.length }, 'measured-rows/1'));
  else {
    printWords(io, `${found.rows} rows of ${question.k} products`);
    printWords(
      io,
      found.known.length === 0
        ? 'no unit of the catalogue explains all'
        : `units of the catalogue that explain all: ${found.known.join(', ')}`,
    );
    if (found.nearest.length > 0)
      printWords(
        io,
        `the next ones: ${found.nearest.map(({ name, wrong }) => `${name} fails on ${wrong}`).join(', ')}`,
      );
    printWords(
      io,
      found.arithmetic === null
        ? `nothing explains all rows: the nearest hypothesis leaves ${found.wrong}`
        : `explains all: ${found.arithmetic}`,
    );
    for (const one of found.bindings.filter((binding) => binding.rows > 0)) {
      printWords(io, `  ${one.parameter} ${one.value}: ${one.nearest} fails on ${one.rows} rows`);
    }
    for (const one of found.alternatives) printWords(io, `  open: ${one.words}`);
    if (found.next.length > 0) {
      printWords(io, '\nrows to measure next, on which they differ:');
      print(io, rowsText(question, codesOf(question, found.next)).trimEnd());
    }
  }
  return found.arithmetic === null ? EVENTS : OK;
}
