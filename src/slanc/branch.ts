/**
 * The norm of one block's output, read from its weights: the formulas of the variants.
 * Sources: SLaNC (arXiv 2410.10553) and the published code of its authors (dmx-compressor, `slanc_tuning`).
 *
 * @module
 */
import type { Engine } from '../engine/engine.ts';
import type { FloatArray, Tensor } from '../tensors/index.ts';
import type { AttentionBlock, Block, GatedMlpBlock, MlpBlock } from './block.ts';
import { attentionMatrices, gateMatrix, mlpMatrices } from './block.ts';
import { frobenius, productFrobenius } from './frobenius.ts';
import { largest } from './spectral.ts';

/** How a block of few key-value heads is brought to the width of W_O. */
export type GroupedQueries = 'interleave' | 'tile';

/** Which formula. `residual` uses `frobenius` for its branches. */
export type Formula = 'frobenius' | 'frobeniusGate' | 'dmx';

/** How the norm of a branch is formed. */
export interface BranchOptions {
  readonly formula: Formula;
  readonly gqa: GroupedQueries;
  /** Whether the block's own input is added, y = Γ x̂. */
  readonly skip: boolean;
  readonly engine: Engine | null;
}

/** The factor of one checked block, whose matrices are read, and checked, two at a time. */
export function branchNorm(
  argument: string,
  block: Exclude<Block, { position: 'first' }>,
  options: BranchOptions,
): number {
  const { formula, skip, engine } = options;
  if (block.position === 'attention') return attentionNorm(argument, block, options);
  if (block.position === 'mlp') return mlpNorm(argument, block, options);
  const { norm, inner } = productNorm(argument, block, false, engine);
  const gate = gateMatrix(argument, block, inner);
  const gamma = block.gamma.data;
  // The gate by its Frobenius norm in `frobeniusGate`.
  const branch = norm * (formula === 'frobeniusGate' ? frobenius(gate, gamma) : largest(gate, gamma, { engine }).value);
  // Branch and skip count as uncorrelated, as in `residual`.
  return skip ? Math.hypot(branch, length(gamma)) : branch;
}

/** ‖(W_O W_V + I) Γ‖_F: each token attends to itself. */
function attentionNorm(argument: string, block: AttentionBlock, { gqa, skip, engine }: BranchOptions): number {
  const { value, output } = attentionMatrices(argument, block);
  return productFrobenius(foldHeads(value, output, block, gqa), value, block.gamma.data, skip, engine);
}

/** ‖W₂ W₁ Γ‖_F, or ‖(W₂ W₁ + I) Γ‖_F; W₁ has `inner` rows. */
function productNorm(
  argument: string,
  block: MlpBlock | GatedMlpBlock,
  skip: boolean,
  engine: Engine | null,
): { readonly norm: number; readonly inner: number } {
  const { up, down } = mlpMatrices(argument, block);
  return { norm: productFrobenius(down, up, block.gamma.data, skip, engine), inner: up.shape[0] };
}

/** ‖W₂ W₁ Γ‖_F, or the published (‖γ‖₁ / d) ‖W₁‖₂ ‖W₂‖₂, which lacks a factor near √d. */
function mlpNorm(argument: string, block: MlpBlock, { formula, skip, engine }: BranchOptions): number {
  if (formula !== 'dmx') return productNorm(argument, block, skip, engine).norm;
  const { up, down } = mlpMatrices(argument, block);
  return meanMagnitude(block.gamma.data) * largest(up, null, { engine }).value * largest(down, null, { engine }).value;
}

/**
 * W_O with the columns added up that meet the same row of W_V, so that the product with the stored W_V is the
 * product with the repeated one. `interleave` repeats each head in place, which is how query heads read them;
 * `tile` repeats the whole W_V, as the published code does.
 */
function foldHeads(
  value: Tensor,
  output: Tensor,
  { heads = 1, keyValueHeads = 1 }: Pick<AttentionBlock, 'heads' | 'keyValueHeads'>,
  gqa: GroupedQueries,
): Tensor {
  const rows = value.shape[0];
  const [d, columns] = output.shape;
  if (rows === columns) return output;
  const width = columns / heads;
  const group = heads / keyValueHeads;
  const folded = new Float64Array(d * rows);
  for (let column = 0; column < columns; column++) {
    const head = Math.floor(column / width);
    const row = gqa === 'tile' ? column % rows : Math.floor(head / group) * width + (column % width);
    for (let i = 0; i < d; i++) folded[i * rows + row] += output.data[i * columns + column];
  }
  return { data: folded, shape: [d, rows] };
}

/** ‖Γ‖_F */
function length(gamma: FloatArray): number {
  let sum = 0;
  for (let i = 0; i < gamma.length; i++) sum += gamma[i] * gamma[i];
  return Math.sqrt(sum);
}

function meanMagnitude(gamma: FloatArray): number {
  let sum = 0;
  for (let i = 0; i < gamma.length; i++) sum += Math.abs(gamma[i]);
  return sum / gamma.length;
}
