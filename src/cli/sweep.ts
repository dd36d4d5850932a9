/**
 * `bittrue sweep`: many runs, a cell for every choice of formats, accumulators, orders and data.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { availableWorkers } from '../engine/index.ts';
import { BittrueError, checkAs, checkInteger } from '../errors/index.ts';
import { attempt } from '../node/paths.ts';
import { formatSweepCsv, sweepHtml, sweepPlots } from '../reports/index.ts';
import {
  cellLine,
  defineSweep,
  readSweepFile,
  type Shard,
  type SweepCell,
  type SweepGrid,
  sweepHeader,
} from '../sweeps/index.ts';
import { checkShard, shardCells } from '../sweeps/lines.ts';
import { EVENTS, OK } from './exit.ts';
import { type Io, tell } from './io.ts';
import { numberOption, refuse, targetOption, targetOrName, wholeOption } from './options.ts';
import { addPictures, checkPictures, drawPictures, type PictureFlags, wantsPictures } from './pictures.ts';
import { progressLine } from './progress.ts';
import { readData, readGrid } from './sweepData.ts';
import { type GrowingFile, growFile } from './sweepFile.ts';
import { runCells } from './sweepThreads.ts';
import { vectorUnitNamed } from './units.ts';

interface Flags extends PictureFlags {
  readonly inputs?: string;
  readonly weights?: string;
  readonly layout?: string;
  readonly rows?: string;
  readonly width?: string;
  readonly channels?: string;
  readonly target?: readonly string[];
  readonly format?: string;
  readonly accumulator?: string;
  readonly order?: string;
  readonly tile?: string;
  readonly promoteEvery?: string;
  readonly scale?: string;
  readonly fit?: string;
  readonly proof?: string;
  readonly seed?: string;
  readonly magnitudes?: boolean;
  readonly shard?: string;
  readonly threads?: string;
  readonly out?: string;
  readonly csv?: boolean;
}

/** What a page of this command names as its generator. */
const GENERATOR = 'bittrue sweep';

/** Adds the command. */
export function addSweep(program: Command, io: Io, exit: (status: number | Promise<number>) => void): void {
  const command = program
    .command('sweep')
    .summary('many runs: formats × accumulators × orders × tiles × targets × data')
    .description(
      'Runs a cell for every choice of a grid and writes a line of JSON for each: events, overflow rate, headroom, error, ' +
        'lost addends, and what can be proved. The same grid gives the same bytes, on any number of threads; a run that was ' +
        'killed goes on with the same --out. Lists have commas; none is a choice of order, tile and promotion. ' +
        'Exit status 1: no cell has a meaning.',
    )
    .argument('<KERNEL>', 'sum, dot, matmul, rmsNorm, layerNorm, softmax; or a grid as a .json file')
    .option(
      '--inputs <FILE>',
      '.npy, .npz#name, .safetensors#name, .gguf#name, or normal, logUniform, outliers (default normal)',
    )
    .option('--weights <FILE>', 'for dot, matmul: likewise; of .npy [K, N], of .safetensors [N, K]')
    .option('--layout <AXES>', 'of weights: kn or nk')
    .option('--rows <N>', 'of what is made up (default 256)')
    .option('--width <K>', 'of what is made up (default 4096)')
    .option('--channels <N>', 'of what is made up (default 1)')
    .option(
      '--target <NAME>',
      'NAME[:UNIT], or a .json file; may be given several times',
      (text, all: string[] = []) => [...all, text],
    )
    .option('--format <LIST>', 'of the operands, such as int8, e4m3fn, int8*int4')
    .option('--accumulator <LIST>', 'such as int12..int32:saturate, binary16, kahan:binary16, exact:binary32')
    .option('--order <LIST>', 'sequential, descending, pairwise, butterfly')
    .option('--tile <LIST>', 'terms a tile')
    .option('--promote-every <LIST>', 'add the sum so far to one in binary32 every n terms')
    .option('--scale <LIST>', 'factors of the inputs (default 1)')
    .option('--fit <HOW>', 'max: quantize, the largest magnitude to the largest of the format; none (default)')
    .option('--proof <SET>', 'what may come: data (default: from its least to its largest), format, none')
    .option('--seed <N>', 'of what is made up (default 0)')
    .option('--magnitudes', 'count the results of every stage by their exponents, for --html and in the lines; slower')
    .option('--shard <i/n>', 'the i-th of n parts; `bittrue merge` joins them')
    .option('--threads <N>', 'cells run side by side (default 1); the bytes are the same')
    .option('--out <FILE>', 'where the lines go; default standard output')
    .option('--csv', 'print comma-separated values');
  addPictures(command).action((kernel: string, flags: Flags) => exit(sweep(kernel, flags, io)));
}

async function sweep(kernel: string, flags: Flags, io: Io): Promise<number> {
  if (flags.csv && flags.out !== undefined) {
    throw new BittrueError('unsupported', '--csv', '--out', 'one of the two; bittrue merge FILE --csv converts a file');
  }
  if (flags.csv) refuse(flags, ['plot'], 'no --csv');
  checkPictures(flags, GENERATOR, [flags.out]);
  const draws = wantsPictures(flags);
  const shard = shardOption(flags.shard);
  const grid = kernel.endsWith('.json') ? gridFrom(kernel, flags) : gridOf(kernel, flags);
  const whole = defineSweep(grid);
  const cells = shardCells(whole.cells, shard);
  const header = sweepHeader(whole, shard);
  const threads = flags.threads === undefined ? 1 : threadsOption(flags.threads);
  let file: GrowingFile | undefined;
  const progress = progressLine(io, '');
  try {
    file = flags.out === undefined ? undefined : growFile(flags.out, header);
    const held = file?.held ?? 0;
    if (held > 0) tell(io, `${held} of ${cells.length} cells are there; going on`);
    const prints = file === undefined && !flags.csv && !flags.plot;
    if (prints) io.out(header);
    const kept: SweepCell[] = [];
    const start = Date.now();
    let refused = file?.refused ?? 0;
    let done = held;
    for await (const cell of runCells(grid, whole, cells.slice(held), threads)) {
      if (cell.refused !== undefined) refused += 1;
      if (flags.csv || (draws && file === undefined)) kept.push(cell);
      file?.add(cellLine(cell));
      if (prints && !io.out(cellLine(cell))) return OK;
      done += 1;
      const total = cells.length;
      const phase = left(Date.now() - start, done - held, total - done, done, total);
      progress.onProgress({ phase, done, total });
    }
    progress.finish();
    if (flags.csv) io.out(formatSweepCsv(kept));
    if (draws) {
      // A run that went on has its first cells in the file alone.
      const shown = flags.out === undefined ? kept : cellsIn(flags.out);
      drawPictures(io, flags, GENERATOR, () => sweepHtml(shown), sweepPlots(shown));
    }
    if (refused > 0)
      tell(io, `${refused} of ${cells.length} cells are refused: their choices have no meaning together`);
    return refused > 0 && refused === cells.length ? EVENTS : OK;
  } finally {
    progress.finish();
    file?.close();
  }
}

/** The cells of a file that is done. */
function cellsIn(path: string): readonly SweepCell[] {
  return (
    readSweepFile(
      attempt(path, () => readFileSync(path, 'utf8')),
      path,
    )?.cells ?? []
  );
}

/** How far a sweep is, and the time that is left if all cells take as long. */
function left(time: number, done: number, rest: number, at: number, total: number): string {
  const seconds = Math.ceil((time / done / 1000) * rest);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const clock =
    hours > 0 ? `${hours} h ${minutes} min` : minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
  return `cell ${at} of ${total}, ${clock} left`;
}

function threadsOption(text: string): number {
  return checkInteger('--threads', numberOption('--threads', text), 1, Math.max(8, 4 * availableWorkers()));
}

function shardOption(text: string | undefined): Shard {
  if (text === undefined) return { index: 1, of: 1 };
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (index === undefined) throw new BittrueError('type', '--shard', text, 'i/n, such as 1/8');
  return checkAs(
    () => '--shard',
    () => checkShard('--shard', { index: Number(index), of: Number(of) }),
  );
}

/** A grid from a file: the choices stand there, and nowhere else. */
function gridFrom(path: string, flags: Flags): SweepGrid {
  const own = ['shard', 'threads', 'out', 'csv', 'html', 'svg', 'plot', 'force'];
  const others = (Object.keys(flags) as (keyof Flags)[]).filter((name) => !own.includes(name));
  refuse(flags, others, `this choice in ${path}`);
  return readGrid(path);
}

function gridOf(kernel: string, flags: Flags): SweepGrid {
  const { inputs, weights, layout, seed, target, fit, proof, magnitudes } = flags;
  const isProduct = kernel === 'dot' || kernel === 'matmul';
  if (!isProduct) {
    refuse(flags, ['weights', 'layout', 'channels'], `dot or matmul, which have weights, in place of ${kernel}`);
  }
  const size = (name: 'rows' | 'width' | 'channels') =>
    flags[name] === undefined ? {} : { [name]: wholeOption(`--${name}`, flags[name], 2 ** 31) };
  const list = (text: string | undefined) => text?.split(',').map((one) => one.trim());
  const choices = (name: string, text: string | undefined) => {
    const found = list(text)?.map((one) => (one === 'none' ? null : one));
    return found === undefined ? {} : { [name]: found };
  };
  const sizes = (name: string, flag: string, text: string | undefined) => {
    const found = list(text)?.map((one) => (one === 'none' ? null : wholeOption(flag, one, 2 ** 31)));
    return found === undefined ? {} : { [name]: found };
  };
  if (!isProduct) for (const text of target ?? []) vectorUnitNamed('--target', text, targetOption(text), kernel);
  const needsWeights = isProduct && weights === undefined ? { weights: 'normal' } : {};
  return {
    kernels: [kernel],
    data: [
      readData('options', {
        ...(inputs === undefined ? {} : { inputs }),
        ...(weights === undefined ? needsWeights : { weights }),
        ...(layout === undefined ? {} : { layout }),
        ...size('rows'),
        ...size('width'),
        ...size('channels'),
      }),
    ],
    ...(target === undefined ? {} : { targets: target.map(targetOrName) }),
    ...choices('formats', flags.format),
    ...choices('accumulators', flags.accumulator),
    ...choices('orders', flags.order),
    ...sizes('tiles', '--tile', flags.tile),
    ...sizes('promotions', '--promote-every', flags.promoteEvery),
    ...(flags.scale === undefined ? {} : { scales: list(flags.scale)?.map((one) => numberOption('--scale', one)) }),
    ...(fit === undefined ? {} : { fit }),
    ...(proof === undefined ? {} : { proof }),
    ...(magnitudes === undefined ? {} : { magnitudes }),
    ...(seed === undefined ? {} : { seed: wholeOption('--seed', seed, Number.MAX_SAFE_INTEGER) }),
  } as SweepGrid;
}
