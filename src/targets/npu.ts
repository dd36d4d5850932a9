/**
 * Matrix units of which only formats are documented: the order of their additions is assumed here, and said to be.
 *
 * @module
 */
import { bfloat16, binary16 } from '../formats/catalogue.ts';
import { chip, floatChain, half, single } from './build.ts';
import { tpuVectorUnit } from './vector.ts';

/** Google's matrix unit by default precision. */
export const tpu = /* @__PURE__ */ chip(() => ({
  name: 'tpu',
  vendor: 'Google',
  summary: 'Cloud TPU: float32 operands rounded to bf16, products summed in float32',
  source: 'cloud.google.com/tpu/docs/bfloat16',
  verified: 'documented',
  vector: [tpuVectorUnit()],
  matrix: [
    {
      name: 'bf16',
      instructions: 'matrix multiplication at default precision',
      a: [bfloat16],
      k: 128,
      reduction: floatChain(single(), true),
      output: single(),
      confidence: 'formats documented; order (ascending) and rounding (to nearest) assumed',
    },
  ],
}));

/** Graphcore's accumulating matrix product with either type of partial sums. */
export const ipu = /* @__PURE__ */ chip(() => ({
  name: 'ipu',
  vendor: 'Graphcore',
  summary: 'IPU: f16 operands, partial sums in float32 or in half precision',
  source: 'poplibs, partialsType',
  verified: 'documented',
  matrix: [
    {
      name: 'f16',
      instructions: 'AMP with float partials',
      a: [binary16],
      k: 16,
      reduction: floatChain(single(), true),
      output: single(),
      confidence: 'formats documented; order (ascending) and rounding (to nearest) assumed',
    },
    {
      name: 'f16Half',
      instructions: 'AMP with half partials',
      a: [binary16],
      k: 16,
      reduction: floatChain(half(), true),
      output: half(),
      confidence: 'formats documented; order (ascending) and rounding (to nearest) assumed',
    },
  ],
}));
