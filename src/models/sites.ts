/**
 * Every norm of a model, with the block before it: which weights, and which norm fed that block.
 *
 * @module
 */
import type { Tensor } from '../tensors/index.ts';
import { layerNames } from './family.ts';
import { checkLlama, type LlamaModel } from './llama.ts';

/** The block whose output arrives at a norm, as tensors. `slancFactor` takes it as it is. */
export type FeedingBlock =
  | {
      /** Nothing but the embedding stands before the first norm. */
      readonly position: 'first';
      /** [vocabulary, hidden] */
      readonly embedding: Tensor;
    }
  | {
      readonly position: 'attention';
      /** γ of the norm that fed the block, [hidden]. */
      readonly gamma: Tensor;
      /** [keyValueHeads · headWidth, hidden] */
      readonly value: Tensor;
      /** [hidden, heads · headWidth] */
      readonly output: Tensor;
      readonly heads: number;
      readonly keyValueHeads: number;
    }
  | {
      readonly position: 'gatedMlp';
      /** γ of the norm that fed the block, [hidden]. */
      readonly gamma: Tensor;
      /** [intermediate, hidden] */
      readonly gate: Tensor;
      /** [intermediate, hidden] */
      readonly up: Tensor;
      /** [hidden, intermediate] */
      readonly down: Tensor;
    };

/** One norm of a model. */
export interface NormSite {
  /** As its node in `llamaGraph`: `layers.0.input_layernorm` … `norm`. */
  readonly name: string;
  /** Its place in the order of computation, from 0. */
  readonly index: number;
  /** What stands before it. */
  readonly position: FeedingBlock['position'];
  /** The name of the norm that fed the block before it; null for the first. */
  readonly fedBy: string | null;
  /** The norm's own γ, by its name in the checkpoint. */
  readonly weight: string;
  /** The block before it. */
  readonly block: FeedingBlock;
}

/**
 * The norms of a model in the order of computation: two a layer, then the final one.
 *
 * @example
 * import { loadLlama, normSites } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const sites = normSites(loadLlama(config, checkpoint));
 * sites.length; // 9
 * sites[2].name; // 'layers.1.input_layernorm'
 * sites[2].position; // 'gatedMlp'
 * sites[2].fedBy; // 'layers.0.post_attention_layernorm'
 */
export function normSites(model: LlamaModel): readonly NormSite[] {
  checkLlama(model);
  const { config, family } = model;
  const sites: NormSite[] = [];
  for (let index = 0; index <= 2 * config.layers; index++) {
    const block = blockBefore(model, index);
    const layer = Math.floor(index / 2);
    const last = index === 2 * config.layers;
    const half = index % 2 === 0 ? family.attention : family.mlp;
    sites.push(
      Object.freeze({
        name: siteName(model, index),
        index,
        position: block.position,
        fedBy: index === 0 ? null : siteName(model, index - 1),
        weight: last ? family.finalNorm : layerNames({ norm: half.norm }, layer).norm,
        block,
      }),
    );
  }
  return sites;
}

function blockBefore({ config, family, weights }: LlamaModel, index: number): FeedingBlock {
  if (index === 0) return { position: 'first', embedding: weights[family.embedding] };
  const layer = Math.floor((index - 1) / 2);
  if (index % 2 === 1) {
    const { norm, value, output } = layerNames(family.attention, layer);
    const { heads, keyValueHeads } = config;
    return {
      position: 'attention',
      gamma: weights[norm],
      value: weights[value],
      output: weights[output],
      heads,
      keyValueHeads,
    };
  }
  const { norm, gate, up, down } = layerNames(family.mlp, layer);
  return { position: 'gatedMlp', gamma: weights[norm], gate: weights[gate], up: weights[up], down: weights[down] };
}

/** A norm's name: its weight's, without `model.` and `.weight`. */
export function siteName(model: LlamaModel, index: number): string {
  const { config, family } = model;
  const half = index % 2 === 0 ? family.attention : family.mlp;
  const weight = index === 2 * config.layers ? family.finalNorm : half.norm.replace('{layer}', String(index >> 1));
  return weight.replace(/^model\./, '').replace(/\.weight$/, '');
}
