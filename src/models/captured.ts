/**
 * Captured activations: what went into the norms, softmaxes, linear layers and attentions of a model that ran elsewhere, as named
 * tensors of a file. Which tensor is the input of which kernel, and which γ, β, ε and weights belong to it, is found by names.
 *
 * A file says it by `__metadata__.bittrue`, JSON: `{ "schema": "captured/1", "kernels": { NAME: { "kernel": "rmsNorm",
 * "epsilon": 1e-6 } } }`, as the scripts of `bittrue capture` write it; else the user does.
 *
 * @module
 */
import {
  BittrueError,
  checkList,
  checkMade,
  checkName,
  checkObject,
  checkPositive,
  checkRecord,
  checkText,
  nearest,
} from '../errors/index.ts';
import type { Checkpoint } from '../files/index.ts';
import { parseJsonObject } from '../files/json.ts';

/** Kernels whose inputs are captured. */
export const capturedKernels = ['layerNorm', 'rmsNorm', 'softmax', 'linear', 'attention'] as const;

/** What a captured tensor goes into. */
export type CapturedKernel = (typeof capturedKernels)[number];

/** A tensor of another file, or of the same. */
export interface CapturedOperand {
  readonly of: 'capture' | 'model';
  readonly name: string;
}

/** A captured input, and what belongs to it. */
export interface CapturedInput {
  /** The tensor's name in its file; of attention the name before `.query`. */
  readonly name: string;
  readonly kernel: CapturedKernel;
  /** Of norms, else null. */
  readonly epsilon: number | null;
  /** Who said ε. */
  readonly epsilonFrom: 'option' | 'capture' | 'config' | 'default' | null;
  readonly gamma: CapturedOperand | null;
  readonly beta: CapturedOperand | null;
  /** Of linear layers. */
  readonly weight: CapturedOperand | null;
  /** Gemma's norms, and those of some that follow it, multiply by 1 + γ. */
  readonly plusOne: boolean;
  /** Weights are [in, out], as GPT-2's are; else [out, in], unless only the other way fits. */
  readonly inOut: boolean;
  /** Of attention, where the capture says it: what scores are multiplied by, and whether later keys are left out. */
  readonly scale: number | null;
  readonly causal: boolean;
}

/** A kernel for the tensors whose names match a pattern: `*` stands for any text. */
export interface CapturedRule {
  readonly pattern: string;
  readonly kernel: CapturedKernel;
}

/** What reading captured activations may be told. */
export interface CapturedInputsOptions {
  /** A kernel for all tensors, or for those whose names match a pattern, by the first that does; else what the capture says. */
  readonly kernel?: CapturedKernel | readonly CapturedRule[];
  /** Only tensors that match one of these patterns. */
  readonly tensors?: readonly string[];
  /** Where γ, β and the weights of linear layers are looked for first. */
  readonly model?: Checkpoint | null;
  /** The model's parsed config.json: its ε, and whether its norms multiply by 1 + γ. */
  readonly config?: Readonly<Record<string, unknown>> | null;
  /** ε of all norms. */
  readonly epsilon?: number;
}

/** What a check of captured activations says beside its runs. */
export interface CapturedNotes {
  readonly inputs: readonly CapturedInput[];
  /** Tensors of the capture that nothing read. */
  readonly unread: readonly string[];
  /** Inputs of linear layers whose weights are not there: they were not run. */
  readonly withoutWeights: readonly string[];
  /** The model that γ, β and weights came from, or null. */
  readonly model: { readonly name: string; readonly tensors: number; readonly read: number } | null;
}

/** The inputs of a capture. */
export interface CapturedInputs {
  readonly inputs: readonly CapturedInput[];
  /** Tensors that are neither an input nor belong to one. */
  readonly unread: readonly string[];
  /** Inputs of linear layers, as the capture says, whose weights it lacks, and no model was given. */
  readonly withoutWeights: readonly string[];
}

/** What a file says of one of its tensors. */
interface Said {
  readonly kernel?: CapturedKernel;
  readonly epsilon?: number;
  readonly scale?: number | null;
  readonly causal?: boolean;
  readonly inOut?: boolean;
  /** Names of operands, where these are not called as the layer is. */
  readonly gamma?: string;
  readonly beta?: string;
  readonly weight?: string;
}

/** Whether a file says that it is a capture. */
export function isCapture({ metadata }: Checkpoint): boolean {
  return Object.hasOwn(metadata, 'bittrue') && metadata.bittrue.includes('captured/');
}

/** `*` stands for any text. */
export function matcher(pattern: string): (name: string) => boolean {
  const expression = new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
      .join('[^]*')}$`,
  );
  return (name) => expression.test(name);
}

/** `NAME`, `NAME.input` or its repetitions `NAME.input#2`: the layer that a tensor went into. */
function layerOf(name: string): string {
  return name.replace(/#\d+$/, '').replace(/\.input$/, '');
}

/** The calls of each layer, in the order of the capture. */
export function callsByLayer(inputs: readonly CapturedInput[]): ReadonlyMap<string, readonly CapturedInput[]> {
  const calls = new Map<string, CapturedInput[]>();
  for (const input of inputs) {
    const layer = layerOf(input.name);
    const known = calls.get(layer);
    if (known === undefined) calls.set(layer, [input]);
    else known.push(input);
  }
  return calls;
}

const parts = { gamma: ['weight', 'gamma', 'scale'], beta: ['bias', 'beta'], weight: ['weight'] } as const;
const operandName = /^(.*)\.(weight|gamma|scale|bias|beta|key|value|mask)(#\d+)?$/;

/**
 * Finds the inputs of a capture.
 *
 * @throws {@link BittrueError} `file` for metadata that are no capture's; `name` where no tensor matches a pattern, where no kernel is
 *   known, or where several tensors of the model could be meant
 */
export function capturedInputs(capture: Checkpoint, options: CapturedInputsOptions = {}): CapturedInputs {
  const { entries } = checkMade('capture', capture, ['entries', 'metadata', 'unreadable'], 'a checkpoint');
  const said = saidBy(capture);
  const chosen = chosenBy(capture, options.tensors ?? []);
  const rules = rulesOf(options.kernel);
  const withoutWeights: string[] = [];
  const inputs: CapturedInput[] = [];
  const read = new Set<string>();
  for (const name of entries.keys()) {
    if (!chosen(name) || isOperand(name, entries)) continue;
    const query = /^(.*)\.query(#\d+)?$/.exec(name);
    const own = query === null ? name : `${query[1]}${query[2] ?? ''}`;
    const rule = rules.find(({ fits }) => fits(name) || fits(own));
    if (rule !== undefined) rule.used = true;
    const kernel = rule?.kernel ?? said.get(own)?.kernel ?? said.get(name)?.kernel;
    if (kernel === undefined) continue;
    if ((kernel === 'attention') !== (query !== null)) {
      const wanted = query === null ? 'a tensor called NAME.query beside NAME.key and NAME.value' : 'attention';
      throw new BittrueError('name', `${capture.name}: ${name}`, kernel, wanted);
    }
    const input = inputOf(capture, own, kernel, said.get(own) ?? said.get(name) ?? {}, options);
    if (kernel === 'linear' && input.weight === null) {
      if (rule !== undefined) throw noWeight(capture, name, options.model ?? null);
      withoutWeights.push(name);
      continue;
    }
    inputs.push(input);
    for (const one of tensorsOf(input, entries)) read.add(one);
    for (const one of [input.gamma, input.beta, input.weight]) if (one?.of === 'capture') read.add(one.name);
  }
  const idle = rules.find(({ used }) => !used);
  if (idle !== undefined) {
    const near = nearest(idle.pattern, [...entries.keys()]);
    const wanted = `a pattern that some of the ${entries.size} tensors of ${capture.name} match`;
    throw new BittrueError('name', 'options.kernel', idle.pattern, wanted, near);
  }
  // Tied heads have no weight of their own; a model without any is another one.
  const isOther = (options.model ?? null) !== null && !inputs.some(({ weight }) => weight !== null);
  if (withoutWeights.length > 0 && isOther) throw noWeight(capture, withoutWeights[0], options.model ?? null);
  if (inputs.length === 0) {
    if (withoutWeights.length > 0) throw noWeight(capture, withoutWeights[0], null);
    const names = [...entries.keys()].slice(0, 4).join(', ');
    const wanted = `what its tensors (${names}, …) go into: ${capturedKernels.join(', ')}`;
    throw new BittrueError('name', 'options.kernel', `none, and ${capture.name} says nothing`, wanted);
  }
  for (const name of withoutWeights) read.add(name);
  return { inputs, unread: [...entries.keys()].filter((name) => !read.has(name)), withoutWeights };
}

function noWeight({ name: file }: Checkpoint, name: string, model: Checkpoint | null): BittrueError {
  const wanted = `the tensor ${layerOf(name)}.weight in ${model === null ? 'a model, options.model' : model.name}`;
  return new BittrueError('file', `${file}: ${name}`, 'no weight of this linear layer', wanted);
}

interface Rule extends CapturedRule {
  readonly fits: (name: string) => boolean;
  used: boolean;
}

function rulesOf(given: CapturedInputsOptions['kernel']): Rule[] {
  if (given === undefined) return [];
  const rules = typeof given === 'string' ? [{ pattern: '*', kernel: given }] : checkList('options.kernel', given);
  return rules.map((rule, i) => {
    const { pattern, kernel } = checkObject(`options.kernel[${i}]`, rule, [
      'pattern',
      'kernel',
    ]) as unknown as CapturedRule;
    checkText(`options.kernel[${i}].pattern`, pattern);
    return {
      pattern,
      kernel: checkName('options.kernel', kernel, capturedKernels),
      fits: matcher(pattern),
      used: false,
    };
  });
}

/** The tensors of a capture that an input is. */
export function tensorsOf({ name, kernel }: CapturedInput, entries: ReadonlyMap<string, unknown>): string[] {
  if (kernel !== 'attention') return [name];
  const [, layer, count = ''] = /^(.*?)(#\d+)?$/.exec(name) as RegExpExecArray;
  return ['query', 'key', 'value', 'mask'].map((part) => `${layer}.${part}${count}`).filter((one) => entries.has(one));
}

/** Whether a tensor belongs to another one of its file. */
function isOperand(name: string, entries: ReadonlyMap<string, unknown>): boolean {
  const found = operandName.exec(name);
  if (found === null) return false;
  const [, layer, part, count = ''] = found;
  if (['key', 'value', 'mask'].includes(part)) return entries.has(`${layer}.query${count}`);
  return entries.has(layer) || entries.has(`${layer}.input`);
}

function chosenBy({ name: file, entries }: Checkpoint, patterns: readonly string[]): (name: string) => boolean {
  if (checkList('options.tensors', patterns).length === 0) return () => true;
  const tests = patterns.map((pattern) => {
    checkText('options.tensors', pattern);
    const fits = matcher(pattern);
    if (![...entries.keys()].some(fits)) {
      const near = nearest(pattern, [...entries.keys()]);
      throw new BittrueError('name', 'options.tensors', pattern, `a pattern that some tensor of ${file} matches`, near);
    }
    return fits;
  });
  return (name) => tests.some((fits) => fits(name));
}

function saidBy({ name, metadata, entries }: Checkpoint): ReadonlyMap<string, Said> {
  if (!Object.hasOwn(metadata, 'bittrue')) return new Map();
  const where = `${name}: __metadata__.bittrue`;
  const { schema, kernels } = parseJsonObject(new TextEncoder().encode(metadata.bittrue), where);
  if (schema !== 'captured/1') throw new BittrueError('file', `${where}.schema`, schema, 'captured/1');
  const found = new Map<string, Said>();
  for (const [tensor, one] of Object.entries(checkRecord(`${where}.kernels`, kernels as object, 'an object'))) {
    const said = checkRecord(`${where}.kernels.${tensor}`, one as Said, 'an object with a kernel');
    if (said.kernel === undefined || !capturedKernels.includes(said.kernel)) {
      throw new BittrueError('file', `${where}.kernels.${tensor}`, said.kernel, `one of ${capturedKernels.join(', ')}`);
    }
    if (!entries.has(tensor) && !entries.has(tensor.replace(/(#\d+)?$/, '.query$1'))) {
      throw new BittrueError('file', `${where}.kernels`, tensor, 'names of tensors of the file');
    }
    found.set(tensor, said);
  }
  return found;
}

function inputOf(
  capture: Checkpoint,
  name: string,
  kernel: CapturedKernel,
  said: Said,
  { model = null, config = null, epsilon }: CapturedInputsOptions,
): CapturedInput {
  const layer = layerOf(name);
  const operand = (part: keyof typeof parts): CapturedOperand | null => {
    const named = said[part];
    if (named !== undefined && model?.entries.has(named)) return { of: 'model', name: named };
    if (named !== undefined && capture.entries.has(named)) return { of: 'capture', name: named };
    const inModel = model === null ? null : inCheckpoint(model, layer, parts[part]);
    if (inModel !== null) return { of: 'model', name: inModel };
    const own = parts[part].map((word) => `${layer}.${word}`).find((one) => capture.entries.has(one) && one !== name);
    return own === undefined ? null : { of: 'capture', name: own };
  };
  const isNorm = kernel === 'layerNorm' || kernel === 'rmsNorm';
  const gamma = isNorm ? operand('gamma') : null;
  const weight = kernel === 'linear' ? operand('weight') : null;
  const where = `${capture.name}: ${name}: epsilon`;
  const told: readonly (readonly [CapturedInput['epsilonFrom'], unknown])[] = [
    ['option', epsilon],
    ['capture', said.epsilon],
    ['config', config === null ? undefined : epsilonOf(config)],
    ['default', 1e-5],
  ];
  const [epsilonFrom, value] = told.find(([, one]) => one !== undefined && one !== null) ?? told[3];
  return {
    name,
    kernel,
    epsilon: isNorm ? checkPositive(where, value) : null,
    epsilonFrom: isNorm ? epsilonFrom : null,
    gamma,
    beta: kernel === 'layerNorm' ? operand('beta') : null,
    weight,
    plusOne: gamma?.of === 'model' && kernel === 'rmsNorm' && plusOneFamilies.includes(String(config?.model_type)),
    inOut: weight !== null && (said.inOut ?? inOutFamilies.includes(String(config?.model_type))),
    scale: said.scale ?? null,
    causal: said.causal ?? false,
  };
}

/** Families whose RMSNorm multiplies by 1 + γ, by `model_type`. */
const plusOneFamilies = ['gemma', 'gemma2', 'gemma3', 'gemma3_text', 'qwen3_next'];

/** Families whose linear layers are GPT-2's Conv1D. */
const inOutFamilies = ['gpt2', 'openai-gpt', 'imagegpt', 'decision_transformer'];

/** ε of a config.json, whatever its family calls it. */
function epsilonOf(config: Readonly<Record<string, unknown>>): unknown {
  const names = [
    'rms_norm_eps',
    'layer_norm_eps',
    'layer_norm_epsilon',
    'layernorm_epsilon',
    'norm_eps',
    'norm_epsilon',
  ];
  return names.map((name) => config[name]).find((value) => value !== undefined && value !== null);
}

/**
 * A layer's tensor in a model: by the layer's own name, or by the one name that goes on before or behind it, since wrappers put
 * a word before all names (`model.`, `transformer.`).
 */
function inCheckpoint({ name, entries }: Checkpoint, layer: string, words: readonly string[]): string | null {
  for (const word of words) if (entries.has(`${layer}.${word}`)) return `${layer}.${word}`;
  const found = [...entries.keys()].filter((one) =>
    words.some((word) => {
      const stem = one.endsWith(`.${word}`) ? one.slice(0, -word.length - 1) : null;
      return stem !== null && (stem.endsWith(`.${layer}`) || layer.endsWith(`.${stem}`));
    }),
  );
  if (found.length > 1) {
    throw new BittrueError('name', layer, `${found.slice(0, 3).join(', ')} of ${name}`, 'one tensor that is meant');
  }
  return found[0] ?? null;
}
