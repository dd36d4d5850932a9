/**
 * Rows as text: a line a row, hexadecimal codes between blanks or commas, k of A, k of B, the addend where there is one, the
 * scales of A and of B where there are some, and the answer where it is known. What follows a # is a remark.
 *
 * @module
 */
import { BittrueError, checkText } from '../errors/index.ts';
import type { Format } from '../formats/index.ts';
import { answersOf, type CodeRows, type Codes, codesFor, decodeOne } from './codes.ts';
import { type Question, scalesOf } from './question.ts';
import type { Row } from './row.ts';

/** Rows with their answers, as values. */
export interface Measured {
  readonly rows: readonly Row[];
  readonly answers: readonly number[];
}

/** Rows as text. */
export function rowsText(question: Question, rows: CodeRows): string {
  const { k, addend, scale } = question;
  const scales = scalesOf(question);
  const names = ['a', 'b'].map((name) => `${k} of ${name}`);
  const heading = [
    ...names,
    ...(addend === null ? [] : ['c']),
    ...(scale === null ? [] : [`${scales} + ${scales} scales`]),
  ];
  const digits = (codes: Codes, format: Format, r: number, count: number): string[] =>
    Array.from(codes.subarray(r * count, (r + 1) * count) as ArrayLike<number | bigint>, (code) =>
      code.toString(16).padStart(Math.ceil(format.bits / 4), '0'),
    );
  const lines = Array.from({ length: rows.rows }, (_, r) =>
    [
      ...digits(rows.a, question.a, r, k),
      ...digits(rows.b, question.b, r, k),
      ...(rows.c === null || addend === null ? [] : digits(rows.c, addend, r, 1)),
      ...(scale === null || rows.scaleA === null ? [] : digits(rows.scaleA, scale.format, r, scales)),
      ...(scale === null || rows.scaleB === null ? [] : digits(rows.scaleB, scale.format, r, scales)),
    ].join(' '),
  );
  return `# a row a line, hexadecimal codes: ${heading.join(', ')}\n${lines.join('\n')}\n`;
}

/** The words of every line that has some, with its number. */
function wordsOf(text: string): { readonly line: number; readonly words: readonly string[] }[] {
  return text.split('\n').flatMap((full, i) => {
    const words = (full.split('#')[0] as string).split(/[\s,;]+/).filter((word) => word !== '');
    return words.length === 0 ? [] : [{ line: i + 1, words }];
  });
}

function codeAt(format: Format, word: string, place: string): number {
  const hex = word.replace(/^0x/i, '');
  if (!/^[0-9a-f]+$/i.test(hex)) throw new BittrueError('value', place, word, 'a hexadecimal code');
  return decodeOne(format, BigInt(`0x${hex}`), place);
}

/** Rows with answers from text. */
export function parseMeasured(question: Question, text: string, name = 'rows'): Measured {
  const { k, a, b, output, addend, scale } = question;
  const scales = scalesOf(question);
  const [rows, answers]: [Row[], number[]] = [[], []];
  const wanted = 2 * k + (addend === null ? 0 : 1) + 2 * scales + 1;
  for (const { line, words } of wordsOf(checkText('text', text))) {
    const place = `${name}, line ${line}`;
    if (words.length !== wanted) {
      throw new BittrueError(
        'shape',
        place,
        `${words.length} codes`,
        `${wanted}: ${k} of a, ${k} of b${addend === null ? '' : ', c'}, the answer`,
      );
    }
    let at = 0;
    const take = (format: Format, count: number): Float64Array =>
      Float64Array.from({ length: count }, () => codeAt(format, words[at++] as string, place));
    const [x, y] = [take(a, k), take(b, k)];
    const c = addend === null ? 0 : (take(addend, 1)[0] as number);
    const [scaleA, scaleB] =
      scale === null
        ? [new Float64Array(0), new Float64Array(0)]
        : [take(scale.format, scales), take(scale.format, scales)];
    rows.push({ a: x, b: y, c, scaleA, scaleB });
    answers.push(take(output, 1)[0] as number);
  }
  if (rows.length === 0) throw new BittrueError('value', name, 'no rows', 'a line a row');
  return { rows, answers };
}

/** Codes of answers from text, one a line or several. */
export function parseAnswers(format: Format, text: string, count: number, name: string): Codes {
  const words = wordsOf(text).flatMap(({ line, words: own }) => own.map((word) => ({ word, line })));
  if (words.length !== count) throw new BittrueError('shape', name, `${words.length} answers`, `${count}, one a row`);
  const codes = codesFor(format, count);
  words.forEach(({ word, line }, i) => {
    const place = `${name}, line ${line}`;
    codeAt(format, word, place);
    const code = BigInt(`0x${word.replace(/^0x/i, '')}`);
    if (codes instanceof BigUint64Array) codes[i] = code;
    else codes[i] = Number(code);
  });
  answersOf(format, codes, count);
  return codes;
}
