/**
 * NVIDIA tensor cores, Volta to Blackwell.
 *
 * One algorithm (Khattak & Mikaitis, arXiv 2512.07004; MMA-Sim, arXiv 2511.10909): fused blocks along K, each aligned
 * to its largest exponent, cut to F bits below it, rounded once; the result is the next block's addend.
 *
 * | chip | operands | F | block | result |
 * | --- | --- | --- | --- | --- |
 * | V100 | f16 | 23 | 4 | f32 toward zero, f16 to nearest |
 * | T4, A100, Ada | f16, bf16; tf32 | 24 | 8; 4 | the same |
 * | Ada | fp8 | 13 | 16 | e8m13 toward zero, f16 to nearest |
 * | H100, B200 | f16, bf16; tf32 | 25 | 16; 8 | f32 toward zero, f16 to nearest |
 * | H100 wgmma | fp8 | 13 | 32 | e8m13 toward zero, f16 to nearest |
 * | H100, B200 mma.sync | fp8 | 25 | 16 and 16, interleaved | then the addend to nearest |
 * | B200 tcgen05, RTX Blackwell | fp8, fp4 | 25 | 32 | f32 toward zero, f16 to nearest |
 * | the same, block-scaled | mxfp8, mxfp6; mxfp4, nvfp4 | 25; 35 | 32; 4 groups of 16 | f32 toward zero |
 * | A100, H100, B200 | f64 | – | – | no fused sum: multiply-adds in binary64, k ascending, to nearest |
 *
 * Zeros take no part in a block's exponent, which has a least value (MMA-Sim 2 says: zeros have that exponent, which is the
 * same). Where the two sources have different values, those of Khattak & Mikaitis stand here for V100 and mma.sync, those of
 * MMA-Sim 2 for wgmma, tcgen05 and block-scaled units; the other ones are in each unit's `disputed`, see `withModel`:
 *
 * | chip | result | Khattak & Mikaitis | MMA-Sim 2 |
 * | --- | --- | --- | --- |
 * | V100 | f32; f16 | none; −19 | −131; −20 |
 * | T4 | f32; f16 | – | −132; −21 |
 * | A100, Ada | f32; f16 | −132; −20 | −132; −21 |
 * | Ada | fp8 → f32; f16 | −132; −132 | −132; −21 |
 * | H100, B200 mma.sync | f32; f16 | −133; −21 | −133; −22 |
 * | H100 wgmma, B200 tcgen05 | f32; f16 | −133; −21 | −133; −133 |
 * | RTX Blackwell | fp8, fp6, fp4 → f32; f16 | – | −133; −22 |
 * | block-scaled | mxfp8, mxfp6; mxfp4, nvfp4 | – | −133; −139, and groups that cancel keep their scales' exponent |
 *
 * A zero result is +0 here. FPy's model has −0 where every product and the addend are −0; no measurement decides.
 *
 * @module
 */
import type { AlignedAccumulator } from '../accumulators/reduction.ts';
import {
  bfloat16,
  binary16,
  e2m1fn,
  e2m3fn,
  e3m2fn,
  e4m3fn,
  e5m2,
  e8m0fnu,
  e8m13,
  tf32,
} from '../formats/catalogue.ts';
import type { Format } from '../formats/format.ts';
import { blocks, chip, cutSingle, doubles, floatChain, half, single, type UnitData } from './build.ts';
import type { Dispute, Model } from './dispute.ts';
import { nvidiaIntegerUnits } from './integer.ts';
import { nvidiaVectorUnits } from './vector.ts';

const SOURCE =
  'Khattak & Mikaitis, arXiv 2512.07004, with the outputs they measured; MMA-Sim 2, arXiv 2511.10909v2; Fasi et al., PeerJ CS 2021';
const NAMES = /* @__PURE__ */ new Map<Format, string>([
  [binary16, 'f16'],
  [bfloat16, 'bf16'],
  [tf32, 'tf32'],
]);
const HARDWARE = 'outputs of the GPU';
const MODELS = 'two public models agree';
const MODEL = 'MMA-Sim 2';

/** What a generation's blocks have in common. */
interface Generation {
  /** F. */
  readonly bits: number;
  /** Least alignment exponents for f32 and f16 results; null: none. */
  readonly least: readonly [number | null, number];
  /** Those of MMA-Sim 2, where they differ. */
  readonly mmasim: readonly [number, number];
  /** K of a block of 16-bit operands; of tf32 half as much. */
  readonly block: number;
}

const volta: Generation = { bits: 23, least: [null, -19], mmasim: [-131, -20], block: 4 };
const turing: Generation = { bits: 24, least: [-132, -21], mmasim: [-132, -21], block: 8 };
const ampere: Generation = { bits: 24, least: [-132, -20], mmasim: [-132, -21], block: 8 };
const hopper: Generation = { bits: 25, least: [-133, -21], mmasim: [-133, -22], block: 16 };

/** What other models say: of the least exponent, where one has another, and of the sign of zero. */
function disputes(least: number | null, model: Model, other: number | null): readonly Dispute[] {
  const sign: Dispute = { model: 'fpy', sums: { zeroSign: 'allNegative' } };
  return other === least ? [sign] : [{ model, sums: { leastExponent: other } }, sign];
}

/** A fused sum that cuts its terms toward zero. */
function cutting(
  fractionBits: number,
  leastExponent: number | null,
  output = cutSingle(),
): Omit<AlignedAccumulator, 'kind'> {
  return { fractionBits, lost: 'truncate', leastExponent, output };
}

/** A unit for f16, bf16 or tf32. */
function fused(
  { bits, least, mmasim, block }: Generation,
  format: Format,
  k: number,
  instructions: string,
  confidence: string,
  options: { output?: 'f32' | 'f16'; name?: string; block?: number } = {},
  disputed?: readonly Dispute[],
): UnitData {
  const toHalf = options.output === 'f16';
  const at = toHalf ? 1 : 0;
  const output = toHalf ? half() : single();
  const size = options.block ?? (format === tf32 ? block / 2 : block);
  const name = options.name ?? `${NAMES.get(format)}${toHalf ? 'F16' : ''}`;
  return {
    name,
    instructions,
    a: [format],
    // The operand's 13 low bits are not read (PTX, wgmma).
    ...(format === tf32 ? { load: { rounding: 'towardZero' } as const } : {}),
    k,
    reduction: blocks(size, cutting(bits, least[at], toHalf ? half() : cutSingle())),
    output,
    ...known(confidence, disputed ?? disputes(least[at], 'mmasim', mmasim[at])),
  };
}

/** How a unit is known, and what is disputed of it. */
function known(
  confidence: string,
  disputed: readonly Dispute[],
): Pick<UnitData, 'confidence' | 'disputed'> & { verified: 'silicon' | 'model' } {
  const isLeast = disputed.some(({ sums }) => sums.leastExponent !== undefined);
  return {
    confidence: isLeast ? `${confidence}; the least exponent is disputed` : confidence,
    verified: confidence.startsWith(HARDWARE) ? 'silicon' : 'model',
    disputed,
  };
}

const fp8: readonly Format[] = [e4m3fn, e5m2];

/** A native unit for fp8. With 13 bits the float32 result is an e8m13. */
function fused8(
  name: string,
  instructions: string,
  block: number,
  bits: number,
  least: number,
  output: 'f32' | 'f16',
  confidence: string,
  a = fp8,
  mmasim = least,
): UnitData {
  const rounding = output === 'f16' ? half() : cutSingle(bits === 13 ? e8m13 : undefined);
  return {
    name,
    instructions,
    a,
    k: 32,
    reduction: blocks(block, cutting(bits, least, rounding)),
    output: output === 'f16' ? half() : single(),
    ...known(confidence, disputes(least, 'mmasim', mmasim)),
  };
}

/**
 * fp8 by `mma.sync` on Hopper and B200: two f16 sums of 16, first of the elements with k mod 4 in {0, 1}, then of the
 * others on top; the addend is added afterwards, by an ordinary addition.
 */
function emulated8(output: 'f32' | 'f16'): UnitData {
  const toHalf = output === 'f16';
  const [rounding, sum, least] = toHalf ? [half(), half(), -21] : [cutSingle(), single(), -133];
  return {
    name: toHalf ? 'fp8MmaF16' : 'fp8Mma',
    instructions: `mma.sync.m16n8k32 e4m3, e5m2 → ${output}`,
    a: fp8,
    k: 32,
    reduction: {
      kind: 'tiled',
      size: 32,
      within: {
        kind: 'strided',
        lanes: 2,
        run: 2,
        within: { kind: 'sequential', accumulator: { kind: 'aligned', ...cutting(25, least, rounding) } },
        across: 'chain',
      },
      across: floatChain(sum),
    },
    output: sum,
    ...known(`${HARDWARE}, 8 sets; the order of the two halves from the f16 results`, disputes(least, 'km', least)),
  };
}

/** mma on binary64. */
function f64(instructions: string, k: number): UnitData {
  return doubles({ instructions, k, confidence: `${MODEL}; to nearest by the tests of Fasi et al. on A100` });
}

/** Every element format of the f8f6f4 kinds; those of 6 bits are in no model. */
const narrow: readonly Format[] = [e3m2fn, e2m3fn, e4m3fn, e5m2, e2m1fn];
const ASSUMED = 'formats documented; the sum assumed to be that of fp8';

/** fp6, alone or mixed with fp8 and fp4, where only the formats are documented. */
function fused6(name: string, instructions: string, least: number, output: 'f32' | 'f16'): UnitData {
  return { ...fused8(name, instructions, 32, 25, least, output, ASSUMED, narrow), verified: 'documented' };
}

/** The block-scaled units of Blackwell. */
function scaled(instruction: string): UnitData[] {
  const disputed = disputes(-133, 'mmasim', -133);
  const shared = { output: single(), ...known(`${MODEL}, recordings reproduced`, disputed) };
  const eight = cutting(25, -133);
  const four: typeof eight = { ...cutting(35, -139), group: 16, zeroGroups: 'scale' };
  return [
    {
      name: 'mxfp8',
      instructions: `${instruction} mxf8f6f4, block 32`,
      a: [e4m3fn, e5m2, e2m1fn],
      k: 32,
      scale: { format: e8m0fnu, block: 32, ignoreSign: false },
      reduction: blocks(32, eight),
      ...shared,
    },
    {
      name: 'mxfp6',
      instructions: `${instruction} mxf8f6f4, block 32`,
      a: narrow,
      k: 32,
      scale: { format: e8m0fnu, block: 32, ignoreSign: false },
      reduction: blocks(32, eight),
      output: single(),
      verified: 'documented',
      confidence: ASSUMED,
      disputed,
    },
    {
      name: 'mxfp4',
      instructions: `${instruction} mxf4, block 32`,
      a: [e2m1fn],
      k: 64,
      scale: { format: e8m0fnu, block: 32, ignoreSign: false },
      reduction: blocks(64, four),
      ...shared,
    },
    {
      name: 'nvfp4',
      instructions: `${instruction} mxf4nvf4, block 16`,
      a: [e2m1fn],
      k: 64,
      scale: { format: e4m3fn, block: 16, ignoreSign: true },
      reduction: blocks(64, four),
      ...shared,
    },
  ];
}

/** Volta. */
export const v100 = /* @__PURE__ */ chip(() => ({
  name: 'v100',
  vendor: 'NVIDIA',
  summary: 'Volta tensor cores',
  source: SOURCE,
  verified: 'silicon',
  vector: nvidiaVectorUnits(),
  matrix: [
    fused(volta, binary16, 4, 'mma.m8n8k4 f16 → f32', HARDWARE),
    fused(volta, binary16, 4, 'mma.m8n8k4 f16 → f16', HARDWARE, { output: 'f16' }),
  ],
}));

/** Turing. */
export const t4 = /* @__PURE__ */ chip(() => ({
  name: 't4',
  vendor: 'NVIDIA',
  summary: 'Turing tensor cores',
  source: SOURCE,
  verified: 'model',
  vector: nvidiaVectorUnits(),
  matrix: [
    fused(turing, binary16, 8, 'mma.m16n8k8 f16 → f32', `${MODEL}; F from two sources, the block length from one`),
    fused(turing, binary16, 8, 'mma.m16n8k8 f16 → f16', `${MODEL}; F from two sources, the block length from one`, {
      output: 'f16',
    }),
    ...nvidiaIntegerUnits({ int8: 16, int4: 32 }),
  ],
}));

/** The units that Ampere and Ada share. */
function ampereUnits(): UnitData[] {
  const chained = `${HARDWARE}, one block; chaining: ${MODELS}`;
  return [
    fused(ampere, binary16, 16, 'mma.m16n8k16, m16n8k8 f16 → f32', chained),
    fused(ampere, bfloat16, 16, 'mma.m16n8k16, m16n8k8 bf16 → f32', chained),
    fused(ampere, binary16, 16, 'mma.m16n8k16, m16n8k8 f16 → f16', HARDWARE, { output: 'f16' }),
    fused(ampere, tf32, 8, 'mma.m16n8k8, m16n8k4 tf32 → f32', chained),
    ...nvidiaIntegerUnits({ int8: 32, int4: 64 }),
  ];
}

/** Ampere. */
export const a100 = /* @__PURE__ */ chip(() => ({
  name: 'a100',
  vendor: 'NVIDIA',
  summary: 'Ampere tensor cores of data centres (sm_80)',
  source: SOURCE,
  verified: 'silicon',
  vector: nvidiaVectorUnits(),
  matrix: [...ampereUnits(), f64('mma.m8n8k4 f64', 4)],
}));

/** Ampere with fewer tensor cores. */
export const a2 = /* @__PURE__ */ chip(() => ({
  name: 'a2',
  vendor: 'NVIDIA',
  summary: 'Ampere tensor cores (sm_86)',
  source: SOURCE,
  verified: 'silicon',
  vector: nvidiaVectorUnits(),
  matrix: ampereUnits(),
}));

/** Ada Lovelace. */
export const ada = /* @__PURE__ */ chip(() => ({
  name: 'ada',
  vendor: 'NVIDIA',
  summary: 'Ada Lovelace tensor cores (sm_89)',
  source: SOURCE,
  verified: 'silicon',
  vector: nvidiaVectorUnits(),
  matrix: [
    ...ampereUnits(),
    fused8('fp8', 'mma.m16n8k32, m16n8k16 e4m3, e5m2 → f32', 16, 13, -132, 'f32', HARDWARE),
    fused8('fp8F16', 'mma.m16n8k32, m16n8k16 e4m3, e5m2 → f16', 16, 13, -132, 'f16', HARDWARE, fp8, -21),
  ],
}));

/** f16 into f16 by the instructions of warp groups: MMA-Sim 2 keeps the least exponent of f32 results there. */
function warpGroupHalf(name: string, instructions: string): UnitData {
  const generation = { ...hopper, least: [-133, -133] as const };
  return fused(generation, binary16, 16, instructions, MODEL, { output: 'f16', name }, disputes(-133, 'km', -21));
}

/** The f16, bf16 and tf32 units that Hopper and Blackwell share. */
function hopperUnits(instruction: (shape: string) => string): UnitData[] {
  const tf = `${MODELS}; outputs of the GPU with 4 terms`;
  return [
    fused(hopper, binary16, 16, `${instruction('k16')} f16 → f32`, HARDWARE),
    fused(hopper, bfloat16, 16, `${instruction('k16')} bf16 → f32`, HARDWARE),
    fused(hopper, binary16, 16, 'mma.sync.m16n8k16 f16 → f16', HARDWARE, { output: 'f16' }),
    fused(hopper, tf32, 8, `${instruction('k8')} tf32 → f32`, tf),
    fused(hopper, binary16, 8, 'mma.sync.m16n8k8 f16 → f32', MODELS, { name: 'f16K8', block: 8 }),
    fused(hopper, bfloat16, 8, 'mma.sync.m16n8k8 bf16 → f32', MODELS, { name: 'bf16K8', block: 8 }),
    fused(hopper, tf32, 4, 'mma.sync.m16n8k4 tf32 → f32', HARDWARE, { name: 'tf32K4', block: 4 }),
    emulated8('f32'),
    emulated8('f16'),
  ];
}

/** Hopper. */
export const h100 = /* @__PURE__ */ chip(() => ({
  name: 'h100',
  vendor: 'NVIDIA',
  summary: 'Hopper tensor cores (sm_90)',
  source: SOURCE,
  verified: 'silicon',
  vector: nvidiaVectorUnits({ hasBfloat16: true }),
  matrix: [
    ...hopperUnits((shape) => `mma.sync.m16n8${shape}, wgmma.m64nN${shape}`),
    warpGroupHalf('f16F16Wgmma', 'wgmma.m64nNk16 f16 → f16'),
    fused8(
      'fp8Wgmma',
      'wgmma.m64nNk32 e4m3, e5m2 → f32',
      32,
      13,
      -133,
      'f32',
      `${HARDWARE} with addend 0; with an addend: ${MODEL}`,
    ),
    fused8('fp8WgmmaF16', 'wgmma.m64nNk32 e4m3, e5m2 → f16', 32, 13, -133, 'f16', MODEL),
    f64('mma.m16n8k4, m16n8k8, m16n8k16 f64', 16),
    ...nvidiaIntegerUnits({ int8: 32, int4: 64 }),
  ],
}));

/** Blackwell, data centre. */
export const b200 = /* @__PURE__ */ chip(() => ({
  name: 'b200',
  vendor: 'NVIDIA',
  summary: 'Blackwell tensor cores (sm_100)',
  source: SOURCE,
  verified: 'silicon',
  vector: nvidiaVectorUnits({ hasBfloat16: true }),
  matrix: [
    ...hopperUnits((shape) => `mma.sync.m16n8${shape}, tcgen05.mma (by model) ${shape}`),
    warpGroupHalf('f16F16Tcgen05', 'tcgen05.mma kind::f16 k16 → f16'),
    fused8('fp8', 'tcgen05.mma kind::f8f6f4 k32 → f32', 32, 25, -133, 'f32', MODEL, [e4m3fn, e5m2, e2m1fn]),
    fused8('fp8F16', 'tcgen05.mma kind::f8f6f4 k32 → f16', 32, 25, -133, 'f16', MODEL, [e4m3fn, e5m2, e2m1fn]),
    fused6('fp6', 'tcgen05.mma kind::f8f6f4 k32 → f32', -133, 'f32'),
    fused6('fp6F16', 'tcgen05.mma kind::f8f6f4 k32 → f16', -133, 'f16'),
    f64('mma.m8n8k4, m16n8k4, m16n8k8, m16n8k16 f64', 16),
    ...scaled('tcgen05.mma kind'),
  ],
}));

/** Blackwell, workstation. */
export const rtxBlackwell = /* @__PURE__ */ chip(() => ({
  name: 'rtxBlackwell',
  vendor: 'NVIDIA',
  summary: 'Blackwell tensor cores of workstations (sm_120, RTX PRO 6000)',
  source: SOURCE,
  verified: 'model',
  vector: nvidiaVectorUnits({ hasBfloat16: true }),
  matrix: [
    fused(hopper, binary16, 16, 'mma.m16n8k16 f16 → f32', MODELS),
    fused(hopper, bfloat16, 16, 'mma.m16n8k16 bf16 → f32', MODELS),
    fused(hopper, binary16, 16, 'mma.m16n8k16 f16 → f16', MODELS, { output: 'f16' }),
    fused(hopper, tf32, 8, 'mma.m16n8k8 tf32 → f32', MODELS),
    fused8('fp8', 'mma.m16n8k32 f8f6f4 → f32', 32, 25, -133, 'f32', MODELS, [e4m3fn, e5m2, e2m1fn]),
    fused8('fp8F16', 'mma.m16n8k32 f8f6f4 → f16', 32, 25, -22, 'f16', MODEL, [e4m3fn, e5m2, e2m1fn]),
    fused6('fp6', 'mma.m16n8k32 f8f6f4 → f32', -133, 'f32'),
    fused6('fp6F16', 'mma.m16n8k32 f8f6f4 → f16', -22, 'f16'),
    ...scaled('mma.block_scale'),
  ],
}));
