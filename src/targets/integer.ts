/**
 * Integer dot-product units as data: what is clamped or wrapped, and after how many products.
 *
 * | unit | one tile | after a tile | between tiles |
 * | --- | --- | --- | --- |
 * | tensor cores | one instruction's K | wrap, or one clamp (`.satfinite`) | chain |
 * | VPDPBUSD, SDOT, vqdot, vrmpy | 4 products | wrap mod 2^32 | chain |
 * | VPDPBUSDS | 4 products | one clamp to int32 | chain |
 * | VPDPWSSD(S), vdmpy:sat | 2 products | wrap, or one clamp | chain |
 * | VPMADDUBSW | 2 products | one clamp to int16 | wrapping int32 additions |
 *
 * A tile's products and its addend are summed exactly; `chain` makes the result the addend of the next tile.
 *
 * @module
 */
import type { Reduction } from '../accumulators/reduction.ts';
import { int4, int8, int16, int32, uint4, uint8 } from '../formats/catalogue.ts';
import { type Rounding, roundTo } from '../rounding/roundTo.ts';
import { chip, type UnitData } from './build.ts';

type Overflow = 'saturate' | 'wrap';

/** Tiles of `size` exact products in an int32 register, fitted once each. */
function tiles(size: number, overflow: Overflow): Reduction {
  return {
    kind: 'tiled',
    size,
    within: { kind: 'sequential', accumulator: { kind: 'integer', bits: 32, overflow, when: 'atEnd' } },
    across: 'chain',
  };
}

function word(overflow: Overflow): Rounding {
  return roundTo(int32, { overflow });
}

/** A unit with one int32 register. */
function dot(
  name: string,
  instructions: string,
  operands: Pick<UnitData, 'a' | 'b'>,
  k: number,
  overflow: Overflow,
  rest: Pick<UnitData, 'confidence'> & Partial<UnitData>,
): UnitData {
  return { name, instructions, ...operands, k, reduction: tiles(k, overflow), output: word(overflow), ...rest };
}

/** NVIDIA integer tensor cores: K of an int8 instruction, and of an int4 one where the chip has it. */
export function nvidiaIntegerUnits(k: { readonly int8: number; readonly int4?: number }): UnitData[] {
  const known = {
    source: 'PTX ISA, wmma, mma and wgmma, .satfinite',
    verified: 'documented',
    confidence: 'documented; that one instruction is clamped once, at its end, is how the text reads',
  } as const;
  const pair = (bits: 4 | 8, size: number): UnitData[] => {
    const operands = { a: bits === 8 ? [int8, uint8] : [int4, uint4] };
    const shape = `mma s${bits}, u${bits} k${size}`;
    return [
      dot(`int${bits}`, shape, operands, size, 'wrap', known),
      dot(`int${bits}Satfinite`, `${shape} .satfinite`, operands, size, 'saturate', known),
    ];
  };
  return [...pair(8, k.int8), ...(k.int4 === undefined ? [] : pair(4, k.int4))];
}

/** Vector neural-network instructions of x86, and the older pair of SSSE3. */
export const avx512Vnni = /* @__PURE__ */ chip(() => {
  const bytes = { a: [uint8], b: [int8] };
  const words = { a: [int16] };
  const known = { confidence: 'outputs of an AMD EPYC' };
  return {
    name: 'avx512Vnni',
    vendor: 'Intel, AMD',
    summary: 'VPDPBUSD(S), VPDPWSSD(S) and VPMADDUBSW',
    source: 'Intel SDM; measured on an AMD EPYC with AVX512_VNNI',
    verified: 'silicon',
    matrix: [
      dot('vpdpbusd', 'VPDPBUSD', bytes, 4, 'wrap', known),
      dot('vpdpbusds', 'VPDPBUSDS', bytes, 4, 'saturate', known),
      dot('vpdpwssd', 'VPDPWSSD', words, 2, 'wrap', known),
      dot('vpdpwssds', 'VPDPWSSDS', words, 2, 'saturate', known),
      {
        name: 'vpmaddubsw',
        instructions: 'VPMADDUBSW, then VPMADDWD by ones and VPADDD',
        ...bytes,
        k: 4,
        // 255·127 + 255·127 does not fit in int16: the trap of AVX2's int8 path.
        reduction: {
          kind: 'tiled',
          size: 2,
          within: {
            kind: 'sequential',
            accumulator: { kind: 'integer', bits: 16, overflow: 'saturate', when: 'atEnd' },
          },
          across: { kind: 'sequential', accumulator: { kind: 'integer', bits: 32, overflow: 'wrap' } },
        },
        output: word('wrap'),
        ...known,
      },
    ],
  };
});

/** AMX-INT8. */
export function amxIntegerUnits(): UnitData[] {
  return [
    {
      ...dot('int8', 'TDPBSSD, TDPBSUD, TDPBUSD, TDPBUUD', { a: [int8, uint8] }, 64, 'wrap', {
        confidence: 'documented',
      }),
      reduction: tiles(4, 'wrap'),
      source: 'Intel SDM, TDPBSSD',
      verified: 'documented',
    },
  ];
}

/** Arm's integer dot and matrix products. */
export const armInt8 = /* @__PURE__ */ chip(() => {
  const operands = { a: [int8, uint8] };
  const known = { confidence: 'QEMU 7.2, 0 mismatches' };
  return {
    name: 'armInt8',
    vendor: 'Arm',
    summary: 'SDOT and SMMLA with their unsigned and mixed kin: int32, wrapping',
    source: 'Arm Architecture Reference Manual, instruction pages; QEMU, vec_helper.c',
    verified: 'model',
    matrix: [
      dot('sdot', 'SDOT, UDOT, USDOT, SUDOT', operands, 4, 'wrap', known),
      dot('smmla', 'SMMLA, UMMLA', operands, 8, 'wrap', { ...known, mixes: 'same' }),
      // No instruction has a signed first and an unsigned second matrix.
      dot('usmmla', 'USMMLA', { a: [uint8], b: [int8] }, 8, 'wrap', known),
    ],
  };
});

/** RISC-V Zvqdotq. */
export function riscvIntegerUnits(): UnitData[] {
  return [
    dot('vqdot', 'vqdot, vqdotu, vqdotsu', { a: [int8, uint8] }, 4, 'wrap', {
      source: 'Zvqdotq; Spike, vqdot_common.h',
      verified: 'documented',
      confidence: 'documented',
    }),
  ];
}

/** Qualcomm Hexagon's vector extensions. */
export const hexagonHvx = /* @__PURE__ */ chip(() => ({
  name: 'hexagonHvx',
  vendor: 'Qualcomm',
  summary: 'HVX: vrmpy wraps, vdmpy:sat clamps the pair sum with its accumulator',
  source: 'Hexagon intrinsics (doc.rust-lang.org, core::arch::hexagon)',
  verified: 'documented',
  matrix: [
    dot('vrmpy', 'vrmpy', { a: [uint8, int8] }, 4, 'wrap', { confidence: 'documented' }),
    dot('vdmpySat', 'vdmpy of halfwords, accumulating, :sat', { a: [int16] }, 2, 'saturate', {
      confidence: 'documented',
    }),
  ],
}));
