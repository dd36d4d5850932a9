import { BittrueError, binary16, compareReports, e4m3fn, explain, formatReport, int8 } from 'bittrue';
import { createUnit, quantizeLinear } from 'bittrue/arithmetic';
import {
  allReduce,
  createGroupCalibration,
  hybridCodec,
  integerCodec,
  observeGroup,
  randomCodec,
} from 'bittrue/collectives';
import { createEngine } from 'bittrue/engine';
import { writeSafetensors } from 'bittrue/files';
import { defineFloat, defineInteger, mxfp4 } from 'bittrue/formats';
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
} from 'bittrue/kernels';
import { loadModel } from 'bittrue/models';
import { embeddedModel, openModel } from 'bittrue/node';
import {
  createCalibration,
  floatQuantizer,
  floatQuantizerForMax,
  integerQuantizer,
  quantizeBlocks,
  searchLayer,
  searchTensor,
  shiftedQuantizer,
} from 'bittrue/quantization';
import {
  describeEvent,
  formatCheck,
  formatCommunication,
  formatExplanation,
  formatVerification,
  missedLines,
} from 'bittrue/reports';
import { profileOutcome, round } from 'bittrue/rounding';
import { slancFactor, slancFactors, slancGuarantee } from 'bittrue/slanc';
import {
  calibrateCommunication,
  cancellingOutliers,
  checkModel,
  checkRows,
  communicateModel,
  compareTargets,
  judge,
  logits,
  perplexity,
  quantizedMatmul,
  quantizeModel,
  slancScales,
} from 'bittrue/studies';
import { defineTarget, fp16, h100 } from 'bittrue/targets';
import { defineVectorTask, vectorLines, verifyVectors } from 'bittrue/testing';
import { formats, policies, reals, roundings, rows, targets } from 'bittrue/testing/arbitraries';
import { describe, expect, it } from 'vitest';
import { checkFolder, writeFiles } from '../../src/node/writeFiles.ts';

const odd = { zzz: 1 } as object;
const x = Float64Array.of(1, 2);
const row = { rows: 1, width: 2, ...odd };
const { config, checkpoint } = openModel(embeddedModel());
const model = loadModel(config, checkpoint);
const tensor = { data: x, shape: [1, 2] };
const grid = floatQuantizerForMax('e2m1', 12);
const { report } = layerNorm(new Float64Array(64).fill(1e4), { rows: 1, width: 64, target: fp16 });
const event = Object.values(report.first).find((one) => one !== null && one !== undefined);
const seen = observeGroup(createGroupCalibration({ devices: 1, width: 2 }), [x]);
const ranges = calibrateCommunication(model, [[1, 2]], { devices: 2 });
const vectors = { format: 'e4m3fn', operation: 'cast', vectors: '1,1' } as const;
const verified = verifyVectors(vectors);
const checked = checkModel(model, [[1, 2]], { target: fp16, reference: false });
const study = communicateModel(model, ranges, [[1, 2]], { codecs: ['bf16'] });
const contenders = [
  { target: h100, unit: 'f16' },
  { target: h100, unit: 'f16' },
] as const;
const block = { position: 'attention', output: tensor } as never;

/** Every function that takes options, with one that there is not. */
const calls: Readonly<Record<string, () => unknown>> = {
  add: () => add(x, x, { ...row, target: fp16 }),
  cast: () => cast(x, { format: binary16, ...odd }),
  castCodes: () => castCodes(x, { format: e4m3fn, ...odd }),
  dot: () => dot(x, x, { ...row, target: fp16 }),
  layerNorm: () => layerNorm(x, { ...row, target: fp16 }),
  matmul: () => matmul(x, x, { m: 1, n: 1, k: 2, target: fp16, ...odd }),
  multiply: () => multiply(x, x, { ...row, target: fp16 }),
  rmsNorm: () => rmsNorm(x, { ...row, target: fp16 }),
  softmax: () => softmax(x, { ...row, target: fp16 }),
  attention: () => attention(x, x, x, { heads: 1, queries: 1, keys: 1, width: 2, target: fp16, ...odd }),
  epilogue: () => epilogue(x, { rows: 1, width: 2, epilogue: { alpha: 2 }, ...odd }),
  gemm: () => gemm(x, x, { plan: { name: 'p', target: 'h100:f16' }, m: 1, n: 1, k: 2, ...odd }),
  unary: () => unary(x, { ...row, function: 'exp', target: fp16 }),
  sum: () => sum(x, { ...row, target: fp16 }),
  createUnit: () => createUnit({ format: binary16, ...odd } as never),
  quantizeLinear: () => quantizeLinear(1, { scale: 1, output: int8, ...odd }),
  round: () => round(binary16, 1, odd),
  explain: () => explain(binary16, 1, odd),
  profileOutcome: () => profileOutcome('mlDtypes', e4m3fn, 1, odd),
  defineFloat: () => defineFloat({ exponentBits: 4, mantissaBits: 3, ...odd }),
  defineInteger: () => defineInteger({ bits: 4, ...odd }),
  defineTarget: () => defineTarget({ ...fp16, ...odd }),
  allReduce: () => allReduce([x, x], { width: 2, ...odd } as never),
  integerCodec: () => integerCodec(seen, odd),
  hybridCodec: () => hybridCodec(seen, { k: 1, ...odd }),
  randomCodec: () => randomCodec(seen, { k: 1, ...odd }),
  createGroupCalibration: () => createGroupCalibration({ devices: 1, width: 2, ...odd }),
  createEngine: () => createEngine(odd),
  writeSafetensors: () => writeSafetensors({}, odd),
  logits: () => logits(model, [[1, 2]], odd),
  perplexity: () => perplexity(model, [[1, 2]], odd),
  writeFiles: () => writeFiles('/nowhere', {}, odd),
  checkFolder: () => checkFolder('/nowhere', {}, odd),
  floatQuantizer: () => floatQuantizer(tensor, { grid: 'e2m1', ...odd }),
  integerQuantizer: () => integerQuantizer(tensor, { bits: 4, ...odd }),
  quantizeBlocks: () => quantizeBlocks(tensor, mxfp4, odd),
  searchLayer: () => searchLayer(tensor, tensor, { weightBits: 4, activationBits: 4, ...odd }),
  searchTensor: () => searchTensor(tensor, { bits: 4, ...odd }),
  shiftedQuantizer: () => shiftedQuantizer(tensor, { grid: 'e2m1', ...odd }),
  createCalibration: () => createCalibration(odd),
  describeEvent: () => describeEvent(event as never, odd),
  formatCheck: () => formatCheck(checked, odd),
  formatCommunication: () => formatCommunication(study, odd),
  formatExplanation: () => formatExplanation(explain(binary16, 1), odd),
  formatReport: () => formatReport(report, odd),
  formatComparison: () => formatReport(compareReports(report, report), odd),
  formatVerification: () => formatVerification(verified, odd),
  missedLines: () => missedLines([], odd),
  slancFactor: () => slancFactor(block, odd),
  slancFactors: () => slancFactors([block], odd),
  slancGuarantee: () => slancGuarantee({ block: 'attention', width: 2, reduction: 'sequential', ...odd }),
  calibrateCommunication: () => calibrateCommunication(model, [[1, 2]], { devices: 2, ...odd }),
  cancellingOutliers: () => cancellingOutliers(model, [[1, 2]], { features: 1, times: 2, ...odd }),
  checkModel: () => checkModel(model, [[1, 2]], { target: fp16, ...odd }),
  checkRows: () => checkRows(x, { ...row, target: fp16 }),
  communicateModel: () => communicateModel(model, ranges, [[1, 2]], odd),
  compareTargets: () => compareTargets(x, x, { ...row, contenders }),
  contender: () =>
    compareTargets(x, x, { rows: 1, width: 2, contenders: [{ ...contenders[0], ...odd }, contenders[1]] }),
  judge: () => judge(checked, odd),
  quantizedMatmul: () => quantizedMatmul(tensor, tensor, { activation: grid, weight: grid, target: fp16, ...odd }),
  quantizeModel: () =>
    quantizeModel(model, [[1, 2]], { method: 'minMaxFloat', weightBits: 4, activationBits: 8, ...odd }),
  slancScales: () => slancScales(model, odd),
  defineVectorTask: () => defineVectorTask({ format: 'e4m3fn', operation: 'mul', ...odd }),
  vectorLines: () => vectorLines({ format: 'e4m3fn', operation: 'mul', ...odd }),
  verifyVectors: () => verifyVectors({ ...vectors, ...odd }),
  strictNan: () => verifyVectors({ ...vectors, strictNan: true } as never),
  formats: () => formats(odd),
  policies: () => policies(binary16, odd),
  reals: () => reals(binary16, odd),
  rows: () => rows(binary16, odd),
  roundings: () => roundings(odd),
  targets: () => targets(odd),
};

describe('an option that there is not is refused, and named', () => {
  it.each(Object.entries(calls))('%s', async (_, call) => {
    const error = await Promise.resolve()
      .then(call)
      .then(
        () => null,
        (found: unknown) => found,
      );
    expect(error).toBeInstanceOf(BittrueError);
    const { code, argument } = error as BittrueError;
    expect([code, argument.split('.').at(-1)?.replace('strictNan', 'zzz')]).toEqual(['name', 'zzz']);
  });
});
