/**
 * The operators that are evaluated, by name.
 *
 * @module
 */
import { activations } from './activations.ts';
import { attending } from './attention.ts';
import { elementwise } from './elementwise.ts';
import { indexing } from './indexing.ts';
import { movement } from './movement.ts';
import { normalization } from './normalization.ts';
import { products } from './products.ts';
import { quantization } from './quantization.ts';
import { reductions } from './reductions.ts';
import { resizing } from './resize.ts';
import type { Operator } from './tensors.ts';
import { windowed } from './windows.ts';

/** What computes each operator exactly. */
export const operators: ReadonlyMap<string, Operator> = /* @__PURE__ */ new Map(
  [
    elementwise,
    activations,
    reductions,
    movement,
    indexing,
    products,
    windowed,
    resizing,
    normalization,
    attending,
    quantization,
  ].flatMap((theme) => Object.entries(theme)),
);

/** Operators that move data and compute nothing: the same on every machine. */
export const moving: ReadonlySet<string> = /* @__PURE__ */ new Set([
  ...Object.keys(movement),
  ...Object.keys(indexing),
  'Identity',
  'Where',
]);
