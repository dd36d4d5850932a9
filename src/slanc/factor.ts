/**
 * SLaNC: static factors for the inputs of LayerNorm and RMSNorm, from the weights of the block before.
 *
 * @module
 */

import type { Engine } from '../engine/engine.ts';
import { BittrueError, checkBoolean, checkList, checkName, checkObject } from '../errors/index.ts';
import type { Tensor } from '../tensors/index.ts';
import { type Block, checkBlock, type Position } from './block.ts';
import { branchNorm, type Formula, type GroupedQueries } from './branch.ts';
import { engineOption } from './engineOption.ts';
import { inverseScale } from './scale.ts';

/**
 * Which formula gives α, by what stands before the norm:
 *
 * | variant | first | attention | mlp | gatedMlp |
 * | --- | --- | --- | --- | --- |
 * | `frobenius` | 1 | ‖(W_O W_V + I) Γ‖_F | ‖W₂ W₁ Γ‖_F | ‖W_down W_up Γ‖_F · ‖W_gate Γ‖₂ |
 * | `frobeniusGate` | 1 | the same | the same | ‖W_down W_up Γ‖_F · ‖W_gate Γ‖_F |
 * | `dmx` | 1 | the same, `gqa` to choose | (‖γ‖₁ / d) · ‖W₁‖₂ · ‖W₂‖₂ | as `frobenius` |
 * | `residual` | s₀ | s₍ⱼ₊₁₎² = sⱼ² + fⱼ², s₀² the mean of the embedding's squared row norms, fⱼ as `frobenius` without I |
 *
 * `dmx` is what the authors published as code. On a Llama (attention and gated MLPs only) it is `frobenius`. The I is the
 * skip of a post-norm block, which carries the block's own input; with `skip` the MLPs have it too.
 */
export type Variant = Formula | 'residual';

/** How factors are made. */
export interface SlancOptions {
  /** @defaultValue 'frobenius' */
  readonly variant?: Variant;
  /** Round the scale down to a power of two, so that multiplying by it is exact. @defaultValue false */
  readonly powerOfTwo?: boolean;
  /**
   * For `dmx` only: how grouped key-value heads are repeated: each in place, as the heads read them, or the whole
   * matrix, as the published code does. @defaultValue 'interleave'
   */
  readonly gqa?: GroupedQueries;
  /**
   * Whether the norm reads the block's own input y = Γ x̂ beside its output, as in post-norm layouts (BERT): then an MLP's
   * factor is ‖(W₂ W₁ + I) Γ‖_F and a gated one's √(f² + ‖Γ‖_F²), f without. Only for the two Frobenius variants: the
   * published code has no choice, and `residual` follows the stream itself. Default, as published: after attention yes,
   * after an MLP no.
   */
  readonly skip?: boolean;
  /** The engine that forms products; null (default): loops, which are slower. The bits are the same. */
  readonly engine?: Engine | null;
}

/** A norm's factor. */
export interface SlancFactor {
  /** The expected length of the norm's input, by the variant's formula: the input is divided by it. */
  readonly alpha: number;
  /** What to multiply the input with: 1 / α, or the largest power of two that is not above 1 / α. */
  readonly scale: number;
  readonly position: Position;
  readonly variant: Variant;
}

/**
 * The factor of one norm, from the block before it. Scale ε by scale² and the norm's output does not change.
 *
 * @throws {@link BittrueError} `shape` for matrices that do not fit, `value` for weights that are not finite or all
 * zero, `name` for unknown words, `unsupported` for `residual` (which adds up blocks: {@link slancFactors}) and for `skip`
 * with a variant that has no choice of it
 * @example
 * import { slancFactor } from 'bittrue/slanc';
 * const eye = { data: new Float64Array([1, 0, 0, 1]), shape: [2, 2] };
 * const gamma = { data: new Float64Array([3, 4]), shape: [2] };
 * const block = { position: 'attention', gamma, value: eye, output: eye } as const;
 * slancFactor(block).alpha; // 10
 * slancFactor(block, { powerOfTwo: true }).scale; // 0.0625
 * slancFactor(block, { skip: false }).alpha; // 5
 * slancFactor({ position: 'mlp', gamma, up: eye, down: eye }, { skip: true }).alpha; // 10
 */
export function slancFactor(block: Block, options: SlancOptions = {}): SlancFactor {
  const settings = checkOptions(options);
  checkBlock('block', block);
  if (settings.variant === 'residual') {
    throw new BittrueError('unsupported', 'options.variant', 'residual', 'slancFactors with all blocks in order');
  }
  return factorAlone('block', block, settings.variant, settings);
}

/**
 * The factors of all norms of a pre-norm model: block i stands before norm i, the first before none. The `data` of a matrix may be a
 * getter that reads it: two matrices are held at a time.
 *
 * @param blocks in the order of computation; for `residual` the first, and only it, is `first` with its embedding
 * @throws {@link BittrueError} as {@link slancFactor}; `type` when `residual` finds no embedding in front
 * @example
 * import { slancFactors } from 'bittrue/slanc';
 * const eye = { data: new Float64Array([1, 0, 0, 1]), shape: [2, 2] };
 * const gamma = { data: new Float64Array([3, 4]), shape: [2] };
 * const attention = { position: 'attention', gamma, value: eye, output: eye } as const;
 * const embedding = { data: new Float64Array([8, 0, 0, 16]), shape: [2, 2] };
 * const factors = slancFactors([{ position: 'first', embedding }, attention], { variant: 'residual' });
 * Math.round(factors[0].alpha ** 2); // 160
 * Math.round(factors[1].alpha ** 2); // 185
 */
export function slancFactors(blocks: readonly Block[], options: SlancOptions = {}): readonly SlancFactor[] {
  const settings = checkOptions(options);
  checkList('blocks', blocks);
  blocks.forEach((block: Block, i) => {
    checkBlock(`blocks[${i}]`, block);
  });
  return settings.variant === 'residual'
    ? accumulated(blocks, settings)
    : blocks.map((block, i) => factorAlone(`blocks[${i}]`, block, settings.variant as Formula, settings));
}

/** The factor of a block by itself. */
function factorAlone(argument: string, block: Block, formula: Formula, settings: Settings): SlancFactor {
  const { gqa, skip = block.position === 'attention', engine } = settings;
  const alpha = block.position === 'first' ? 1 : branchNorm(argument, block, { formula, gqa, skip, engine });
  return factor(argument, alpha, block.position, settings);
}

/** The residual stream's expected length before each norm, branches taken as uncorrelated. */
function accumulated(blocks: readonly Block[], settings: Settings): readonly SlancFactor[] {
  let square = 0;
  return blocks.map((block, i) => {
    if (block.position === 'first') {
      if (i > 0) throw new BittrueError('unsupported', `blocks[${i}].position`, 'first', 'one embedding, in front');
      if (block.embedding === undefined) {
        throw new BittrueError('type', 'blocks[0].embedding', undefined, 'the embedding, for residual');
      }
      square = meanSquaredRow(block.embedding);
    } else {
      if (i === 0) throw new BittrueError('type', 'blocks[0].position', block.position, 'first, for residual');
      const { engine } = settings;
      const how = { formula: 'frobenius', gqa: 'interleave', skip: false, engine } as const;
      square += branchNorm(`blocks[${i}]`, block, how) ** 2;
    }
    return factor(`blocks[${i}]`, Math.sqrt(square), block.position, settings);
  });
}

/** The mean over the rows of their squared norms. */
function meanSquaredRow({ data, shape }: Tensor): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] * data[i];
  return sum / shape[0];
}

interface Settings {
  readonly variant: Variant;
  readonly powerOfTwo: boolean;
  readonly gqa: GroupedQueries;
  readonly skip: boolean | undefined;
  readonly engine: Engine | null;
}

function checkOptions(options: SlancOptions): Settings {
  checkObject('options', options, ['variant', 'powerOfTwo', 'gqa', 'skip', 'engine']);
  const { variant = 'frobenius', powerOfTwo = false, gqa, skip } = options;
  checkName('options.variant', variant, ['frobenius', 'frobeniusGate', 'dmx', 'residual']);
  checkBoolean('options.powerOfTwo', powerOfTwo);
  if (gqa !== undefined) {
    checkName('options.gqa', gqa, ['interleave', 'tile']);
    if (variant !== 'dmx')
      throw new BittrueError('unsupported', 'options.gqa', `${gqa} with ${variant}`, 'gqa with dmx only');
  }
  if (skip !== undefined) {
    checkBoolean('options.skip', skip);
    if (variant === 'dmx' || variant === 'residual') {
      throw new BittrueError('unsupported', 'options.skip', `${skip} with ${variant}`, 'frobenius or frobeniusGate');
    }
  }
  return { variant, powerOfTwo, gqa: gqa ?? 'interleave', skip, engine: engineOption(options) };
}

function factor(argument: string, alpha: number, position: Position, settings: Settings): SlancFactor {
  const scale = inverseScale(argument, alpha, settings.powerOfTwo);
  return Object.freeze({ alpha, scale, position, variant: settings.variant });
}
