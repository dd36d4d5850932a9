/**
 * Every norm of a model, with the block before it: which weights, and which norm fed that block.
 *
 * @module
 */
import type { Tensor } from '../tensors/index.ts';
import { nodeName } from './build/builder.ts';
import { checkMadeModel, type Model } from './model.ts';
import type { BranchPlan, NormPlan } from './plan.ts';
import { gammaOf, layersOf, rowsOf } from './walk.ts';

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
    }
  | {
      readonly position: 'mlp';
      /** γ of the norm that fed the block, [hidden]. */
      readonly gamma: Tensor;
      /** [intermediate, hidden] */
      readonly up: Tensor;
      /** [hidden, intermediate] */
      readonly down: Tensor;
    };

/** One norm of a model. */
export interface NormSite {
  /** As its node in `modelGraph`: `layers.0.input_layernorm` … `norm`. */
  readonly name: string;
  /** Its place in the order of computation, from 0. */
  readonly index: number;
  /**
   * What stands before it; `other`: norms of heads, norms behind a block or a sum, and norms behind experts or two blocks in
   * parallel.
   */
  readonly position: FeedingBlock['position'] | 'other';
  /** The name of the norm that fed the block before it; null for the first, and where it is another. */
  readonly fedBy: string | null;
  /** The norm's own γ, by its name in the checkpoint. */
  readonly weight: string;
  readonly kind: NormPlan['kind'];
  /** The block before it; null for `other`. */
  readonly block: FeedingBlock | null;
}

/**
 * The norms of a model in the order of computation: of a Llama two a layer, then the final one.
 *
 * @example
 * import { loadModel, normSites } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const sites = normSites(loadModel(config, checkpoint));
 * sites.length; // 9
 * sites[2].name; // 'layers.1.input_layernorm'
 * sites[2].position; // 'gatedMlp'
 * sites[2].fedBy; // 'layers.0.post_attention_layernorm'
 */
export function normSites(model: Model): readonly NormSite[] {
  checkMadeModel(model);
  const { plan, prefix } = model;
  const called = (weight: string): string => nodeName(weight, prefix);
  const sites: NormSite[] = [];
  /** The branch that wrote to the stream last; null: nothing but the embedding. Undefined: more than one block. */
  let before: BranchPlan | null | undefined = null;
  const add = (norm: NormPlan | null, last: BranchPlan | null | undefined): void => {
    // Branches in parallel may share one.
    if (norm === null || sites.some(({ weight }) => weight === norm.weight)) return;
    const block = last === undefined ? null : last === null ? firstBlock(model) : blockOf(model, last);
    const site: NormSite = {
      name: called(norm.weight),
      index: sites.length,
      position: block?.position ?? 'other',
      fedBy: block === null || last?.norm == null ? null : called(last.norm.weight),
      weight: norm.weight,
      kind: norm.kind,
      block,
    };
    sites.push(Object.freeze(site));
  };
  const branch = (one: BranchPlan, stream: BranchPlan | null | undefined): void => {
    add(one.norm, stream);
    if (one.body.kind === 'attention') for (const norm of [one.body.queryNorm, one.body.keyNorm]) add(norm, undefined);
    add(one.after, undefined);
    add(one.joined, undefined);
  };
  add(plan.embedding.norm, null);
  for (const { attention, mlp, isParallel } of layersOf(model)) {
    branch(attention, before);
    branch(mlp, isParallel ? before : attention);
    before = isParallel ? undefined : mlp;
  }
  add(plan.stack.finalNorm, before);
  return sites;
}

function firstBlock({ plan, weights }: Model): FeedingBlock {
  return { position: 'first', embedding: weights[plan.embedding.weight] };
}

/** A branch that a norm feeds and that is added to the stream as it is; null for another. */
function blockOf(model: Model, { norm, body, after, scale, joined }: BranchPlan): FeedingBlock | null {
  if (norm === null || after !== null || scale !== 1 || joined !== null) return null;
  const gamma = gammaOf(model, norm);
  if (body.kind === 'attention') {
    const { projections: own, heads, keyValueHeads, headWidth } = body;
    if (own.kind === 'fused' && own.byHead) return null;
    const queries = heads * headWidth;
    const shared = keyValueHeads * headWidth;
    const value =
      own.kind === 'separate'
        ? model.weights[own.value.weight]
        : rowsOf(model, own.all, queries + shared, queries + 2 * shared);
    return { position: 'attention', gamma, value, output: model.weights[body.output.weight], heads, keyValueHeads };
  }
  if (body.kind === 'experts') return null;
  const { gate, up, isFused } = body;
  const down = model.weights[body.down.weight];
  if (gate !== null)
    return { position: 'gatedMlp', gamma, gate: model.weights[gate.weight], up: model.weights[up.weight], down };
  if (!isFused) return { position: 'mlp', gamma, up: model.weights[up.weight], down };
  const half = up.outputs / 2;
  return {
    position: 'gatedMlp',
    gamma,
    gate: rowsOf(model, up, 0, half),
    up: rowsOf(model, up, half, up.outputs),
    down,
  };
}
