/**
 * Text in columns: what every rendering here is made of. Plain strings, no terminal needed.
 *
 * @module
 */
import { checkInteger, checkObject } from '../../errors/index.ts';

/** The width that renderings keep to where none is asked for, in columns of a terminal. */
export const WIDTH = 100;

/** How a rendering looks. */
export interface RenderOptions {
  /** Whether to colour with ANSI codes. Default false. */
  readonly color?: boolean;
  /** Columns to keep to. Default 100. */
  readonly width?: number;
}

/** The options of a rendering, checked. */
export function checkLook<T extends RenderOptions>(options: T, more: readonly string[] = []): T {
  checkObject('options', options, ['color', 'width', ...more]);
  if (options.width !== undefined) checkInteger('options.width', options.width, 1, 2 ** 20);
  return options;
}

/** One column of a table. */
export interface Column {
  readonly title: string;
  /** Neighbouring columns of the same group share a heading above their titles. */
  readonly group?: string;
  /** Numbers stand right (default), names left. */
  readonly align?: 'left' | 'right';
}

/** Columns by their titles, of which the first ones hold names. */
export function columns(titles: readonly string[], names = 1): Column[] {
  return titles.map((title, i) => (i < names ? { title, align: 'left' } : { title }));
}

const ESCAPE = '\u001b';
const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;
const anyCode = new RegExp(`${ESCAPE}\\[\\d+m`, 'g');

/** Text in a colour, where colour is wanted. */
export function paint(color: keyof typeof codes, text: string, { color: wanted = false }: RenderOptions): string {
  return wanted && text !== '' ? `${ESCAPE}[${codes[color]}m${text}${ESCAPE}[0m` : text;
}

/** Columns that a text takes. */
function lengthOf(text: string): number {
  return text.replace(anyCode, '').length;
}

function pad(text: string, to: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, to - lengthOf(text)));
  return align === 'left' ? text + space : space + text;
}

/** The longest that a name in the first column may be. */
const LONGEST_NAME = 48;

/**
 * A table that fits: what does not fit beside the first column goes into further blocks below,
 * each with the first column again.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { width = WIDTH }: RenderOptions = {},
): string[] {
  const names = rows.map((row) => shorten(row[0] ?? '', LONGEST_NAME));
  const cells = rows.map((row, r) => [names[r], ...row.slice(1)]);
  const widths = columns.map(({ title }, c) =>
    cells.reduce((most, row) => Math.max(most, lengthOf(row[c] ?? '')), title.length),
  );
  const lines: string[] = [];
  for (const block of blocks(columns, widths, width)) {
    if (lines.length > 0) lines.push('');
    const line = (texts: readonly string[]) =>
      block
        .map((c) => pad(texts[c] ?? '', widths[c], columns[c].align ?? 'right'))
        .join('  ')
        .trimEnd();
    if (columns.some(({ group }) => group !== undefined)) lines.push(groupLine(columns, widths, block));
    lines.push(line(columns.map(({ title }) => title)));
    for (const row of cells) lines.push(line(row));
  }
  return lines;
}

/** The columns of each block: the first, and as many others as fit; a group that fits one block is not divided. */
function blocks(columns: readonly Column[], widths: readonly number[], most: number): number[][] {
  const found: number[][] = [];
  let block: number[] = [];
  let used = 0;
  for (let c = 1; c < widths.length; c++) {
    const whole = groupWidth(columns, widths, c);
    const needed = widths[0] + whole > most ? 2 + widths[c] : whole;
    if (block.length > 0 && used + needed > most) {
      found.push([0, ...block]);
      block = [];
    }
    if (block.length === 0) used = widths[0];
    used += 2 + widths[c];
    block.push(c);
  }
  return [...found, [0, ...block]];
}

/** What the group that starts at a column takes, the spaces before its columns with it; elsewhere the column alone. */
function groupWidth(columns: readonly Column[], widths: readonly number[], from: number): number {
  const { group } = columns[from];
  let end = from + 1;
  if (group !== undefined && columns[from - 1].group !== group) {
    while (columns[end]?.group === group) end++;
  }
  return widths.slice(from, end).reduce((sum, width) => sum + 2 + width, 0);
}

/** Each group's name over the columns that it spans, between rules. */
function groupLine(columns: readonly Column[], widths: readonly number[], block: readonly number[]): string {
  let line = '';
  for (let at = 0; at < block.length; ) {
    const { group } = columns[block[at]];
    let span = widths[block[at]];
    let end = at + 1;
    for (; group !== undefined && end < block.length && columns[block[end]].group === group; end++) {
      span += 2 + widths[block[end]];
    }
    line += (at === 0 ? '' : '  ') + heading(group ?? '', span);
    at = end;
  }
  return line.trimEnd();
}

function heading(group: string, span: number): string {
  if (group === '' || span < 4) return ' '.repeat(span);
  const name = ` ${shorten(group, span - 2)} `;
  const left = Math.floor((span - name.length) / 2);
  return '─'.repeat(left) + name + '─'.repeat(span - name.length - left);
}

/** A text cut to a length, the cut marked. */
export function shorten(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, Math.max(0, longest - 1))}…`;
}

/** A word that is longer than a line, in pieces. */
function pieces(word: string, longest: number): string[] {
  if (lengthOf(word) <= longest) return [word];
  return Array.from({ length: Math.ceil(word.length / longest) }, (_, i) => word.slice(i * longest, (i + 1) * longest));
}

/** Words in lines of at most so many columns; every line but the first starts with `indent`. A longer word is divided. */
export function wrap(text: string, indent = '', { width = WIDTH }: RenderOptions = {}): string[] {
  const lines: string[] = [];
  let line = /^ */.exec(text)?.[0] ?? '';
  let isEmpty = true;
  const longest = Math.max(1, width - Math.max(line.length, indent.length));
  for (const word of text
    .trimStart()
    .split(' ')
    .flatMap((word) => pieces(word, longest))) {
    if (!isEmpty && lengthOf(line) + 1 + lengthOf(word) > width) {
      lines.push(line.trimEnd());
      line = indent;
      isEmpty = true;
      if (word === '') continue;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line.trimEnd()];
}
