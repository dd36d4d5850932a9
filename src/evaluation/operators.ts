/**
 * The operators that are evaluated, by name.
 *
 * @module
 */
import { activations } from './activations.ts';
import { attending } from './attention.ts';
import { boxes } from './boxes.ts';
import { choices } from './choice.ts';
import { elementwise } from './elementwise.ts';
import { functions } from './functions.ts';
import { sampling } from './gridSample.ts';
import { indexing } from './indexing.ts';
import { integerProducts } from './integerProducts.ts';
import { making } from './making.ts';
import { movement } from './movement.ts';
import { normalization } from './normalization.ts';
import { padding } from './padding.ts';
import { pools } from './pooling.ts';
import { products } from './products.ts';
import { quantization } from './quantization.ts';
import { recurrentLayers } from './recurrent.ts';
import { reductions } from './reductions.ts';
import { resizing } from './resize.ts';
import { signals } from './signals.ts';
import type { Operator } from './tensors.ts';
import { convolutions } from './windows.ts';

/** What computes each operator exactly. */
export const operators: ReadonlyMap<string, Operator> = /* @__PURE__ */ new Map(
  [
    elementwise,
    functions,
    activations,
    reductions,
    movement,
    padding,
    making,
    indexing,
    products,
    integerProducts,
    signals,
    boxes,
    convolutions,
    pools,
    resizing,
    normalization,
    attending,
    quantization,
    choices,
    recurrentLayers,
    sampling,
  ].flatMap((theme) => Object.entries(theme)),
);

/** Operators that move data and compute nothing: the same on every machine. */
export const moving: ReadonlySet<string> = /* @__PURE__ */ new Set([
  ...Object.keys(movement),
  ...Object.keys(padding),
  ...Object.keys(making),
  ...Object.keys(indexing),
  'Dropout',
  'Identity',
  'If',
  'Where',
]);
