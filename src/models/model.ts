/**
 * A model: its family, its sizes, its plan and its weights by name.
 *
 * @module
 */
import { BittrueError, checkMade } from '../errors/index.ts';
import { checkCheckpoint, checkWeightType, readTensor, readWeights, storedFloats } from '../files/checkpoint.ts';
import type { Checkpoint, TensorEntry } from '../files/index.ts';
import type { Tensor } from '../tensors/index.ts';
import { transposed, transposedInto } from '../tensors/transposed.ts';
import { type Builder, createBuilder } from './build/builder.ts';
import { encoder } from './build/encoder.ts';
import { decoder } from './build/stack.ts';
import type { Described, DescribedEncoder, EncoderFamily, Family, ModelConfig } from './families/family.ts';
import { parseConfig } from './families/index.ts';
import type { DecoderPlan, EncoderPlan, LinearPlan } from './plan.ts';

/** A model as data. Another set of weights is another object: `{ ...model, weights: { ...model.weights, [name]: w } }`. */
export interface Model {
  readonly family: Family;
  readonly config: ModelConfig;
  readonly plan: DecoderPlan;
  /** What names of tensors begin with, and names of norms do not. */
  readonly prefix: string;
  /**
   * Tensors under the checkpoint's names, matrices [outputs, inputs]; a tied head's also under its own. Those of a small model are Float64Arrays in memory; those of
   * a large one (more than 2^25 numbers) are read whenever `data` is asked for, F64 as Float64Array and narrower ones as Float32Array.
   */
  readonly weights: Readonly<Record<string, Tensor>>;
}

/** Numbers up to which a model is held in memory. */
const HELD = 2 ** 25;

/**
 * Opens a model: every tensor that its family has is looked for, and none may be left over. Nothing is read of a large model.
 *
 * @param config the parsed config.json
 * @param checkpoint from `readSafetensors`, `readShardedSafetensors` or `openModel`
 * @throws {@link BittrueError} as the config's family; `file` for a tensor that is missing, `shape` for one that contradicts the config,
 * `unsupported` for codes of `bittrue quantize` and for one that the config does not have (biases, norms of queries, further layers)
 * @example
 * import { loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadModel(config, checkpoint);
 * model.family.title; // 'Llama 2, 3, 3.1'
 * model.weights['model.embed_tokens.weight'].shape; // [128, 128]
 */
export function loadModel(config: unknown, checkpoint: Checkpoint): Model {
  checkCheckpoint(checkpoint);
  const parsed = parseConfig(config);
  if (parsed.family.kind !== 'decoder') {
    const wanted = `a model that says the next token; loadEncoder opens a ${parsed.family.title}`;
    throw new BittrueError('unsupported', 'config.model_type', parsed.family.name, wanted);
  }
  const { family, config: sizes, plan: planFor } = parsed as { family: Family } & Described;
  const prefix = prefixOf(family, checkpoint);
  const plan = planFor(prefix);
  const { head } = plan;
  const { weights } = openWeights(
    checkpoint,
    family,
    prefix,
    (build) => void decoder(build, plan, 1, false),
    (name) => name === head.weight && head.tiedTo !== null,
  );
  if (head.tiedTo !== null) {
    weights[head.weight] = weights[head.tiedTo];
    if (checkpoint.entries.has(head.weight)) checkTied(checkpoint, head.weight, weights[head.tiedTo]);
  }
  return Object.freeze({ family, config: sizes, plan, prefix, weights: Object.freeze(weights) });
}

/** A model of texts, images or sounds, as data. */
export interface Encoder {
  readonly family: EncoderFamily;
  /** Of CLIP those of its texts. */
  readonly config: ModelConfig;
  readonly plan: EncoderPlan;
  readonly prefix: string;
  readonly weights: Readonly<Record<string, Tensor>>;
  /** Tensors of parts that are not computed here: Whisper's decoder. */
  readonly leftOut: readonly string[];
}

/**
 * Opens an encoder, as {@link loadModel} opens a model that says the next token.
 *
 * @throws {@link BittrueError} as {@link loadModel}
 * @example
 * import { loadEncoder } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * const { config, checkpoint } = openModel(embeddedModel());
 * loadEncoder(config, checkpoint); // throws unsupported
 */
export function loadEncoder(config: unknown, checkpoint: Checkpoint): Encoder {
  checkCheckpoint(checkpoint);
  const parsed = parseConfig(config);
  if (parsed.family.kind !== 'encoder') {
    const wanted = `an encoder; loadModel opens a ${parsed.family.title}`;
    throw new BittrueError('unsupported', 'config.model_type', parsed.family.name, wanted);
  }
  const { family, config: sizes, plan: planFor } = parsed as { family: EncoderFamily } & DescribedEncoder;
  const prefix = prefixOf(family, checkpoint);
  const plan = planFor(prefix, (name) => checkpoint.entries.get(name)?.shape);
  const tied = tiedHeads(plan);
  const { weights, leftOut } = openWeights(
    checkpoint,
    family,
    prefix,
    (build) => void encoder(build, plan, 1),
    (name) => tied.some(({ weight, bias }) => name === weight || name === bias?.replace(/bias$/, 'decoder.bias')),
    family.leftOut,
  );
  for (const { weight, bias, tiedTo } of tied) {
    const embedding = weights[tiedTo as string];
    weights[weight] = embedding;
    if (checkpoint.entries.has(weight)) checkTied(checkpoint, weight, embedding);
    const twin = bias?.replace(/bias$/, 'decoder.bias') ?? '';
    if (checkpoint.entries.has(twin)) checkTied(checkpoint, twin, weights[bias as string]);
  }
  return Object.freeze({ family, config: sizes, plan, prefix, weights: Object.freeze(weights), leftOut });
}

function tiedHeads({ towers }: EncoderPlan): LinearPlan[] {
  return towers.flatMap(({ outputs }) =>
    outputs.flatMap(({ steps }) =>
      steps.flatMap((step) => ('linear' in step && step.linear.tiedTo !== null ? [step.linear] : [])),
    ),
  );
}

/** Looks for every tensor that a graph in the making asks for; none may be left over. */
function openWeights(
  checkpoint: Checkpoint,
  family: Family | EncoderFamily,
  prefix: string,
  ask: (build: Builder) => void,
  isTied: (name: string) => boolean,
  others: RegExp | null = null,
): { readonly weights: Record<string, Tensor>; readonly leftOut: readonly string[] } {
  const found = new Map<string, { readonly entry: TensorEntry; readonly isInOut: boolean }>();
  // Everything is looked for before anything is read.
  const dry = createBuilder(({ name, shape, isInOut }) => {
    found.set(name, { entry: findTensor(checkpoint, name, isInOut ? [...shape].reverse() : shape), isInOut });
    return { data: nothing, shape };
  }, prefix);
  ask(dry);
  const rest = [...checkpoint.entries.keys()].filter(
    (name) => !found.has(name) && !family.buffers?.test(name) && !isTied(name),
  );
  const leftOut = rest.filter((name) => others?.test(name));
  const unused = rest.find((name) => !others?.test(name));
  if (unused !== undefined) {
    const wanted = `only tensors of a ${family.title} as config.json describes it`;
    throw new BittrueError('unsupported', checkpoint.name, unused, wanted);
  }
  let count = 0;
  for (const { entry } of found.values()) count += entry.shape.reduce((product, axis) => product * axis, 1);
  const weights: Record<string, Tensor> = {};
  for (const [name, { entry, isInOut }] of found) {
    const stored = count <= HELD ? readWeights(checkpoint, name) : readLater(checkpoint, entry);
    weights[name] = isInOut ? turned(stored, count <= HELD) : stored;
  }
  return { weights, leftOut };
}

const nothing = new Float64Array(0);

/** What the tensors' names begin with: the first prefix with which the probe is there, else with which anything is. */
function prefixOf({ prefixes, probe }: Family | EncoderFamily, { entries }: Checkpoint): string {
  const names = [...entries.keys()];
  return (
    prefixes.find((prefix) => entries.has(`${prefix}${probe}`) || entries.has(`${prefix}${probe}.codes`)) ??
    prefixes.find((prefix) => names.some((name) => name.startsWith(prefix))) ??
    prefixes[0]
  );
}

/** A tensor's entry, of the shape that the config says. */
function findTensor(checkpoint: Checkpoint, name: string, shape: readonly number[]): TensorEntry {
  const entry = checkpoint.entries.get(name);
  if (entry === undefined && checkpoint.entries.has(`${name}.codes`)) {
    const wanted = 'plain weights: dequantizedCheckpoint of bittrue/studies decodes codes';
    throw new BittrueError('unsupported', checkpoint.name, `codes of ${name}`, wanted);
  }
  const reason = checkpoint.unreadable.get(name);
  if (reason !== undefined) {
    throw new BittrueError('unsupported', `${checkpoint.name}: ${name}`, reason, 'a tensor that can be read here');
  }
  if (entry === undefined) {
    // Wrappers put a word before all names, or leave one out.
    const other = [...checkpoint.entries.keys()].find((one) => one.endsWith(`.${name}`) || name.endsWith(`.${one}`));
    const received = other === undefined ? 'no such tensor' : `no such tensor, but ${other}`;
    throw new BittrueError('file', checkpoint.name, received, `the tensor ${name}`);
  }
  if (entry.shape.join() !== shape.join()) {
    throw new BittrueError('shape', name, `[${entry.shape.join(', ')}]`, `[${shape.join(', ')}] by config.json`);
  }
  return entry;
}

/** A tensor that is read whenever its numbers are asked for, in its own precision. */
function readLater(checkpoint: Checkpoint, { name, dtype, shape, source }: TensorEntry): Tensor {
  checkWeightType(`${source.name}: ${name}`, dtype);
  const as = dtype === 'F64' ? 'float64' : 'float32';
  return Object.freeze({
    shape,
    get data() {
      return storedFloats(checkpoint, name) ?? readTensor(checkpoint, name, as).data;
    },
  });
}

/** A matrix the other way round: now, or whenever its numbers are asked for. */
function turned(stored: Tensor, isNow: boolean): Tensor {
  const [inputs, outputs] = stored.shape;
  const shape = [outputs, inputs];
  if (isNow) return { data: transposed(stored.data, inputs, outputs), shape };
  return Object.freeze({
    shape,
    get data() {
      const { data } = stored;
      const out = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length);
      return transposedInto(out, data, inputs, outputs);
    },
  });
}

/** A head that the config calls the embedding's own must hold the same numbers. */
function checkTied(checkpoint: Checkpoint, name: string, embedding: Tensor): void {
  const { shape } = findTensor(checkpoint, name, embedding.shape);
  if (shape.length === 0) return;
  const [head, data] = [readWeights(checkpoint, name).data, embedding.data];
  if (head.length !== data.length || head.some((value, i) => !Object.is(value, data[i]))) {
    throw new BittrueError('unsupported', name, 'numbers of its own', 'the embedding: config.json ties the two');
  }
}

/** Refuses what is no encoder. */
export function checkMadeEncoder(encoder: Encoder): Encoder {
  return checkMade(
    'encoder',
    encoder,
    ['family', 'config', 'plan', 'weights', 'leftOut'],
    'an encoder, as loadEncoder gives it',
  );
}

/** Refuses what is no model. */
export function checkMadeModel(model: Model): Model {
  return checkMade('model', model, ['family', 'config', 'plan', 'weights'], 'a model, as loadModel gives it');
}
