/**
 * Dot products of RISC-V.
 *
 * @module
 */
import { bfloat16 } from '../formats/catalogue.ts';
import { blocks, chip, floatChain, single, type UnitData } from './build.ts';
import { riscvIntegerUnits } from './integer.ts';
import { riscvHalf } from './vector.ts';

/** The prose's result significand of binary32 with ⌈log₂ n⌉ guard bits. */
function bulk(n: number): UnitData {
  return {
    name: `rvbna${n}`,
    instructions: `bulk-normalised dot product of ${n} bf16 pairs`,
    a: [bfloat16],
    k: n,
    reduction: blocks(n, {
      fractionBits: 23 + Math.ceil(Math.log2(n)),
      lost: 'odd',
      // A zero product has the biased exponent 0.
      leastExponent: -2 * bfloat16.bias,
      output: single({ rounding: 'toOdd', overflow: 'infinity' }),
    }),
    output: single(),
    confidence: 'documented; the addend aligned with the products, as the prose has it',
  };
}

/** Vector bf16: widening multiply-add, and the parametrised bulk-normalised dot product for 2, 4 and 8 products. */
export const riscv = /* @__PURE__ */ chip(() => ({
  name: 'riscv',
  vendor: 'RISC-V International',
  summary: 'Zvfbfwma multiply-adds; RVBNA dot products rounded to odd; int8 dot products',
  source: 'riscv-isa-manual, src/unpriv/rvbna.adoc; Zvfbfwma',
  verified: 'documented',
  vector: [riscvHalf()],
  matrix: [
    {
      name: 'bf16',
      instructions: 'vfwmaccbf16',
      a: [bfloat16],
      k: 1,
      reduction: floatChain(single(), true),
      output: single(),
      confidence: 'documented',
    },
    bulk(2),
    bulk(4),
    bulk(8),
    ...riscvIntegerUnits(),
  ],
}));
