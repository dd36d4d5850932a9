/**
 * The generic targets: machines that are defined here, not measured. One row pins all five steps and the reduction.
 *
 * | name | load, store | compute | accumulate | statistics | order |
 * | --- | --- | --- | --- | --- | --- |
 * | fp16 | binary16 | binary16 | binary16 | binary16 | sequential |
 * | fp16Fp32Accumulate | binary16 | binary16 | binary32 | binary32 | sequential |
 * | fp16Fp32Compute | binary16 | binary32 | binary32 | binary32 | sequential |
 * | bf16, bf16Fp32Accumulate, bf16Fp32Compute | likewise with bfloat16 | | | | |
 * | fp32 | binary32 | binary32 | binary32 | binary32 | sequential |
 * | e4m3fnFp16 | e4m3fn | binary16 | binary16 | binary16 | sequential |
 * | e5m2Fp16 | e5m2 | binary16 | binary16 | binary16 | sequential |
 * | e4m3fnFp32 | e4m3fn | binary32 | binary32 | binary32 | sequential |
 * | fp16Tile64 | binary16 | binary16 | binary16 | binary16 | tiles of 64, butterfly across |
 *
 * All of them multiply by a rounded 1/d for the mean, round 1/√ correctly, do not fuse, and follow each format's
 * default policy: ties to even, gradual underflow, tininess after rounding.
 *
 * @module
 */
import type { Reduction } from '../accumulators/reduction.ts';
import { markMade } from '../errors/made.ts';
import { bfloat16, binary16, binary32, e4m3fn, e5m2 } from '../formats/catalogue.ts';
import type { Format } from '../formats/format.ts';
import { type Rounding, roundTo } from '../rounding/roundTo.ts';
import type { VectorTarget, VectorUnit } from './target.ts';

const SOURCE = 'defined by bittrue, design of the generic targets';

function sequential(accumulate: Rounding): Reduction {
  return markMade(
    Object.freeze({
      kind: 'sequential',
      accumulator: Object.freeze({ kind: 'float', rounding: accumulate, fused: false }),
    } as const),
  );
}

interface Row {
  readonly storage: Format;
  readonly compute: Format;
  readonly accumulate: Format;
  readonly statistics: Format;
}

function generic(name: string, summary: string, row: Row, order = sequential): VectorTarget {
  const storage = roundTo(row.storage);
  const accumulate = roundTo(row.accumulate);
  const unit: VectorUnit = Object.freeze({
    name: 'vector',
    instructions: '',
    load: storage,
    compute: roundTo(row.compute),
    accumulate,
    statistics: roundTo(row.statistics),
    store: storage,
    reduction: order(accumulate),
    mean: 'reciprocal',
    reciprocalSqrt: Object.freeze({ kind: 'correctlyRounded' } as const),
    source: SOURCE,
    verified: 'definition',
    confidence: 'a definition',
  });
  return markMade(
    Object.freeze({
      name,
      vendor: '',
      summary,
      vectorUnits: Object.freeze({ vector: unit }),
      matrixUnits: Object.freeze({}),
      defaults: Object.freeze({ vector: 'vector', matrix: 'vector' }),
      source: SOURCE,
      verified: 'definition',
    } as const),
  );
}

function uniform(storage: Format, rest: Format): Row {
  return { storage, compute: rest, accumulate: rest, statistics: rest };
}

/** binary16 everywhere: the plain FP16 vector unit. */
export const fp16 = /* @__PURE__ */ generic('fp16', 'binary16 everywhere', uniform(binary16, binary16));

/** binary16 arithmetic with binary32 sums and statistics. */
export const fp16Fp32Accumulate = /* @__PURE__ */ generic(
  'fp16Fp32Accumulate',
  'binary16 arithmetic, binary32 sums and statistics',
  { storage: binary16, compute: binary16, accumulate: binary32, statistics: binary32 },
);

/** binary16 in memory, binary32 inside. */
export const fp16Fp32Compute = /* @__PURE__ */ generic(
  'fp16Fp32Compute',
  'binary16 in memory, binary32 inside',
  uniform(binary16, binary32),
);

/** bfloat16 everywhere. */
export const bf16 = /* @__PURE__ */ generic('bf16', 'bfloat16 everywhere', uniform(bfloat16, bfloat16));

/** bfloat16 arithmetic with binary32 sums and statistics. */
export const bf16Fp32Accumulate = /* @__PURE__ */ generic(
  'bf16Fp32Accumulate',
  'bfloat16 arithmetic, binary32 sums and statistics',
  { storage: bfloat16, compute: bfloat16, accumulate: binary32, statistics: binary32 },
);

/** bfloat16 in memory, binary32 inside. */
export const bf16Fp32Compute = /* @__PURE__ */ generic(
  'bf16Fp32Compute',
  'bfloat16 in memory, binary32 inside',
  uniform(bfloat16, binary32),
);

/** binary32 everywhere. */
export const fp32 = /* @__PURE__ */ generic('fp32', 'binary32 everywhere', uniform(binary32, binary32));

/** e4m3fn in memory, binary16 inside. */
export const e4m3fnFp16 = /* @__PURE__ */ generic(
  'e4m3fnFp16',
  'e4m3fn in memory, binary16 inside',
  uniform(e4m3fn, binary16),
);

/** e5m2 in memory, binary16 inside. */
export const e5m2Fp16 = /* @__PURE__ */ generic('e5m2Fp16', 'e5m2 in memory, binary16 inside', uniform(e5m2, binary16));

/** e4m3fn in memory, binary32 inside. */
export const e4m3fnFp32 = /* @__PURE__ */ generic(
  'e4m3fnFp32',
  'e4m3fn in memory, binary32 inside',
  uniform(e4m3fn, binary32),
);

/** binary16 everywhere; rows summed in tiles of 64, the tile sums by a butterfly. */
export const fp16Tile64 = /* @__PURE__ */ generic(
  'fp16Tile64',
  'binary16 everywhere, tiles of 64 with a butterfly across',
  uniform(binary16, binary16),
  (accumulate) =>
    Object.freeze({
      kind: 'tiled',
      size: 64,
      within: sequential(accumulate),
      across: Object.freeze({
        kind: 'butterfly',
        accumulator: Object.freeze({ kind: 'float', rounding: accumulate, fused: false }),
      } as const),
    } as const),
);
