/**
 * A misspelt option is an error that names it, never a silent default.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createUnit,
  doublingMultiplyHigh,
  quantizeLinear,
  saturatingRoundingDoublingHighMultiply,
  vnclip,
  vsmul,
} from '../../src/arithmetic/index.ts';
import {
  allReduce,
  createGroupCalibration,
  floatCodec,
  hybridCodec,
  integerCodec,
  partialSums,
  randomCodec,
} from '../../src/collectives/index.ts';
import { BittrueError } from '../../src/errors/index.ts';
import { writeSafetensors } from '../../src/files/index.ts';
import { binary16, e4m3fn, int8, mxfp4 } from '../../src/formats/index.ts';
import {
  add,
  attention,
  cast,
  castCodes,
  dot,
  epilogue,
  gemm,
  layerNorm,
  matmul,
  multiply,
  rmsNorm,
  softmax,
  sum,
  unary,
} from '../../src/kernels/index.ts';
import {
  createCalibration,
  floatQuantizer,
  integerQuantizer,
  quantizeBlocks,
  searchLayer,
  searchTensor,
  shiftedQuantizer,
} from '../../src/quantization/index.ts';
import { profileOutcome, resolvePolicy, roundTo } from '../../src/rounding/index.ts';
import { frobeniusNorm, slancFactor, spectralNorm } from '../../src/slanc/index.ts';
import { checkRows, compareTargets } from '../../src/studies/index.ts';
import { fp16 } from '../../src/targets/index.ts';
import {
  floatAccumulators,
  formats,
  policies,
  reals,
  reductions,
  roundings,
  rows,
  targets,
  values,
} from '../../src/testing/arbitraries/index.ts';
import { defineVectorTask, vectorLines, verifyVectors } from '../../src/testing/index.ts';

const x = { data: new Float64Array([1, 2, 3, 4]), shape: [2, 2] };
const task = { format: 'e4m3fn', operation: 'cast' } as const;
const vectors = '449,448\n';
const misspelt = { roundng: 'towardZero' } as object;

const data = x.data;
const shape = { rows: 2, width: 2, target: fp16, ...misspelt };
const group = createGroupCalibration({ devices: 2, width: 4 });

const calls: Record<string, () => unknown> = {
  quantizeLinear: () => quantizeLinear(2.5, { scale: 1, output: int8, ...misspelt }),
  createUnit: () => createUnit({ format: binary16, ...misspelt }),
  verifyVectors: () => verifyVectors({ ...task, vectors, ...misspelt }),
  defineVectorTask: () => defineVectorTask({ ...task, ...misspelt }),
  vectorLines: () => [...vectorLines({ ...task, count: 1, ...misspelt })],
  profileOutcome: () => profileOutcome('ocp', e4m3fn, 1, misspelt),
  resolvePolicy: () => resolvePolicy(e4m3fn, misspelt),
  step: () => roundTo(e4m3fn, misspelt),
  integerQuantizer: () => integerQuantizer(x, { bits: 4, ...misspelt }),
  floatQuantizer: () => floatQuantizer(x, { grid: 'e2m1', ...misspelt }),
  shiftedQuantizer: () => shiftedQuantizer(x, { grid: 'e2m1', ...misspelt }),
  createCalibration: () => createCalibration(misspelt),
  quantizeBlocks: () => quantizeBlocks(x, mxfp4, misspelt),
  searchLayer: () => searchLayer(x, x, { weightBits: 4, activationBits: 4, ...misspelt }),
  searchTensor: () => searchTensor(x, { bits: 4, ...misspelt }),
  formats: () => formats(misspelt),
  policies: () => policies(e4m3fn, misspelt),
  roundings: () => roundings(misspelt),
  reals: () => reals(e4m3fn, misspelt),
  values: () => values(e4m3fn, misspelt),
  rows: () => rows(e4m3fn, misspelt),
  reductions: () => reductions(floatAccumulators(fc.constant(roundTo(binary16))), misspelt),
  targets: () => targets(misspelt),
  add: () => add(data, data, shape),
  cast: () => cast(data, { format: binary16, ...misspelt }),
  castCodes: () => castCodes(data, { format: binary16, ...misspelt }),
  dot: () => dot(data, data, shape),
  layerNorm: () => layerNorm(data, shape),
  matmul: () => matmul(data, data, { m: 2, k: 2, n: 2, target: fp16, ...misspelt }),
  multiply: () => multiply(data, data, shape),
  rmsNorm: () => rmsNorm(data, shape),
  softmax: () => softmax(data, shape),
  sum: () => sum(data, shape),
  attention: () => attention(data, data, data, { heads: 1, queries: 2, keys: 2, width: 2, target: fp16, ...misspelt }),
  epilogue: () => epilogue(data, { rows: 2, width: 2, epilogue: { alpha: 2 }, ...misspelt }),
  gemm: () => gemm(data, data, { plan: { name: 'p', target: 'h100:f16' }, m: 2, n: 2, k: 2, ...misspelt }),
  unary: () => unary(data, { function: 'exp', ...shape }),
  allReduce: () => allReduce([data, data], { codec: floatCodec(e4m3fn), ...misspelt } as never),
  floatCodec: () => floatCodec(e4m3fn, misspelt),
  integerCodec: () => integerCodec(group, misspelt),
  hybridCodec: () => hybridCodec(group, { k: 1, ...misspelt }),
  randomCodec: () => randomCodec(group, { k: 1, seed: 1, ...misspelt }),
  partialSums: () => partialSums(data, x, { devices: 2, ...misspelt }),
  createGroupCalibration: () => createGroupCalibration({ devices: 2, width: 4, ...misspelt }),
  slancFactor: () => slancFactor({ position: 'first' } as never, misspelt),
  frobeniusNorm: () => frobeniusNorm(x, misspelt),
  spectralNorm: () => spectralNorm(x, misspelt),
  checkRows: () => checkRows(data, shape),
  compareTargets: () => compareTargets(data, data, { rows: 2, width: 2, contenders: [], ...misspelt } as never),
  writeSafetensors: () => writeSafetensors({}, misspelt),
};

function refusal(call: () => unknown): BittrueError {
  try {
    call();
  } catch (error) {
    if (error instanceof BittrueError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('an unknown option', () => {
  it.each(Object.entries(calls))('%s', (_, call) => {
    const { code, argument, received } = refusal(call);
    expect([code, received]).toEqual(['name', 'roundng']);
    expect(argument).toMatch(/\.roundng$/);
  });
});

describe('an unknown word', () => {
  const words: [string, () => unknown][] = [
    ['strictNaN', () => verifyVectors({ ...task, vectors, strictNaN: 'no' as never })],
    ['ignoreFlags', () => verifyVectors({ ...task, vectors, ignoreFlags: 1 as never })],
    ['vectors', () => verifyVectors({ ...task, vectors: undefined as never })],
    ['options.strictNan', () => verifyVectors({ ...task, vectors, strictNan: true } as never)],
    ['compute', () => [...vectorLines({ ...task, compute: 'oracle' as never })]],
    ['seed', () => [...vectorLines({ ...task, seed: 0.5 })]],
    ['bits', () => doublingMultiplyHigh(1, 1, 12 as never)],
    ['bits', () => saturatingRoundingDoublingHighMultiply(1, 1, 12 as never)],
    ['sew', () => vsmul(1, 1, 12 as never, 'rnu')],
    ['sew', () => vnclip(1, 1, 12 as never, 'rnu')],
    ['signed', () => vnclip(1, 1, 8, 'rnu', 'no' as never)],
    ['options.output', () => quantizeLinear(1, { scale: 1 } as never)],
    [
      'options.nan.fraction',
      () => profileOutcome('ocp', e4m3fn, Number.NaN, { nan: { negative: false, fraction: 2 } }),
    ],
    ['options.weightBits', () => searchTensor(x, { bits: 4, weightBits: 8 } as never)],
    ['policy.stochastic.seed', () => resolvePolicy(e4m3fn, { stochastic: { seed: 0.5 } })],
    ['constraints.kind', () => formats({ kind: 'floats' as never })],
    ['constraints.kinds', () => targets({ kinds: ['floats' as never] })],
    ['constraints.modes', () => policies(e4m3fn, { modes: ['up' as never] })],
  ];
  it.each(words)('of %s', (argument, call) => {
    expect(refusal(call).argument).toBe(argument);
  });
});
