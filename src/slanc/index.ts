/**
 * SLaNC (static LayerNorm calibration): matrices in, a number out. Nothing about models.
 *
 * `slancFactor` computes from the weights of the block before a norm what to multiply its input by, so that the square-sum fits
 * binary16; `slancGuarantee` says what that proves (`proved`) and what it only makes likely (`typical`).
 *
 * @module
 */
export type { AttentionBlock, Block, FirstBlock, GatedMlpBlock, MlpBlock, Position } from './block.ts';
export type { Formula, GroupedQueries } from './branch.ts';
export { type SlancFactor, type SlancOptions, slancFactor, slancFactors, type Variant } from './factor.ts';
export { type FrobeniusOptions, frobeniusNorm } from './frobenius.ts';
export { type Guarantee, type GuaranteeCase, slancGuarantee } from './guarantee.ts';
export { type SpectralNorm, type SpectralOptions, spectralNorm } from './spectral.ts';
