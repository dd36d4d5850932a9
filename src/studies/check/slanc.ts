/**
 * SLaNC applied to a model: a scale for every norm.
 *
 * @module
 */

import { defaultEngine } from '../../engine/engine.ts';
import { BittrueError, checkObject } from '../../errors/index.ts';
import { SEMANTICS, VERSION } from '../../events/index.ts';
import { type Model, normSites } from '../../models/index.ts';
import { checkMadeModel } from '../../models/model.ts';
import {
  type Block,
  type Position,
  type SlancOptions,
  slancFactors,
  slancGuarantee,
  type Variant,
} from '../../slanc/index.ts';
import { namingWeights } from '../namedWeights.ts';

/** The scale of one norm. */
export interface NormScale {
  /** The norm's name: `layers.0.input_layernorm` … `norm`. */
  readonly site: string;
  /** What stands before it; of a graph also one matrix, another norm, or several blocks. */
  readonly position: Position | 'linear' | 'norm' | 'several';
  /** The norm's width, where it is not that of the others. */
  readonly width?: number;
  /** The norm that feeds the block before it; null for the first. */
  readonly fedBy: string | null;
  /** The expected length of the norm's input: SLaNC divides by it. */
  readonly alpha: number;
  /** What to multiply the input with; ε goes with its square. */
  readonly scale: number;
  /** `proved`, or `typical` where the size is expected, not bounded. */
  readonly claim: 'proved' | 'typical';
  /** Why. */
  readonly reason: string;
}

/** A norm that has no scale, and why. */
export interface UnscaledNorm {
  readonly site: string;
  readonly reason: string;
}

/** Scales for every norm of a model, as data. */
export interface SlancScales {
  readonly bittrue: string;
  readonly schema: 'slanc/1';
  readonly semantics: number;
  readonly variant: Variant;
  readonly powerOfTwo: boolean;
  /** d, the width of the norms. */
  readonly width: number;
  readonly norms: readonly NormScale[];
  /** Of a graph: norms without a scale. */
  readonly unscaled?: readonly UnscaledNorm[];
}

/**
 * The SLaNC scales of every norm, in the order of computation.
 *
 * @throws {@link BittrueError} as `slancFactors`; `unsupported` for `skip`: a Llama's skips carry the stream before its norms
 * @example
 * import { loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { slancScales } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const { norms } = slancScales(loadModel(config, checkpoint), { variant: 'frobenius' });
 * norms.length; // 9
 * norms[0].scale; // 1
 * norms[1].position; // 'attention'
 */
export function slancScales(model: Model, options: Omit<SlancOptions, 'skip'> = {}): SlancScales {
  checkMadeModel(model);
  checkObject('options', options, ['variant', 'powerOfTwo', 'gqa', 'skip', 'engine']);
  const { skip } = options as SlancOptions;
  if (skip !== undefined) {
    throw new BittrueError(
      'unsupported',
      'options.skip',
      skip,
      'none: this model has its norms in front of the blocks',
    );
  }
  const sites = normSites(model);
  const blocks = sites.map(({ name, position, block }): Block => {
    if (block === null || position === 'other') {
      const wanted =
        'a norm with one block before it; slancGraph has factors for norms of heads, behind a block, or parallel ones';
      throw new BittrueError('unsupported', 'model', name, wanted);
    }
    // The embedding is read only where it is needed.
    return position === 'first' && options.variant !== 'residual' ? { position } : block;
  });
  const factors = namingWeights(model, () => slancFactors(blocks, { engine: defaultEngine(), ...options }));
  const width = model.config.hidden;
  const norms = factors.map(({ alpha, scale, position }, i): NormScale => {
    const { claim, reason } = slancGuarantee({ block: position, width, reduction: 'sequential' });
    return { site: sites[i].name, position, fedBy: sites[i].fedBy, alpha, scale, claim, reason };
  });
  return {
    bittrue: VERSION,
    schema: 'slanc/1',
    semantics: SEMANTICS,
    variant: options.variant ?? 'frobenius',
    powerOfTwo: options.powerOfTwo ?? false,
    width,
    norms,
  };
}
