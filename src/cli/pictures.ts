/**
 * Pictures of an answer: a page, one plot as SVG, plots in the terminal.
 *
 * @module
 */
import { basename, dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { BittrueError, checkInteger } from '../errors/index.ts';
import { checkFolder, writeFiles } from '../node/writeFiles.ts';
import { type Plot, plotSvg, plotText } from '../reports/index.ts';
import { type Io, print } from './io.ts';

/** The flags of a command that draws. */
export interface PictureFlags {
  readonly html?: string;
  readonly svg?: string;
  readonly plot?: boolean;
  readonly force?: boolean;
}

/** Adds the flags. */
export function addPictures(command: Command): Command {
  return command
    .option('--html <FILE>', 'write a page with tables and plots')
    .option('--svg <FILE[#N]>', 'write the first plot, or the N-th')
    .option('--plot', 'print plots for the terminal')
    .option('--force', 'replace files that this command did not write');
}

/** Whether anything is to be drawn. */
export function wantsPictures({ html, svg, plot }: PictureFlags): boolean {
  return html !== undefined || svg !== undefined || plot === true;
}

/** Refuses what could not be written at the end. */
export function checkPictures(
  flags: PictureFlags,
  generator: string,
  others: readonly (string | undefined)[] = [],
): void {
  const { force = false } = flags;
  const files = filesOf(flags, generator);
  if (force && files.length === 0 && others.every((other) => other === undefined)) {
    throw new BittrueError('unsupported', '--force', 'no file to write', '--html or --svg with it');
  }
  const taken = others.flatMap((other) => (other === undefined ? [] : [resolve(other)]));
  for (const { flag, path, mark } of files) {
    if (/[\\/]$/.test(path)) throw new BittrueError('file', flag, path, 'the name of a file, not of a folder');
    if (taken.includes(resolve(path))) throw new BittrueError('file', flag, path, 'a file of its own');
    taken.push(resolve(path));
    checkFolder(dirname(path), { [basename(path)]: { mark } }, { force, argument: flag });
  }
}

/** Draws what is asked for. */
export function drawPictures(
  io: Io,
  flags: PictureFlags,
  generator: string,
  html: () => string,
  plots: readonly Plot[],
): void {
  const { force = false, plot = false } = flags;
  for (const { flag, path, mark, number } of filesOf(flags, generator)) {
    const content = number === null ? html() : plotSvg(plotAt(plots, number));
    writeFiles(dirname(path), { [basename(path)]: { content, mark } }, { force, argument: flag });
  }
  if (plot) print(io, plots.map((one) => plotText(one, { columns: Math.min(100, io.columns ?? 80) })).join('\n\n'));
}

interface PictureFile {
  readonly flag: string;
  readonly path: string;
  /** What tells that a command of ours wrote it. */
  readonly mark: string;
  /** Of the plot; null: the page. */
  readonly number: number | null;
}

function filesOf({ html, svg }: PictureFlags, generator: string): PictureFile[] {
  const files: PictureFile[] = [];
  if (html !== undefined) files.push({ flag: '--html', path: html, mark: `content="${generator}"`, number: null });
  if (svg !== undefined) {
    const [, path = svg, digits = '1'] = /^(.*)#(\d+)$/.exec(svg) ?? [];
    const number = checkInteger('--svg', Number(digits), 1, 2 ** 20);
    files.push({ flag: '--svg', path, mark: 'class="plot"', number });
  }
  return files;
}

function plotAt(plots: readonly Plot[], number: number): Plot {
  const found = plots[number - 1];
  if (found !== undefined) return found;
  throw new BittrueError(
    'range',
    '--svg',
    `#${number}`,
    plots.length === 0 ? 'cells to draw' : `#1 to #${plots.length}`,
  );
}
