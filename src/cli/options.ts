/**
 * Options that several commands share, read from their text.
 *
 * @module
 */
import { BittrueError, checkAs, checkInteger, checkSchema, nearest } from '../errors/index.ts';
import { readJsonObject } from '../files/json.ts';
import { nameNote } from '../formats/aliases.ts';
import {
  type AnyBlock,
  blockCatalogue,
  type Codebook,
  codebookCatalogue,
  type Format,
  formatName,
  parseBlock,
  parseFormat,
} from '../formats/index.ts';
import { openFile } from '../node/index.ts';
import { wrap } from '../reports/text/layout.ts';
import { defineTarget, findTarget, type Target, type TargetName } from '../targets/index.ts';
import { withUnit } from '../targets/units.ts';
import { type Io, look, print, tell } from './io.ts';

/** A finite decimal number. */
export function numberOption(argument: string, text: string): number {
  const found = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(found)) throw new BittrueError('type', argument, text, 'a finite decimal number');
  return found;
}

/** A whole number from 0 to a limit. */
export function wholeOption(argument: string, text: string, most: number): number {
  return checkInteger(argument, numberOption(argument, text), 0, most);
}

/** A word where a format's name is another format's elsewhere. */
export function noteOf(text: string, format: Format | AnyBlock | Codebook): string | null {
  return format.kind === 'block' || format.kind === 'codebook' ? null : nameNote(text, formatName(format));
}

/** A format by its text, and that word. */
export function formatOption(io: Pick<Io, 'err' | 'columns'>, text: string): Format {
  const format = parseFormat(text);
  const note = noteOf(text, format);
  if (note !== null) tell(io, note);
  return format;
}

/** For a format whose note stands in the result. */
export const QUIET: Pick<Io, 'err' | 'columns'> = { err: () => undefined };

/** The note on top of a result. */
export function printNote(io: Io, note: string | null): void {
  if (note !== null) print(io, `${wrap(`note: ${note}`, '  ', look(io)).join('\n')}\n`);
}

/** Refuses two arguments whose order was swapped: the second one is what the first has to be. */
export function checkOrder(
  argument: string,
  [first, second = '']: readonly (string | undefined)[],
  isFirst: (text: string) => boolean,
  line: string,
): void {
  if (first === undefined || isFirst(first) || !isFirst(second)) return;
  throw new BittrueError('name', argument, first, `${second} here: bittrue ${line}`);
}

/** Whether a text is a format's name. */
export function isFormat(text: string): boolean {
  try {
    anyFormatOption(QUIET, text);
    return true;
  } catch {
    return false;
  }
}

/** A format of numbers or of blocks, or a codebook, by its text. `mxint8` is an element; its blocks are `block:mxint8;size=32`. */
export function anyFormatOption(io: Pick<Io, 'err' | 'columns'>, text: string): Format | AnyBlock | Codebook {
  if (Object.hasOwn(codebookCatalogue, text.toLowerCase())) return codebookCatalogue[text.toLowerCase()];
  if (/^(mxfp|nvfp|msfp|block:)/i.test(text)) return parseBlock(text);
  try {
    return formatOption(io, text);
  } catch (error) {
    if (!(error instanceof BittrueError) || error.code !== 'name' || error.suggestions.length > 0) throw error;
    const near = nearest(text, [...Object.keys(blockCatalogue), ...Object.keys(codebookCatalogue)]);
    throw new BittrueError(error.code, error.argument, text, error.expected, near);
  }
}

/** FILE.json, or FILE.json:UNIT. */
const ofFile = /^(.*\.json)(?::([^:]+))?$/;

/** A target by its text `NAME[:UNIT]`, or from a JSON file, `FILE.json[:UNIT]`. */
export function targetOption(text: string): Target {
  const [, file, unit] = ofFile.exec(text) ?? [];
  if (file === undefined) return findTarget(text);
  const source = openFile(file);
  // `bittrue targets NAME --json` writes these two as every JSON of ours has them.
  const { bittrue: _version, schema, ...target } = readJsonObject(source);
  if (schema !== undefined) checkSchema('target', { schema }, ['target/2', 'target/1']);
  return checkAs(
    (path) => `${source.name}: ${path}`,
    () => {
      const made = defineTarget(target);
      return unit === undefined ? made : withUnit('target', made, unit);
    },
  );
}

/** A target of the catalogue keeps its text; one from a file is data. */
export function targetOrName(text: string): Target | TargetName {
  const target = targetOption(text);
  return ofFile.test(text) ? target : (text as TargetName);
}

/** An option's name as the user writes it: `--residual-scale`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** An option that would do nothing is a mistake to tell. */
export function refuse<T extends object>(options: T, names: readonly (keyof T & string)[], wanted: string): void {
  for (const name of names) {
    const given = options[name];
    if (given !== undefined) throw new BittrueError('unsupported', flagOf(name), given, wanted);
  }
}

/** The variants of SLaNC, as the command line lists them. */
export const variantNames = ['frobenius', 'frobeniusGate', 'dmx', 'residual'] as const;
