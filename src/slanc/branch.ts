/**
 * The norm of one block's output, read from its weights: the formulas of the variants.
 * Sources: SLaNC (arXiv 2410.10553) and the published code of its authors (dmx-compressor, `slanc_tuning`).
 *
 * @module
 */
import type { FloatArray, Tensor } from '../tensors/index.ts';
import type { AttentionBlock, Block, GatedMlpBlock, MlpBlock } from './block.ts';
import { frobenius, productFrobenius } from './frobenius.ts';
import { spectralNorm } from './spectral.ts';

/** How a block of few key-value heads is brought to the width of W_O. */
export type GroupedQueries = 'interleave' | 'tile';

/** Which formula. `residual` uses `frobenius` for its branches. */
export type Formula = 'frobenius' | 'frobeniusGate' | 'dmx';

/** The factor of one checked block. `skip` adds the block's own input, y = Γ x̂. */
export function branchNorm(
  block: Exclude<Block, { position: 'first' }>,
  formula: Formula,
  gqa: GroupedQueries,
  skip: boolean,
): number {
  if (block.position === 'attention') return attentionNorm(block, gqa, skip);
  if (block.position === 'mlp') return mlpNorm(block, formula, skip);
  const branch = gatedNorm(block, formula);
  // Branch and skip count as uncorrelated, as in `residual`.
  return skip ? Math.hypot(branch, length(block.gamma.data)) : branch;
}

/** ‖(W_O W_V + I) Γ‖_F: each token attends to itself. */
function attentionNorm(block: AttentionBlock, gqa: GroupedQueries, skip: boolean): number {
  return productFrobenius(foldHeads(block, gqa), block.value, block.gamma.data, skip);
}

/**
 * W_O with the columns added up that meet the same row of W_V, so that the product with the stored W_V is the
 * product with the repeated one. `interleave` repeats each head in place, which is how query heads read them;
 * `tile` repeats the whole W_V, as the published code does.
 */
function foldHeads({ value, output, heads = 1, keyValueHeads = 1 }: AttentionBlock, gqa: GroupedQueries): Tensor {
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

/** ‖W₂ W₁ Γ‖_F, or ‖(W₂ W₁ + I) Γ‖_F; or the published (‖γ‖₁ / d) ‖W₁‖₂ ‖W₂‖₂, which lacks a factor near √d. */
function mlpNorm({ gamma, up, down }: MlpBlock, formula: Formula, skip: boolean): number {
  if (formula !== 'dmx') return productFrobenius(down, up, gamma.data, skip);
  return meanMagnitude(gamma.data) * spectralNorm(up).value * spectralNorm(down).value;
}

/** ‖W_down W_up Γ‖_F · ‖W_gate Γ‖₂, the gate by its Frobenius norm in `frobeniusGate`. */
function gatedNorm({ gamma, gate, up, down }: GatedMlpBlock, formula: Formula): number {
  const size = formula === 'frobeniusGate' ? frobenius(gate, gamma.data) : spectralNorm(gate, { gamma }).value;
  return productFrobenius(down, up, gamma.data, false) * size;
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
