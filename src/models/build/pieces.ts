/**
 * Pieces that families share: norms, linear layers, MLPs, experts. All take rows, [tokens of all sequences, width].
 *
 * @module
 */
import type { ActivationPlan, ExpertsPlan, LinearPlan, MlpPlan, NormPlan } from '../plan.ts';
import type { Builder } from './builder.ts';

/** A norm along the last axis, called as its γ; one that two branches share is made once. */
export function norm(build: Builder, plan: NormPlan, x: string): string {
  const { kind, weight, bias, width, epsilon, offset } = plan;
  if (build.has(build.called(weight))) return build.called(weight);
  const inputs = [x, build.weightPlus(weight, [width], offset)];
  if (bias !== null) inputs.push(build.weight(bias, [width]));
  const op = kind === 'layer' ? 'LayerNormalization' : 'RMSNormalization';
  return build.node(build.called(weight), op, inputs, { axis: -1, epsilon });
}

/** A linear layer, called as its matrix without `.weight`. */
export function linear(build: Builder, plan: LinearPlan, x: string): string {
  const { weight, bias, inputs, outputs, isInOut, tiedTo } = plan;
  const matrix = build.weight(tiedTo ?? weight, [outputs, inputs], { as: weight, isInOut });
  const operands = bias === null ? [x, matrix] : [x, matrix, build.weight(bias, [outputs])];
  return build.node(weight.replace(/\.weight$/, ''), 'Gemm', operands, { transB: 1 });
}

const activations: Readonly<
  Record<ActivationPlan, readonly [op: string, attributes: Readonly<Record<string, string | number>>]>
> = {
  silu: ['Swish', {}],
  gelu: ['Gelu', {}],
  geluTanh: ['Gelu', { approximate: 'tanh' }],
  quickGelu: ['Swish', { alpha: 1.702 }],
  relu: ['Relu', {}],
  tanh: ['Tanh', {}],
};

/** A value times a number, where that is not 1. */
export function times(build: Builder, x: string, scale: number, name: string): string {
  return scale === 1 ? x : build.node(name, 'Mul', [x, build.numbers(`times ${scale}`, [], Float64Array.of(scale))]);
}

/** An activation, called `at` and the operator. */
export function activation(build: Builder, plan: ActivationPlan, at: string, x: string): string {
  const [op, attributes] = activations[plan];
  return build.node(`${at}/${op.toLowerCase()}`, op, [x], attributes);
}

/** An MLP, with or without a gate. */
export function mlp(build: Builder, plan: MlpPlan, at: string, x: string): string {
  const { gate, up, isFused, down } = plan;
  if (gate === null && !isFused)
    return linear(build, down, activation(build, plan.activation, at, linear(build, up, x)));
  let [gated, wide] = ['', ''];
  if (isFused) {
    const half = up.outputs / 2;
    const both = linear(build, up, x);
    const sizes = build.integers(`widths ${half} ${half}`, [2], half, half);
    [gated, wide] = build.several(`${at}/mlp/split`, 'Split', [both, sizes], [`${at}/gate`, `${at}/up`], { axis: -1 });
  } else {
    gated = linear(build, gate as LinearPlan, x);
  }
  const open = activation(build, plan.activation, at, gated);
  if (!isFused) wide = linear(build, up, x);
  return linear(build, down, build.node(`${at}/gated`, 'Mul', [open, wide]));
}

/**
 * Every expert on all tokens, times its share, which is 0 where it was not chosen: what those say that were not chosen changes
 * nothing, but costs time.
 */
export function experts(build: Builder, plan: ExpertsPlan, at: string, x: string): string {
  const scores = linear(build, plan.router, x);
  const shares = build.node(`${at}/shares`, 'Softmax', [scores], { axis: -1 });
  const count = build.integers(`experts chosen ${plan.chosen}`, [1], plan.chosen);
  const [best, places] = build.several(`${at}/chosen`, 'TopK', [shares, count], [`${at}/best`, `${at}/places`], {
    axis: -1,
  });
  const last = build.integers('last axis', [1], -1);
  const sum = (): string => build.node(`${at}/best/sum`, 'ReduceSum', [best, last], { keepdims: 1 });
  const kept = plan.isNormalized ? build.node(`${at}/best/normalized`, 'Div', [best, sum()]) : best;
  const none = build.node(`${at}/none`, 'Sub', [shares, shares]);
  const weights = build.node(`${at}/weights`, 'ScatterElements', [none, places, kept], { axis: 1 });
  return plan.experts.reduce((total, expert, e) => {
    const own = build.node(`${at}/expert ${e}/weight`, 'Gather', [weights, build.integers(`expert ${e}`, [1], e)], {
      axis: 1,
    });
    const said = build.node(`${at}/expert ${e}/said`, 'Mul', [mlp(build, expert, `${at}/expert ${e}`, x), own]);
    return total === '' ? said : build.node(`${at}/experts to ${e}`, 'Add', [total, said]);
  }, '');
}
