/**
 * Attention as a piece of a graph: projections, norms of heads, rotary positions, masks.
 *
 * @module
 */
import type { Attribute } from '../../graphs/index.ts';
import type { AttentionPlan, NormPlan, RotaryPlan } from '../plan.ts';
import { rotaryTable } from '../rotary.ts';
import type { Builder } from './builder.ts';
import { linear, norm } from './pieces.ts';

/** Which sequences and positions the rows of a stream are. */
export interface Frame {
  /** A value: [sequences, tokens]. */
  readonly shape: string;
  /** A value: the places 0, 1, … of one sequence. */
  readonly range: string;
  /** A value: the place of every token, [sequences, tokens]. */
  readonly places: string;
  /** Positions that tables are made for. */
  readonly positions: number;
}

/** Rows as [sequences, tokens, width]. */
export function unfolded(build: Builder, name: string, x: string, width: number, shape: string): string {
  const axes = build.node(`${name}/shape`, 'Concat', [shape, build.integers(`width ${width}`, [1], width)], {
    axis: 0,
  });
  return build.node(name, 'Reshape', [x, axes]);
}

/** Attention over the tokens of each sequence, of rows and as rows. */
export function attention(build: Builder, plan: AttentionPlan, at: string, x: string, frame: Frame): string {
  const { heads, keyValueHeads, headWidth } = plan;
  const [query, key, value] = projected(build, plan, at, x);
  const turned = (of: string, own: NormPlan | null, count: number): string => {
    const normed = own === null ? of : headNorm(build, own, of);
    const sequences = unfolded(build, `${of}/batch`, normed, count * headWidth, frame.shape);
    return plan.rotary === null ? sequences : rotated(build, plan.rotary, `${of}/rotated`, sequences, count, frame);
  };
  const queries = turned(query, plan.queryNorm, heads);
  const keys = turned(key, plan.keyNorm, keyValueHeads);
  const values = unfolded(build, `${at}/values`, value, keyValueHeads * headWidth, frame.shape);
  const inputs = [queries, keys, values];
  if (plan.window !== null && plan.window < frame.positions) inputs.push(windowMask(build, plan.window, frame));
  const attributes: Record<string, Attribute> = { q_num_heads: heads, kv_num_heads: keyValueHeads };
  if (plan.isCausal) attributes.is_causal = 1;
  if (plan.softcap !== 0) attributes.softcap = plan.softcap;
  if (plan.scale !== 1 / Math.sqrt(headWidth)) attributes.scale = plan.scale;
  const attended = build.node(`${at}/attention`, 'Attention', inputs, attributes);
  const width = heads * headWidth;
  const rows = build.integers(`rows of ${width}`, [2], -1, width);
  return linear(build, plan.output, build.node(`${at}/attended`, 'Reshape', [attended, rows]));
}

function projected(build: Builder, plan: AttentionPlan, at: string, x: string): readonly string[] {
  const { projections, heads, keyValueHeads, headWidth } = plan;
  if (projections.kind === 'separate') {
    return [projections.query, projections.key, projections.value].map((one) => linear(build, one, x));
  }
  const all = linear(build, projections.all, x);
  const outputs = ['query', 'key', 'value'].map((name) => `${at}/${name}`);
  if (projections.byHead) {
    const shape = build.integers(`heads ${heads} ${headWidth}`, [3], -1, heads, 3 * headWidth);
    const byHead = build.node(`${at}/by head`, 'Reshape', [all, shape]);
    const sizes = build.integers(`widths of a head ${headWidth}`, [3], headWidth, headWidth, headWidth);
    return build.several(`${at}/split`, 'Split', [byHead, sizes], outputs, { axis: -1 });
  }
  const widths = [heads, keyValueHeads, keyValueHeads].map((count) => count * headWidth);
  const sizes = build.integers(`widths ${widths.join(' ')}`, [3], ...widths);
  return build.several(`${at}/split`, 'Split', [all, sizes], outputs, { axis: -1 });
}

/** A norm of each head's numbers. */
function headNorm(build: Builder, plan: NormPlan, x: string): string {
  const shape = build.integers(`rows of ${plan.width}`, [2], -1, plan.width);
  return norm(build, plan, build.node(`${x}/heads`, 'Reshape', [x, shape]));
}

function rotated(
  build: Builder,
  plan: RotaryPlan,
  name: string,
  x: string,
  heads: number,
  { places, positions }: Frame,
): string {
  const half = [positions, plan.width / 2];
  const [cos, sin] = ['cos', 'sin'].map((part) => `${plan.name}_${part}`);
  if (!build.has(cos)) {
    const table = rotaryTable('options.positions', positions, plan);
    build.numbers(cos, half, table.cos);
    build.numbers(sin, half, table.sin);
  }
  const how = {
    ...(plan.isPartial ? { rotary_embedding_dim: plan.width } : {}),
    ...(plan.isInterleaved ? { interleaved: 1 } : {}),
  };
  return build.node(name, 'RotaryEmbedding', [x, cos, sin, places], { num_heads: heads, ...how });
}

/** Which keys a query sees: those fewer than so many places before it. */
function windowMask(build: Builder, window: number, { range }: Frame): string {
  const name = `window ${window}`;
  if (build.has(name)) return name;
  const query = build.node(`${name}/queries`, 'Unsqueeze', [range, build.integers('second axis', [1], 1)]);
  const key = build.node(`${name}/keys`, 'Unsqueeze', [range, build.integers('first axis', [1], 0)]);
  const distance = build.node(`${name}/distance`, 'Sub', [query, key]);
  return build.node(name, 'Less', [distance, build.integers(`${name}/tokens`, [], window)]);
}
