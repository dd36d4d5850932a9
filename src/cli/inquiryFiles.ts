/**
 * What `bittrue probe` and `bittrue identify` write and read: rows, answers, the state between them.
 *
 * @module
 */
import { BittrueError, checkAs, checkList, checkName, checkObject, checkSchema, checkText } from '../errors/index.ts';
import { openNpy, writeNpy, writeSafetensors } from '../files/index.ts';
import { readJsonObject } from '../files/json.ts';
import { readNpyHeader } from '../files/npyHeader.ts';
import { type Format, formatName } from '../formats/index.ts';
import { type CodeRows, type Codes, encodeAll } from '../identification/codes.ts';
import { defineTask, type IdentifyOptions, type Task } from '../identification/identify.ts';
import type { Question } from '../identification/question.ts';
import { parseAnswers, rowsText } from '../identification/text.ts';
import { openFile } from '../node/index.ts';
import type { OutputFile } from '../node/writeFiles.ts';
import { toJson } from '../reports/index.ts';

/** How rows are written. */
export const layouts = ['text', 'npy', 'safetensors'] as const;
export type Layout = (typeof layouts)[number];

const SCHEMA = 'identification-state/1';
/** By which an older state of ours is known. */
export const STATE_MARK = '"identification-state/';
const ROWS_MARK = '# a row a line';

/** The files of rows to ask, by name. */
export function rowFiles(
  question: Question,
  rows: CodeRows,
  batch: number,
  layout: Layout,
): Record<string, OutputFile> {
  const name = `rows-${batch}`;
  if (layout === 'text') return { [`${name}.txt`]: { content: rowsText(question, rows), mark: ROWS_MARK } };
  const tensors = Object.fromEntries(
    (['a', 'b', 'c', 'scaleA', 'scaleB'] as const).flatMap((key) => {
      const data = rows[key];
      if (data === null) return [];
      return [[key, { data, shape: key === 'c' ? [rows.rows] : [rows.rows, data.length / rows.rows] }] as const];
    }),
  );
  if (layout === 'safetensors') return { [`${name}.safetensors`]: { content: writeSafetensors(tensors) } };
  return Object.fromEntries(
    Object.entries(tensors).map(([key, tensor]) => [`${name}-${key}.npy`, { content: writeNpy(tensor) }]),
  );
}

/** A search that was left, with what was answered so far. */
export interface State {
  readonly task: Task;
  readonly layout: Layout;
  /** One list of codes a batch. */
  readonly answers: readonly Codes[];
}

/** A state as JSON: the answers are all that a search needs to come to where it was. */
export function stateText(
  { question, limits, nanCodes, name }: Task,
  layout: Layout,
  answers: readonly Codes[],
): string {
  const { k, a, b, output, addend, scale } = question;
  const options = {
    ...{ k, a: formatName(a), b: formatName(b), output: formatName(output) },
    addend: addend === null ? null : formatName(addend),
    scale: scale === null ? null : { format: formatName(scale.format), block: scale.block },
    ...limits,
    ...{ nanCodes, name },
  };
  const given = answers.map((codes) =>
    Array.from(codes as ArrayLike<number | bigint>, (code) => code.toString(16)).join(' '),
  );
  return toJson({ options, layout, answers: given }, SCHEMA);
}

/** Reads a state. */
export function readState(path: string): State {
  const source = openFile(path);
  const given = readJsonObject(source);
  return checkAs(
    (argument) => (argument.startsWith(path) ? argument : `${path}: ${argument}`),
    () => {
      checkSchema('state', given, [SCHEMA]);
      const { options, layout, answers } = given;
      checkObject('options', options, [
        'k',
        'a',
        'b',
        'output',
        'addend',
        'scale',
        'budget',
        'agree',
        'seed',
        'zeroSigns',
        'nanCodes',
        'name',
      ]);
      const task = defineTask(options as IdentifyOptions);
      const codes = checkList('answers', answers).map((text, i) => {
        const words = checkText(`answers[${i}]`, text).split(' ').filter(Boolean);
        return parseAnswers(task.question.output, words.join('\n'), words.length, `answers[${i}]`);
      });
      return { task, layout: checkName('layout', layout, layouts), answers: codes };
    },
  );
}

/** The whole text of a file. */
export function fileText(path: string): string {
  const source = openFile(path);
  return new TextDecoder().decode(source.read(0, source.size));
}

/** Answers from a text of codes, or from a .npy file: integers are codes, floats are values. */
export function readAnswers(path: string, format: Format, count: number): Codes {
  if (!path.endsWith('.npy')) return parseAnswers(format, fileText(path), count, path);
  const source = openFile(path);
  const { length, read } = openNpy(source);
  if (length !== count) throw new BittrueError('shape', path, `${length} answers`, `${count}, one a row`);
  const data = read(0, length);
  const numbers = Array.from(data as ArrayLike<number>, Number);
  const isCode = /[ui]\d+$/.test(readNpyHeader(source).descr);
  if (!isCode)
    return checkAs(
      (argument) => `${path}: ${argument}`,
      () => encodeAll(format, numbers),
    );
  const words = numbers.map((code) => (code < 0 ? code + 2 ** format.bits : code).toString(16));
  return parseAnswers(format, words.join('\n'), count, path);
}
