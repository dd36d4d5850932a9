/**
 * What the factors guarantee, and where the guarantee ends.
 *
 * @module
 */
import { checkInteger, checkName, checkObject } from '../errors/index.ts';
import type { Position } from './block.ts';

/** A case to ask about. */
export interface GuaranteeCase {
  /** `linear`: the norm's input is M Γ x̂, x̂ one normalised vector (Σ x̂² ≤ d), and α = ‖M Γ‖_F. Else a position. */
  readonly block: 'linear' | Position;
  /** d, the width of the norm. */
  readonly width: number;
  /** How binary16 adds up the squares, every operation rounded: one chain, or a balanced tree. */
  readonly reduction: 'sequential' | 'tree';
}

/** The answer. */
export interface Guarantee {
  /** `proved`: no step of the binary16 square-sum can overflow. `typical`: only the expected size is known. */
  readonly claim: 'proved' | 'typical';
  /** What Σ (x / α)² cannot exceed in real arithmetic; null where nothing bounds it. */
  readonly bound: number | null;
  /** Why, in one sentence. */
  readonly reason: string;
}

/**
 * Whether dividing by α proves that a square-sum in binary16 does not overflow.
 *
 * In real arithmetic ‖M Γ x̂‖ ≤ ‖M Γ‖_F √d, so the scaled sum is at most d. Rounding can nearly double what a chain
 * adds (|fl(s + x) − s| ≤ 2 |x|), so a chain is safe for d ≤ 32600; a tree while d (1 + 2⁻¹¹)^(depth + 5) < 65520.
 * No real block is purely linear, hence every position answers `typical`.
 *
 * @throws {@link BittrueError} `name`, `type` or `range`
 * @example
 * import { slancGuarantee } from 'bittrue/slanc';
 * slancGuarantee({ block: 'linear', width: 4096, reduction: 'sequential' }).claim; // 'proved'
 * slancGuarantee({ block: 'linear', width: 40000, reduction: 'sequential' }).claim; // 'typical'
 * slancGuarantee({ block: 'gatedMlp', width: 4096, reduction: 'tree' }).claim; // 'typical'
 */
export function slancGuarantee(options: GuaranteeCase): Guarantee {
  const { block, width, reduction } = checkObject('options', options, [
    'block',
    'width',
    'reduction',
  ]) as unknown as GuaranteeCase;
  checkName('options.block', block, ['linear', 'first', 'attention', 'mlp', 'gatedMlp']);
  checkInteger('options.width', width, 1, 2 ** 31);
  checkName('options.reduction', reduction, ['sequential', 'tree']);
  if (block !== 'linear') return Object.freeze({ claim: 'typical', bound: null, reason: beyondLinear[block] });
  const safe = reduction === 'sequential' ? width <= 32600 : width * (1 + 2 ** -11) ** (treeDepth(width) + 5) < 65520;
  return Object.freeze({
    claim: safe ? 'proved' : 'typical',
    bound: width,
    reason: safe
      ? `the scaled square-sum is at most ${width}, and binary16 rounding cannot carry it to 65520`
      : `the scaled square-sum is at most ${width}, which binary16 rounding can carry to 65520`,
  });
}

const beyondLinear: Readonly<Record<Position, string>> = /* @__PURE__ */ Object.freeze({
  first: 'no block bounds the embedding that this norm reads',
  attention: 'heads may attend to different tokens, and a pre-norm skip carries the unnormalised stream',
  mlp: 'the activation makes the block non-linear, and a pre-norm skip carries the unnormalised stream',
  gatedMlp: 'a gated MLP is quadratic in its input, and a pre-norm skip carries the unnormalised stream',
});

/** Levels of a tree over n leaves: the smallest k with 2^k ≥ n. */
function treeDepth(n: number): number {
  let depth = 0;
  for (let leaves = 1; leaves < n; leaves *= 2) depth++;
  return depth;
}
