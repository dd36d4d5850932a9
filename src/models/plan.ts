/**
 * What a transformer consists of, as data: its tensors by name, how they are laid out, and which arithmetic joins them. A family
 * makes a plan of a config.json; `modelGraph` makes a graph of a plan.
 *
 * @module
 */

/** A norm: y = γ · (x − mean) / √(variance + ε) + β, or without mean and β. */
export interface NormPlan {
  readonly kind: 'layer' | 'rms';
  /** γ, [width] */
  readonly weight: string;
  /** β, [width]; null: none. */
  readonly bias: string | null;
  readonly width: number;
  readonly epsilon: number;
  /** What is added to γ before it multiplies: Gemma's 1, else 0. */
  readonly offset: number;
}

/** A linear layer: y = W x + b. */
export interface LinearPlan {
  /** [outputs, inputs] in the model. */
  readonly weight: string;
  /** b, [outputs]; null: none. */
  readonly bias: string | null;
  readonly inputs: number;
  readonly outputs: number;
  /** The file has [inputs, outputs], as GPT-2's `Conv1D` does. */
  readonly isInOut: boolean;
  /** The tensor that the matrix is where the file has none of its own: a tied head's is the embedding. */
  readonly tiedTo: string | null;
}

/** Rotary positions: pairs of the first `width` numbers of a head turn by position times frequency. */
export interface RotaryPlan {
  /** One set of tables for all that have the same name. */
  readonly name: string;
  readonly width: number;
  /** Whether the rest of a head stays. */
  readonly isPartial: boolean;
  /** Pairs are neighbours, not the first with the second half. */
  readonly isInterleaved: boolean;
  /** Radians a position, [width / 2]. */
  readonly frequencies: readonly number[];
  /** What cosines and sines are multiplied by; 1 but for YaRN and LongRoPE. */
  readonly factor: number;
  /** Sequences up to which the frequencies hold; null: all. */
  readonly longest: number | null;
}

/** How queries, keys and values are formed. */
export type ProjectionPlan =
  | {
      readonly kind: 'separate';
      readonly query: LinearPlan;
      readonly key: LinearPlan;
      readonly value: LinearPlan;
    }
  | {
      /** One matrix: all queries, all keys, all values; or query, key and value of each head in turn (`byHead`). */
      readonly kind: 'fused';
      readonly all: LinearPlan;
      readonly byHead: boolean;
    };

/** Attention, from the branch's input to what is added to the stream. */
export interface AttentionPlan {
  readonly kind: 'attention';
  readonly projections: ProjectionPlan;
  readonly output: LinearPlan;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headWidth: number;
  /** Norms of every head's queries and keys. */
  readonly queryNorm: NormPlan | null;
  readonly keyNorm: NormPlan | null;
  readonly rotary: RotaryPlan | null;
  readonly isCausal: boolean;
  /** A query sees as many positions, its own included; null: all. */
  readonly window: number | null;
  /** c · tanh(score / c); 0: none. */
  readonly softcap: number;
  readonly scale: number;
}

/** What stands between the matrices of an MLP. */
export type ActivationPlan = 'silu' | 'gelu' | 'geluTanh' | 'quickGelu' | 'relu' | 'tanh';

/** down(activation(gate x) · (up x)), or down(activation(up x)). */
export interface MlpPlan {
  readonly kind: 'mlp';
  /** Null: no gate. */
  readonly gate: LinearPlan | null;
  /** With `isFused` gate and up in one matrix, the gate first. */
  readonly up: LinearPlan;
  readonly isFused: boolean;
  readonly down: LinearPlan;
  readonly activation: ActivationPlan;
}

/** Some of several MLPs, by the largest of a router's shares (softmax over all). */
export interface ExpertsPlan {
  readonly kind: 'experts';
  readonly router: LinearPlan;
  readonly experts: readonly MlpPlan[];
  readonly chosen: number;
  /** Whether the shares of the chosen are divided by their sum. */
  readonly isNormalized: boolean;
}

/** What is added to the residual stream, and the norms around it. */
export interface BranchPlan {
  /** Of the branch's input. */
  readonly norm: NormPlan | null;
  readonly body: AttentionPlan | MlpPlan | ExpertsPlan;
  /** Of what the body gives, before it is added. */
  readonly after: NormPlan | null;
  /** What that is multiplied by, before it is added; 1 but for Granite. */
  readonly scale: number;
  /** Of the sum: post-norm. */
  readonly joined: NormPlan | null;
}

/** A layer: attention, then the MLP; in parallel where both read the stream before the layer, by one norm or by two. */
export interface LayerPlan {
  readonly attention: BranchPlan;
  readonly mlp: BranchPlan;
  readonly isParallel: boolean;
}

/** Layers one behind the other. */
export interface StackPlan {
  readonly layers: number;
  /** Of number 0 … layers − 1. */
  readonly layer: (index: number) => LayerPlan;
  readonly finalNorm: NormPlan | null;
}

/** Token ids become rows of the stream. */
export interface TokenEmbeddingPlan {
  /** [vocabulary, width] */
  readonly weight: string;
  readonly vocabulary: number;
  readonly width: number;
  /** Rows are multiplied by this. */
  readonly scale: number;
  /** A table of positions, [rows, width], from row `offset` on; null: rotary, or none. */
  readonly positions: {
    readonly weight: string;
    readonly rows: number;
    readonly width: number;
    readonly offset: number;
  } | null;
  /** A table of token types, of which all tokens have the first; null: none. */
  readonly types: { readonly weight: string; readonly rows: number } | null;
  readonly norm: NormPlan | null;
  /** To the stream's width, before positions are added, where the table is narrower. */
  readonly project: LinearPlan | null;
}

/** Tokens in, logits of the next token out. */
export interface DecoderPlan {
  readonly kind: 'decoder';
  readonly embedding: TokenEmbeddingPlan;
  readonly stack: StackPlan;
  /** From the stream's width back to the embedding's; null: none. */
  readonly project: LinearPlan | null;
  readonly head: LinearPlan;
  /** What logits are multiplied by. */
  readonly logitScale: number;
  /** c · tanh(logit / c); 0: none. */
  readonly softcap: number;
}

/** What is done to rows, one step behind the other. */
export type StepPlan =
  | { readonly linear: LinearPlan }
  | { readonly norm: NormPlan }
  | { readonly activation: ActivationPlan };

/** An output of an encoder. */
export interface OutputPlan {
  readonly name: string;
  /** All rows; the first of each sequence; that of the largest token id, CLIP's end of a text. */
  readonly rows: 'all' | 'first' | 'largestId';
  readonly steps: readonly StepPlan[];
  /** Of what the steps give. */
  readonly width: number;
}

/** Squares of an image become rows of the stream, behind one row that belongs to no square. */
export interface PixelsPlan {
  readonly kind: 'pixels';
  readonly channels: number;
  /** Height and width of the image, and of a square. */
  readonly image: readonly [number, number];
  readonly square: readonly [number, number];
  readonly width: number;
  /** [width, channels, square height, square width] */
  readonly weight: string;
  readonly bias: string | null;
  readonly first: { readonly weight: string; readonly shape: readonly number[] };
  /** A row for every square, and for the first row. */
  readonly positions: { readonly weight: string; readonly shape: readonly number[] };
  readonly norm: NormPlan | null;
}

/** Frames of a spectrogram become rows of the stream by convolutions of three frames. */
export interface FramesPlan {
  readonly kind: 'frames';
  readonly bins: number;
  readonly width: number;
  /** Each followed by a GELU. */
  readonly convolutions: readonly { readonly name: string; readonly inputs: number; readonly stride: number }[];
  readonly positions: { readonly weight: string; readonly rows: number };
}

/** From one input to the stream behind all layers. */
export interface TowerPlan {
  readonly input: { readonly kind: 'tokens'; readonly embedding: TokenEmbeddingPlan } | PixelsPlan | FramesPlan;
  /** What comes before the layer's number in the names of nodes. */
  readonly at: string;
  readonly stack: StackPlan;
  readonly outputs: readonly OutputPlan[];
}

/** An output over its length, and what that is called. */
export interface Direction {
  readonly of: string;
  readonly as: string;
}

/** Texts, images or sounds in, rows out. */
export interface EncoderPlan {
  readonly kind: 'encoder';
  readonly towers: readonly TowerPlan[];
  /** CLIP's comparison: two outputs over their lengths, and their cosines times e^scale; null: none. */
  readonly contrast: {
    readonly text: Direction;
    readonly image: Direction;
    readonly scale: string;
  } | null;
}
