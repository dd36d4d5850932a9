/**
 * `bittrue recipes`: what block formats, filled by each producer, make of tensors.
 *
 * @module
 */
import type { Command } from 'commander';
import { defaultEngine } from '../engine/engine.ts';
import { BittrueError, checkAs, checkName } from '../errors/index.ts';
import { type Checkpoint, readTensor } from '../files/index.ts';
import { matcher } from '../models/captured.ts';
import { openTensors } from '../node/index.ts';
import {
  compareRecipes,
  parseRecipe,
  type RecipeComparison,
  totalRecipes,
  usualRecipes,
} from '../quantization/index.ts';
import { formatRecipes, formatRecipesCsv, toJson } from '../reports/index.ts';
import { count } from '../reports/numbers.ts';
import type { Tensor } from '../tensors/index.ts';
import { OK } from './exit.ts';
import { type Io, look, print } from './io.ts';
import { namedTensor } from './namedTensor.ts';
import { progressLine } from './progress.ts';

interface Flags {
  readonly recipes?: string;
  readonly tensors?: string;
  readonly inputs?: string;
  readonly csv?: boolean;
  readonly json?: boolean;
}

/** A tensor by its name. */
interface Named {
  readonly name: string;
  readonly read: () => Tensor;
}

/** How many tensors with collapsed blocks are named. */
const MOST_NAMED = 8;

/** Adds the command. */
export function addRecipes(program: Command, io: Io, exit: (status: number) => void): void {
  program
    .command('recipes')
    .summary('one tensor, all recipes: block formats and scale rules compared on your numbers')
    .description(
      'Puts a tensor, or every tensor of a file, into block formats, each as its producer fills it, and tells what became of the ' +
        'numbers: underflows and overflows, scales that were lost, blocks that collapsed onto their largest element, SQNR. A ' +
        'recipe is a block format, and after @ a producer or a scale rule: mxfp4@rceil, nvfp4@fourOverSix, ' +
        "'block:e2m1fn;size=16;scale=ue5m3'.",
    )
    .argument(
      '<FILE>',
      'a .npy, .npz, .safetensors or .gguf file, a model folder, or FILE#TENSOR; blocks run along the last axis',
    )
    .option('--recipes <LIST>', `with commas (default: ${usualRecipes.length} in use)`)
    .option('--tensors <PATTERN>', 'of several tensors those whose names match; * stands for any text')
    .option('--inputs <FILE>', 'rows [.., in] of a weight [out, in]: the SQNR of its outputs too')
    .option('--csv', 'print a line a tensor and recipe')
    .option('--json', 'print data')
    .action((file: string, flags: Flags) => {
      recipes(file, flags, io);
      exit(OK);
    });
}

function recipes(file: string, flags: Flags, io: Io): void {
  if (flags.csv && flags.json) throw new BittrueError('unsupported', '--csv', true, 'no --json, or one of both');
  const chosen = (flags.recipes?.split(',').map((text) => text.trim()) ?? usualRecipes).map((text) =>
    parseRecipe(text),
  );
  const tensors = tensorsOf(file, flags.tensors);
  const inputs = flags.inputs === undefined ? undefined : single('--inputs', flags.inputs);
  if (inputs !== undefined && tensors.length > 1) {
    throw new BittrueError('unsupported', '--inputs', flags.inputs, `FILE#TENSOR, one of ${tensors.length} tensors`);
  }
  const found = compareAll(io, tensors, chosen, inputs);
  if (flags.json) {
    const data = found.map(({ name, shape, comparison }) => ({ name, shape, ...comparison }));
    print(io, toJson({ tensors: data }, 'recipe-comparison/1'));
  } else if (flags.csv) {
    const lines = found.map(({ name, comparison }, i) => formatRecipesCsv(name, comparison.rows, i === 0));
    print(io, lines.join('').replace(/\n$/, ''));
  } else {
    const all = totalRecipes(found.map(({ comparison }) => comparison));
    const rows = found.length === 1 ? found[0]!.comparison.rows : all.rows;
    const what =
      found.length === 1 ? `${found[0]!.name} [${found[0]!.shape.join(', ')}]` : count(found.length, 'tensor');
    print(io, `${what}, ${count(all.numbers, 'number')}\n`);
    print(io, formatRecipes(rows, look(io)));
    if (found.length > 1) print(io, collapsedText(found));
  }
}

/** One tensor's comparison. */
interface Compared {
  readonly name: string;
  readonly shape: readonly number[];
  readonly comparison: RecipeComparison;
}

function compareAll(
  io: Io,
  tensors: readonly Named[],
  chosen: readonly ReturnType<typeof parseRecipe>[],
  inputs: Tensor | undefined,
): readonly Compared[] {
  const progress = progressLine(io, '');
  const total = tensors.length * chosen.length;
  let done = 0;
  try {
    return tensors.map(({ name, read }) => {
      progress.begin(name);
      const x = read();
      const engine = inputs === undefined ? null : defaultEngine();
      const parts = chosen.map((recipe) => {
        const part = checkAs(
          (path) => path.replace(/^x\b/, name).replace(/^options\.inputs\b/, '--inputs'),
          () => compareRecipes(x, { recipes: [recipe], engine, ...(inputs === undefined ? {} : { inputs }) }),
        );
        done += 1;
        progress.onProgress({ phase: `${name}, ${recipe.name}`, done, total });
        return part;
      });
      return { name, shape: x.shape, comparison: { ...parts[0]!, rows: parts.flatMap(({ rows }) => rows) } };
    });
  } finally {
    progress.finish();
  }
}

/** The tensors that a text and a pattern name. */
function tensorsOf(text: string, pattern: string | undefined): readonly Named[] {
  const one = namedTensor(text);
  if (one !== null) {
    if (pattern !== undefined) throw new BittrueError('unsupported', '--tensors', pattern, 'FILE without #TENSOR');
    return [{ name: text.slice(text.indexOf('#') + 1), read: () => one.tensor }];
  }
  const checkpoint = openTensors(text);
  const matches = matcher(pattern ?? '*');
  const names = [...checkpoint.entries.keys()].filter((name) => matches(name) && isRow(checkpoint, name));
  if (names.length === 0) {
    const known = [...checkpoint.entries.keys()].slice(0, MOST_NAMED).join(', ');
    throw new BittrueError('name', '--tensors', pattern ?? '*', `a tensor with numbers of ${text}, such as ${known}`);
  }
  return names.map((name) => ({ name, read: () => readTensor(checkpoint, name) }));
}

/** Whether a tensor has numbers along an axis. */
function isRow(checkpoint: Checkpoint, name: string): boolean {
  const shape = checkpoint.entries.get(name)?.shape ?? [];
  return shape.length > 0 && shape.every((axis) => axis > 0);
}

/** The one tensor of a file. */
function single(argument: string, text: string): Tensor {
  const one = namedTensor(text);
  if (one !== null) return one.tensor;
  const checkpoint = openTensors(text);
  const names = [...checkpoint.entries.keys()];
  if (names.length !== 1)
    checkName(
      argument,
      text,
      names.map((name) => `${text}#${name}`),
    );
  return readTensor(checkpoint, names[0]!);
}

/** The tensors in which blocks collapsed, most blocks first. */
function collapsedText(found: readonly Compared[]): string {
  const all = found
    .map(({ name, comparison }) => {
      const worst = comparison.rows.reduce((most, row) => (row.collapsed > most.collapsed ? row : most));
      return { name, recipe: worst.name, collapsed: worst.collapsed };
    })
    .filter(({ collapsed }) => collapsed > 0)
    .toSorted((a, b) => b.collapsed - a.collapsed);
  if (all.length === 0) return '\nNo block collapsed.';
  const lines = all
    .slice(0, MOST_NAMED)
    .map(({ name, recipe, collapsed }) => `  ${name}: ${count(collapsed, 'block')} by ${recipe}`);
  const rest = all.length > MOST_NAMED ? [`  and ${all.length - MOST_NAMED} more: --csv lists them`] : [];
  return ['', 'Collapsed blocks, at the recipe with most of them:', ...lines, ...rest].join('\n');
}
