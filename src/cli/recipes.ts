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
import { compareRecipes, parseRecipe, totalRecipes, usualRecipes } from '../quantization/index.ts';
import {
  type ComparedTensor,
  formatEmulated,
  formatRecipes,
  formatRecipesCsv,
  recipePlots,
  recipesHtml,
  toJson,
} from '../reports/index.ts';
import { count } from '../reports/numbers.ts';
import { capturedLayers } from '../studies/captured/linearLayers.ts';
import { compareEmulated, type EmulatedProduct } from '../studies/index.ts';
import type { Tensor } from '../tensors/index.ts';
import { OK } from './exit.ts';
import { type Io, look, print } from './io.ts';
import { namedTensor } from './namedTensor.ts';
import { refuse, targetOrName } from './options.ts';
import { addPictures, checkPictures, drawPictures, type PictureFlags } from './pictures.ts';
import { progressLine } from './progress.ts';

interface Flags extends PictureFlags {
  readonly model?: string;
  readonly target?: readonly string[];
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
  /** What its rows are multiplied by: the SQNR of outputs is told too. */
  readonly inputs?: () => Tensor;
}

/** What pages of this command say that they are from. */
const GENERATOR = 'bittrue recipes';

/** γ of norms, by their usual names: `input_layernorm.weight`, `ln_f.weight`, `attn_norm.weight`, `LayerNorm.gamma`. */
const GAMMA = /(?:norm|(?:^|[._])ln)[^.]*\.(?:weight|scale)$|gamma$/i;

/** How many tensors with collapsed blocks are named. */
const MOST_NAMED = 8;

/** Adds the command. */
export function addRecipes(program: Command, io: Io, exit: (status: number) => void): void {
  const more = (text: string, all: readonly string[] = []): string[] => [...all, text];
  const command = program
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
    .option('--model <FOLDER>', "of captured activations: their layers' weights, each with the other as inputs")
    .option(
      '--target <NAME:UNIT>',
      'with inputs: products on the codes of a chip, such as b200:nvfp4, beside those of bfloat16 numbers; again for another',
      more,
    )
    .option('--csv', 'print a line a tensor and recipe')
    .option('--json', 'print data');
  addPictures(command).action((file: string, flags: Flags) => {
    recipes(file, flags, io);
    exit(OK);
  });
}

function recipes(file: string, flags: Flags, io: Io): void {
  if (flags.csv && flags.json) throw new BittrueError('unsupported', '--csv', true, 'no --json, or one of both');
  if (flags.csv) refuse(flags, ['target'], 'a table or --json, without --csv');
  checkPictures(flags, GENERATOR);
  const chosen = (flags.recipes?.split(',').map((text) => text.trim()) ?? usualRecipes).map((text) =>
    parseRecipe(text),
  );
  const tensors = withInputs(file, flags);
  const found = compareAll(io, tensors, chosen);
  const emulated = emulatedOf(tensors, flags.target ?? []);
  const all = totalRecipes(found.map(({ comparison }) => comparison));
  drawPictures(io, flags, GENERATOR, () => recipesHtml(all, found), recipePlots(all));
  if (flags.json) {
    const data = found.map(({ name, shape, isGamma, comparison }) => ({ name, shape, isGamma, ...comparison }));
    print(io, toJson({ tensors: data, ...(emulated.length === 0 ? {} : { emulated }) }, 'recipe-comparison/1'));
  } else if (flags.csv) {
    const lines = found.map(({ name, comparison }, i) => formatRecipesCsv(name, comparison.rows, i === 0));
    print(io, lines.join('').replace(/\n$/, ''));
  } else {
    const rows = found.length === 1 ? found[0]!.comparison.rows : all.rows;
    const what =
      found.length === 1 ? `${found[0]!.name} [${found[0]!.shape.join(', ')}]` : count(found.length, 'tensor');
    print(io, `${what}, ${count(all.numbers, 'number')}\n`);
    print(io, formatRecipes(rows, look(io)));
    if (found.length > 1) print(io, collapsedText(found));
    if (emulated.length > 0) print(io, `\n${formatEmulated(emulated, look(io))}`);
  }
}

/** The tensors of a file, and what they are multiplied by. */
function withInputs(file: string, flags: Flags): readonly Named[] {
  const { model, inputs: text } = flags;
  if (model !== undefined) {
    refuse(flags, ['inputs'], 'captured activations with --model');
    const layers = capturedLayers(openTensors(file), {
      model: openTensors(model),
      ...(flags.tensors === undefined ? {} : { tensors: [flags.tensors] }),
    });
    return layers.names.flatMap((name) => {
      const layer = () => layers.read(name);
      return [
        { name: `${name}.input`, read: () => layer().x, inputs: () => layer().weight },
        { name: `${name}.weight`, read: () => layer().weight, inputs: () => layer().x },
      ];
    });
  }
  const tensors = tensorsOf(file, flags.tensors);
  if (text === undefined) {
    if (flags.target !== undefined)
      throw new BittrueError('unsupported', '--target', flags.target, '--inputs or --model beside it');
    return tensors;
  }
  if (tensors.length > 1) {
    throw new BittrueError('unsupported', '--inputs', text, `FILE#TENSOR, one of ${tensors.length} tensors`);
  }
  const inputs = single('--inputs', text);
  return tensors.map((one) => ({ ...one, inputs: () => inputs }));
}

/** Products of the weights among the tensors on each chip. */
function emulatedOf(tensors: readonly Named[], targets: readonly string[]): readonly EmulatedProduct[] {
  return tensors
    .filter(({ name, inputs }) => inputs !== undefined && !name.endsWith('.input'))
    .flatMap(({ name, read, inputs }) => {
      const [weight, x] = [read(), inputs!()];
      return targets.map((target) =>
        compareEmulated(name, x, weight, { target: targetOrName(target), engine: defaultEngine() }),
      );
    });
}

/** One tensor's comparison. */
type Compared = Required<ComparedTensor>;

function compareAll(
  io: Io,
  tensors: readonly Named[],
  chosen: readonly ReturnType<typeof parseRecipe>[],
): readonly Compared[] {
  const progress = progressLine(io, '');
  const total = tensors.length * chosen.length;
  let done = 0;
  try {
    return tensors.map(({ name, read, inputs: given }) => {
      progress.begin(name);
      const x = read();
      const inputs = given?.();
      const engine = inputs === undefined ? null : defaultEngine();
      const comparison = checkAs(
        (path) => path.replace(/^x\b/, name).replace(/^options\.inputs\b/, '--inputs'),
        () =>
          compareRecipes(x, {
            recipes: chosen,
            ...(inputs === undefined ? {} : { inputs }),
            engine,
            onProgress: (recipe) => progress.onProgress({ phase: `${name}, ${recipe}`, done: ++done, total }),
          }),
      );
      return { name, shape: x.shape, isGamma: x.shape.length === 1 && GAMMA.test(name), comparison };
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
    .map(({ name, isGamma, comparison }) => {
      const worst = comparison.rows.reduce((most, row) => (row.collapsed > most.collapsed ? row : most));
      return { name: isGamma ? `${name} (γ of a norm)` : name, recipe: worst.name, collapsed: worst.collapsed };
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
