/**
 * The same function with larger activations: a way to bring a small model's norms to the sizes of a large one.
 *
 * @module
 */
import { BittrueError, checkPositive } from '../errors/index.ts';
import type { Tensor } from '../tensors/index.ts';
import { checkMadeModel, type Model } from './model.ts';
import type { BranchPlan, LayerPlan, NormPlan } from './plan.ts';
import { layersOf, streamWriters } from './walk.ts';

/**
 * Multiplies the residual stream by c: the embedding and everything that writes to the stream (W_O, W_down) times c,
 * ε times c². Every norm's output, hence every logit, stays what it was; Σx² before the norms grows by c².
 * A tied lm_head keeps the unscaled matrix.
 *
 * @throws {@link BittrueError} `type` or `range` unless c is a finite number above 0
 * @example
 * import { loadModel, scaleResidualStream } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * const { config, checkpoint } = openModel(embeddedModel());
 * scaleResidualStream(loadModel(config, checkpoint), 8).config.epsilon; // 0.00064
 */
export function scaleResidualStream(model: Model, c: number): Model {
  checkMadeModel(model);
  checkPositive('c', c);
  const { config, plan } = model;
  checkPreNorm(model);
  const weights: Record<string, Tensor> = { ...model.weights };
  const writers = [plan.embedding.project ?? { weight: plan.embedding.weight, bias: null }, ...streamWriters(model)];
  if (plan.embedding.positions !== null) writers.push({ weight: plan.embedding.positions.weight, bias: null });
  for (const { weight, bias } of writers) {
    weights[weight] = times(weights[weight], c);
    if (bias !== null) weights[bias] = times(weights[bias], c);
  }
  // A tied head keeps its own numbers, which are those of the embedding before.
  const { head, stack } = plan;
  const norm = <T extends NormPlan | null>(one: T): T =>
    one === null ? one : { ...one, epsilon: one.epsilon * (c * c) };
  const branch = (one: BranchPlan): BranchPlan => ({ ...one, norm: norm(one.norm) });
  const layer = (index: number): LayerPlan => {
    const { attention, mlp, isParallel } = stack.layer(index);
    return { attention: branch(attention), mlp: branch(mlp), isParallel };
  };
  return Object.freeze({
    ...model,
    config: Object.freeze({ ...config, epsilon: config.epsilon * (c * c), tied: config.tied && c === 1 }),
    plan: Object.freeze({
      ...plan,
      head: c === 1 ? head : { ...head, tiedTo: null },
      stack: { ...stack, layer, finalNorm: norm(stack.finalNorm) },
    }),
    weights: Object.freeze(weights),
  });
}

/** Norms behind a block or a sum set the size of the stream: it cannot grow without another function. */
function checkPreNorm(model: Model): void {
  const isOther = (one: BranchPlan): boolean => one.norm === null || one.after !== null || one.joined !== null;
  const { embedding } = model.plan;
  const found = [...layersOf(model)].some(({ attention, mlp }) => isOther(attention) || isOther(mlp));
  if (found || embedding.norm !== null || embedding.types !== null) {
    throw new BittrueError('unsupported', 'model', model.family.name, 'norms in front of the blocks alone');
  }
}

function times({ data, shape }: Tensor, c: number): Tensor {
  return { data: Float64Array.from(data, (value) => value * c), shape };
}
