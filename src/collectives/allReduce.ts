/**
 * The sum over a group of devices, as a collective computes it.
 *
 * @module
 */
import { defineReduction, type Reduction } from '../accumulators/index.ts';
import { accumulatorRounding, leaves } from '../accumulators/walk.ts';
import { BittrueError, checkInteger, checkName, checkObject } from '../errors/index.ts';
import { type RecordMode, SEMANTICS, VERSION } from '../events/index.ts';
import { hasNoFailure, total } from '../events/report.ts';
import { binary32 } from '../formats/index.ts';
import { defineRounding, type Rounding, roundTo } from '../rounding/index.ts';
import { allGather, allGatherStages } from './allGather.ts';
import { type Codec, checkCodec } from './codec.ts';
import type { Group } from './group.ts';
import { hopErrors } from './hops.ts';
import { closeLedger, openLedger } from './ledger.ts';
import { messageBytes } from './message.ts';
import { recursiveDoubling, recursiveDoublingStages } from './recursiveDoubling.ts';
import { type Algorithm, algorithms, type CommunicationReport, type NonFinite, type Traffic } from './report.ts';
import { ring, ringStages } from './ring.ts';
import { emptyTally } from './tally.ts';
import { twoStep, twoStepStages } from './twoStep.ts';

/** How a sum is formed and communicated. */
export interface AllReduceOptions {
  /** Features. */
  readonly width: number;
  /** Of the devices' partial sums. */
  readonly codec: Codec;
  /**
   * Of sums over several devices, which all but `allGather` send: for a codec with static scales one made from a
   * calibration of the sum, as a group of one device. Default: `codec`, where it has no static scales.
   */
  readonly sumCodec?: Codec;
  /** Default `allGather`. */
  readonly algorithm?: Algorithm;
  /**
   * Order and accumulator of a local sum; decoded values enter it exactly. Default: in the order of devices, in binary32.
   * In `ring` and `recursiveDoubling` a local sum has two addends, and the order is the algorithm's.
   */
  readonly reduction?: Reduction;
  /** How finished sums are written; default: as the accumulator leaves them. */
  readonly output?: Rounding;
  /** What `ring` and `twoStep` cut into parts; default rows. */
  readonly split?: 'rows' | 'features';
  /** Default `first`. */
  readonly record?: RecordMode;
  /** How many events `record: 'all'` keeps; default 10,000. */
  readonly limit?: number;
  /** Whether NaN and infinities among the partial sums leave a run `ok`; default `deny`. */
  readonly nonFiniteInputs?: 'deny' | 'allow';
}

/** What a collective gives. */
export interface AllReduceResult {
  /** `[rows, width]`, the same bits on every device. */
  readonly output: Float64Array;
  readonly report: CommunicationReport;
}

const keys = [
  'width',
  'codec',
  'sumCodec',
  'algorithm',
  'reduction',
  'output',
  'split',
  'record',
  'limit',
  'nonFiniteInputs',
] as const;

const table = {
  allGather: { run: allGather, stages: allGatherStages },
  ring: { run: ring, stages: ringStages },
  twoStep: { run: twoStep, stages: twoStepStages },
  recursiveDoubling: { run: recursiveDoubling, stages: recursiveDoublingStages },
} as const;

/**
 * Σ_i Y_i over the devices: partial sums encoded, sent as packed bytes, decoded, added up. Every rounding and saturation
 * is an event with its device, feature and row; bytes are counted as they are sent.
 *
 * @param partials - each device's partial sums, row-major [rows, width]; 2–64 devices
 * @throws {@link BittrueError} `shape` for partial sums or codecs that do not fit, `unsupported` for sums without a codec
 *   and for stochastic rounding
 * @example
 * import { allReduce, bf16Codec } from 'bittrue/collectives';
 * const partials = [Float64Array.of(1, 256.5), Float64Array.of(2, 1)];
 * const { output, report } = allReduce(partials, { width: 2, codec: bf16Codec });
 * output; // [3, 257]
 * report.first.inexact?.device; // 0
 * report.first.inexact?.feature; // 1
 * report.traffic.sent; // [4, 4]
 */
export function allReduce(partials: readonly Float64Array[], options: AllReduceOptions): AllReduceResult {
  const group = plan(partials, options);
  const areAllowed =
    checkName('options.nonFiniteInputs', options.nonFiniteInputs ?? 'deny', ['deny', 'allow']) === 'allow';
  const algorithm = options.algorithm ?? 'allGather';
  const output = table[algorithm].run(group);
  const { devices, rows, width, ledger, codec, sumCodec } = group;
  const findings = closeLedger(ledger, output);
  const totals = total(Object.values(findings.counts));
  const found = nonFinite(partials, width);
  return {
    output,
    report: {
      bittrue: VERSION,
      schema: 'communication/1',
      semantics: SEMANTICS,
      algorithm,
      codec: codec.name,
      sumCodec: algorithm === 'allGather' ? null : sumCodec.name,
      devices,
      rows,
      width,
      ok: hasNoFailure(totals) && (areAllowed || found.length === 0),
      stages: ledger.stages,
      ...findings,
      totals,
      nonFinite: found,
      clipping: group.tallies.map((tally, device) => ({ device, ...tally })),
      hops: hopErrors(group.hops),
      traffic: traffic(group),
    },
  };
}

function plan(partials: readonly Float64Array[], options: AllReduceOptions): Group {
  checkObject('options', options, keys);
  const width = checkInteger('options.width', options.width, 1, 2 ** 31);
  const devices = checkInteger('partials.length', partials?.length, 2, 64);
  const length = partials[0]?.length;
  partials.forEach((data, device) => {
    if (!(data instanceof Float64Array)) {
      throw new BittrueError('type', `partials[${device}]`, data, 'a Float64Array');
    }
    if (data.length !== length || data.length % width !== 0) {
      throw new BittrueError('shape', `partials[${device}]`, data, `rows of ${width}, as many on every device`);
    }
  });
  const algorithm = checkName('options.algorithm', options.algorithm ?? 'allGather', algorithms);
  const codec = checkCodec('options.codec', options.codec, devices, width);
  const output = options.output === undefined ? null : defineRounding(options.output, 'options.output');
  const reduction = defineReduction(options.reduction ?? inBinary32, 'options.reduction');
  if (isStochastic(reduction) || output?.policy.rounding === 'stochastic') {
    // Messages cut the places by which random bits are drawn.
    throw new BittrueError('unsupported', 'options.reduction', 'stochastic', 'a deterministic rounding mode');
  }
  const rows = length / width;
  const stages = [...table[algorithm].stages, ...(output === null ? [] : ['store'])];
  const record = checkName('options.record', options.record ?? 'first', ['counts', 'first', 'all'] as const);
  const limit = checkInteger('options.limit', options.limit ?? 10_000, 0, 2 ** 32);
  return {
    devices,
    rows,
    width,
    partials,
    codec,
    sumCodec: checkSumCodec(options.sumCodec, codec, algorithm, width),
    reduction,
    output,
    split: checkName('options.split', options.split ?? 'rows', ['rows', 'features'] as const),
    ledger: openLedger(stages, rows, width, record, limit),
    tallies: partials.map(emptyTally),
    sent: new Float64Array(devices),
    messages: 0,
    hops: new Map(),
  };
}

const inBinary32: Reduction = {
  kind: 'sequential',
  accumulator: { kind: 'float', rounding: /* @__PURE__ */ roundTo(binary32) },
};

function checkSumCodec(given: Codec | undefined, codec: Codec, algorithm: Algorithm, width: number): Codec {
  if (given !== undefined) return checkCodec('options.sumCodec', given, 1, width);
  if (codec.kind !== 'feature' || codec.narrow === null || algorithm === 'allGather') return codec;
  throw new BittrueError(
    'unsupported',
    'options.sumCodec',
    undefined,
    `a codec for sums with ${algorithm}: scales of ${codec.name} are those of one device's partial sums`,
  );
}

function isStochastic(reduction: Reduction): boolean {
  return leaves(reduction).some(
    ({ accumulator }) => accumulatorRounding(accumulator)?.policy.rounding === 'stochastic',
  );
}

function nonFinite(partials: readonly Float64Array[], width: number): readonly NonFinite[] {
  const found: NonFinite[] = [];
  partials.forEach((data, device) => {
    let nan = 0;
    let infinite = 0;
    let first = -1;
    for (let i = 0; i < data.length; i++) {
      if (data[i] - data[i] === 0) continue;
      if (first < 0) first = i;
      if (data[i] !== data[i]) nan++;
      else infinite++;
    }
    if (first >= 0) {
      found.push({ device, nan, infinite, row: Math.floor(first / width), feature: first % width });
    }
  });
  return found;
}

function traffic({ devices, rows, width, sent, messages, codec }: Group): Traffic {
  const values = rows * width;
  const bytes = sent.reduce((sum, n) => sum + n, 0);
  const perValue = (n: number): number => (values === 0 ? 0 : (n * 8) / values);
  return {
    messages,
    sent: Array.from(sent),
    bytes,
    bitsPerValue: perValue(bytes / devices),
    mostBitsPerValue: perValue(sent.reduce((most, n) => Math.max(most, n), 0)),
    messageBitsPerValue: perValue(messageBytes(codec, rows, width)),
  };
}
