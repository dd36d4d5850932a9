/**
 * A model's plan walked through: its linear layers, its norms, and parts of fused matrices.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { Tensor } from '../tensors/index.ts';
import type { Model } from './model.ts';
import type { BranchPlan, LayerPlan, LinearPlan, MlpPlan, NormPlan } from './plan.ts';

/** All layers, in order. */
export function* layersOf({ plan }: Pick<Model, 'plan'>): Generator<LayerPlan> {
  for (let index = 0; index < plan.stack.layers; index++) yield plan.stack.layer(index);
}

/** The linear layers of a branch, in the order of computation. */
function linearsOf({ body }: BranchPlan): readonly LinearPlan[] {
  if (body.kind === 'attention') {
    const { projections: own, output } = body;
    return own.kind === 'fused' ? [own.all, output] : [own.query, own.key, own.value, output];
  }
  if (body.kind === 'mlp') return mlpLinears(body);
  return [body.router, ...body.experts.flatMap(mlpLinears)];
}

function mlpLinears({ gate, up, down }: MlpPlan): readonly LinearPlan[] {
  return gate === null ? [up, down] : [gate, up, down];
}

/** The linear layers of a model, in the order of computation; the head last. */
export function linearPlans(model: Pick<Model, 'plan'>): readonly LinearPlan[] {
  const { plan } = model;
  const found: LinearPlan[] = plan.embedding.project === null ? [] : [plan.embedding.project];
  for (const { attention, mlp } of layersOf(model)) {
    for (const linear of [...linearsOf(attention), ...linearsOf(mlp)]) found.push(linear);
  }
  if (plan.project !== null) found.push(plan.project);
  return [...found, plan.head];
}

/** The matrices whose products are added to the residual stream, in the order of computation: those that tensor parallelism splits by rows. */
export function streamWriters(model: Pick<Model, 'plan'>): readonly LinearPlan[] {
  const of = ({ body }: BranchPlan): readonly LinearPlan[] =>
    body.kind === 'attention'
      ? [body.output]
      : body.kind === 'mlp'
        ? [body.down]
        : body.experts.map(({ down }) => down);
  return [...layersOf(model)].flatMap(({ attention, mlp }) => [...of(attention), ...of(mlp)]);
}

/** Some rows of a matrix. */
export function rowsOf(
  { weights }: Pick<Model, 'weights'>,
  { weight, inputs }: LinearPlan,
  from: number,
  to: number,
): Tensor {
  const stored = weights[weight];
  return {
    shape: [to - from, inputs],
    get data() {
      return stored.data.subarray(from * inputs, to * inputs);
    },
  };
}

/** γ as it multiplies. */
export function gammaOf({ weights }: Pick<Model, 'weights'>, { weight, offset }: NormPlan): Tensor {
  const stored = weights[weight];
  if (offset === 0) return stored;
  return { shape: stored.shape, data: Float64Array.from(stored.data, (value) => value + offset) };
}

/** The names of a layer that is laid out as Llama's. */
export interface LlamaLayer {
  readonly attention: Readonly<Record<'norm' | 'query' | 'key' | 'value' | 'output', string>>;
  readonly mlp: Readonly<Record<'norm' | 'gate' | 'up' | 'down', string>>;
}

/**
 * The names of a model's layers and of its final norm, for methods that rewrite the weights of a Llama.
 *
 * @throws {@link BittrueError} `unsupported` for a model that has anything else: biases, other norms, fused matrices
 */
export function llamaNames(model: Pick<Model, 'plan' | 'family'>): {
  layers: readonly LlamaLayer[];
  finalNorm: string;
} {
  const { plan, family } = model;
  const refused = (wanted: string) => new BittrueError('unsupported', 'model', family.name, wanted);
  const layers = [...layersOf(model)].map((layer): LlamaLayer => {
    const names = llamaLayer(layer);
    if (names === null) throw refused('a model laid out as Llama: RMSNorm, gated MLPs, no biases');
    return names;
  });
  const { finalNorm } = plan.stack;
  if (finalNorm === null) throw refused('a model with a final norm');
  return { layers, finalNorm: finalNorm.weight };
}

/** The names of a layer; null for one that has anything else. */
function llamaLayer({ attention, mlp, isParallel }: LayerPlan): LlamaLayer | null {
  const [a, m] = [attention.body, mlp.body];
  if (isParallel || a.kind !== 'attention' || a.projections.kind !== 'separate' || a.queryNorm !== null) return null;
  if (m.kind !== 'mlp' || m.gate === null) return null;
  if ([...linearsOf(attention), ...linearsOf(mlp)].some(({ bias }) => bias !== null)) return null;
  const [before, between] = [plainNorm(attention), plainNorm(mlp)];
  if (before === null || between === null) return null;
  const { query, key, value } = a.projections;
  return {
    attention: {
      norm: before,
      query: query.weight,
      key: key.weight,
      value: value.weight,
      output: a.output.weight,
    },
    mlp: { norm: between, gate: m.gate.weight, up: m.up.weight, down: m.down.weight },
  };
}

/** The name of γ of the RMSNorm before a branch; null where there is another norm. */
function plainNorm({ norm, after, scale, joined }: BranchPlan): string | null {
  const isPlain = after === null && scale === 1 && joined === null;
  return norm?.kind === 'rms' && norm.offset === 0 && isPlain ? norm.weight : null;
}
