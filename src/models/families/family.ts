/**
 * A family of checkpoints as data: how its config.json reads, and what its tensors are called. Names, keys and their defaults are
 * those of Hugging Face's transformers (github.com/huggingface/transformers, `src/transformers/models`).
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { Fields } from '../fields.ts';
import type {
  ActivationPlan,
  AttentionPlan,
  BranchPlan,
  DecoderPlan,
  EncoderPlan,
  LinearPlan,
  MlpPlan,
  NormPlan,
  TokenEmbeddingPlan,
} from '../plan.ts';

/** The sizes of a model, as plain data. */
export interface ModelConfig {
  /** 0 of what reads no tokens. */
  readonly vocabulary: number;
  /** Width of the residual stream. */
  readonly hidden: number;
  /** Width between the MLP's up and down projections. */
  readonly intermediate: number;
  readonly layers: number;
  /** Query heads. */
  readonly heads: number;
  /** Heads of keys and values; query head h reads number ⌊h · keyValueHeads / heads⌋. */
  readonly keyValueHeads: number;
  /** Width of one head. */
  readonly headWidth: number;
  /** The longest sequence, in tokens. */
  readonly context: number;
  /** Added to the mean square or the variance in every norm. */
  readonly epsilon: number;
  /** Whether the head was the embedding's own matrix when the checkpoint was loaded. */
  readonly tied: boolean;
}

/** What a config.json says: sizes, and the plan for tensors whose names begin with `prefix`. */
export interface Described {
  readonly config: ModelConfig;
  /** Of tensors whose names begin so. */
  readonly plan: (prefix: string) => DecoderPlan;
}

/** The shape of a tensor in the file; undefined: it has none of this name. */
export type ShapeOf = (name: string) => readonly number[] | undefined;

/** The same of an encoder, whose heads are those that the file has. */
export interface DescribedEncoder {
  readonly config: ModelConfig;
  /** Of tensors whose names begin so, and of the heads that the file has. */
  readonly plan: (prefix: string, shapeOf: ShapeOf) => EncoderPlan;
}

/** What all families have. */
interface Named {
  /** As `model_type` in config.json. */
  readonly name: string;
  /** In words, for people. */
  readonly title: string;
  /** What the classes in `architectures` begin with. */
  readonly classes: RegExp;
  /** What names of tensors may begin with: the first that fits `probe`. */
  readonly prefixes: readonly string[];
  /** A tensor that every checkpoint of the family has, without prefix. */
  readonly probe: string;
  /** Buffers that old checkpoints keep beside the weights, although they follow from the config. */
  readonly buffers: RegExp | null;
}

/** A family of models that say the next token. */
export interface Family extends Named {
  readonly kind: 'decoder';
  /** @throws {@link BittrueError} for fields that are missing, impossible or not computed */
  read(fields: Fields): Described;
}

/** A family of models of texts, images or sounds. */
export interface EncoderFamily extends Named {
  readonly kind: 'encoder';
  /** Tensors of parts that are not computed here, such as Whisper's decoder: they are told. */
  readonly leftOut: RegExp | null;
  /** @throws {@link BittrueError} for fields that are missing, impossible or not computed */
  read(fields: Fields): DescribedEncoder;
}

/** A matrix [outputs, inputs], without bias or with the one beside it. */
export function dense(name: string, inputs: number, outputs: number, hasBias = false): LinearPlan {
  return {
    weight: `${name}.weight`,
    bias: hasBias ? `${name}.bias` : null,
    inputs,
    outputs,
    isInOut: false,
    tiedTo: null,
  };
}

/** RMSNorm; `offset` is added to γ. */
export function rms(name: string, width: number, epsilon: number, offset = 0): NormPlan {
  return { kind: 'rms', weight: `${name}.weight`, bias: null, width, epsilon, offset };
}

/** LayerNorm with β. */
export function layer(name: string, width: number, epsilon: number): NormPlan {
  return { kind: 'layer', weight: `${name}.weight`, bias: `${name}.bias`, width, epsilon, offset: 0 };
}

/** LayerNorm without β. */
export function bareLayer(name: string, width: number, epsilon: number): NormPlan {
  return { ...layer(name, width, epsilon), bias: null };
}

/** Attention over as many keys as queries, which sees all of them, or with `isCausal` those before; positions are in the rows. */
export function plainAttention(
  heads: number,
  headWidth: number,
  isCausal: boolean,
): Omit<AttentionPlan, 'projections' | 'output'> {
  return {
    kind: 'attention',
    heads,
    keyValueHeads: heads,
    headWidth,
    queryNorm: null,
    keyNorm: null,
    rotary: null,
    isCausal,
    window: null,
    softcap: 0,
    scale: 1 / Math.sqrt(headWidth),
  };
}

/** An MLP without a gate. */
export function ungated(up: LinearPlan, down: LinearPlan, activation: ActivationPlan): MlpPlan {
  return { kind: 'mlp', gate: null, up, isFused: false, down, activation };
}

/** Rows of a table, and nothing beside them. */
export function embeddingOf(weight: string, vocabulary: number, width: number): TokenEmbeddingPlan {
  return { weight, vocabulary, width, scale: 1, positions: null, types: null, norm: null, project: null };
}

/** A branch with its norm before it. */
export function preNorm(norm: NormPlan, body: BranchPlan['body']): BranchPlan {
  return { norm, body, after: null, scale: 1, joined: null };
}

/** A branch with its norm behind the sum. */
export function postNorm(body: BranchPlan['body'], joined: NormPlan): BranchPlan {
  return { norm: null, body, after: null, scale: 1, joined };
}

/** Activations by the names that configs have for them. */
export const activationNames: Readonly<Record<string, ActivationPlan>> = {
  silu: 'silu',
  swish: 'silu',
  gelu: 'gelu',
  gelu_new: 'geluTanh',
  gelu_fast: 'geluTanh',
  gelu_pytorch_tanh: 'geluTanh',
  quick_gelu: 'quickGelu',
  relu: 'relu',
};

/** Heads and their widths. */
export interface Heads {
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headWidth: number;
}

/** Reads `num_attention_heads`, `num_key_value_heads` and `head_dim`. */
export function readHeads(fields: Fields, hidden: number, usual: { readonly headWidth?: number } = {}): Heads {
  const heads = fields.count('num_attention_heads');
  const keyValueHeads = fields.count('num_key_value_heads', heads);
  if (heads % keyValueHeads !== 0) {
    throw new BittrueError('shape', 'config.num_key_value_heads', keyValueHeads, `a divisor of ${heads} heads`);
  }
  const own = fields.any('head_dim') ?? usual.headWidth;
  if (own === undefined) checkHeads('num_attention_heads', heads, 'hidden_size', hidden);
  const headWidth = fields.count('head_dim', usual.headWidth ?? hidden / heads);
  if (headWidth % 2 !== 0) {
    throw new BittrueError('shape', 'config.head_dim', headWidth, 'an even width: rotary embeddings turn pairs');
  }
  return { heads, keyValueHeads, headWidth };
}

/** The width of a head, where all heads together are as wide as the stream. */
export function checkHeads(name: string, heads: number, widthName: string, hidden: number): number {
  if (hidden % heads !== 0) {
    throw new BittrueError('shape', `config.${name}`, heads, `a divisor of ${widthName} ${hidden}`);
  }
  return hidden / heads;
}

/** Which layers see a window of positions alone: `layer_types`, or the family's pattern. */
export function readWindows(
  fields: Fields,
  layers: number,
  window: number | null,
  usual: (index: number) => boolean,
): (index: number) => number | null {
  const types = fields.any('layer_types');
  if (types === undefined) return (index) => (usual(index) ? window : null);
  const known = { sliding_attention: true, full_attention: false } as Readonly<Record<string, boolean>>;
  if (!Array.isArray(types) || types.length !== layers || types.some((type) => !Object.hasOwn(known, String(type)))) {
    throw new BittrueError(
      'unsupported',
      'config.layer_types',
      types,
      `${layers} of ${Object.keys(known).join(' or ')}`,
    );
  }
  const slides = types.map((type) => known[String(type)]);
  if (slides.includes(true) && window === null) {
    throw new BittrueError(
      'type',
      'config.sliding_window',
      null,
      'a number of tokens, for layers of sliding_attention',
    );
  }
  return (index) => (slides[index] ? window : null);
}

/** `sliding_window`; null where there is none. */
export function readWindow(fields: Fields, otherwise: number | null = null): number | null {
  const value = fields.any('sliding_window') ?? otherwise;
  return value === null ? null : fields.count('sliding_window', otherwise);
}
