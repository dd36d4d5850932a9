/**
 * Tensor-parallel partial sums in 4.19 bits a value (arXiv 2411.07942): INT4 for most features, BF16 for the k whose
 * ranges stick out. What does it win, and what does it send?
 *
 * Eight devices; 512 features whose ranges are alike but for one, which is 300 times wider. All-INT4 has a step for that
 * feature, too, and its error drowns the rest.
 *
 *     npm run example low-bit-all-reduce
 */
import {
  aggregatedRanges,
  allReduce,
  bf16Codec,
  createGroupCalibration,
  hybridCodec,
  integerCodec,
  observeGroup,
  outlierStatistics,
  randomCodec,
  selectFeatures,
} from 'bittrue/collectives';
import seedrandom from 'seedrandom';

const devices = 8;
const width = 512;
const k = width / 64;
const outlier = 77;

/** Partial sums of 32 tokens on every device: fixed pseudo-random numbers. */
function partialSums(seed: number): Float64Array[] {
  const next = seedrandom.alea(String(seed));
  return Array.from({ length: devices }, () =>
    Float64Array.from({ length: 32 * width }, (_, i) => (2 * next() - 1) * (i % width === outlier ? 300 : 1)),
  );
}

let seen = createGroupCalibration({ devices, width, method: 'static' });
let sumSeen = createGroupCalibration({ devices: 1, width, method: 'static' });
for (let sequence = 1; sequence <= 4; sequence++) {
  const partials = partialSums(sequence);
  seen = observeGroup(seen, partials);
  sumSeen = observeGroup(sumSeen, [sum(partials)]);
}
const ranges = aggregatedRanges(seen);
const { maxOverMedian, expectedGain } = outlierStatistics(ranges, selectFeatures(ranges, k));
console.log(
  `largest range ${maxOverMedian?.toFixed(0)} times the median; a gain of ${expectedGain.toFixed(1)} expected`,
);

const partials = partialSums(9);
const exact = sum(partials);
const codecs = [bf16Codec, integerCodec(seen), randomCodec(seen, { k, seed: 1 }), hybridCodec(seen, { k })];
for (const codec of codecs) {
  const { output, report } = allReduce(partials, { width, codec });
  const { messageBitsPerValue, bitsPerValue } = report.traffic;
  console.log(
    `${codec.name}: ${messageBitsPerValue} bits a value, ${bitsPerValue} sent, rmse ${rmse(output).toPrecision(3)}, ` +
      `${report.totals.saturation} clipped`,
  );
}

// Like with like: sending all codes to all eight devices moves more bits than a BF16 ring; two steps do not.
const codec = hybridCodec(seen, { k });
const sumCodec = hybridCodec(sumSeen, { k });
const ring = allReduce(partials, { width, codec: bf16Codec, algorithm: 'ring' });
const twoStep = allReduce(partials, { width, codec, sumCodec, algorithm: 'twoStep' });
for (const { output, report } of [ring, twoStep]) {
  console.log(
    `${report.algorithm} ${report.codec}: ${report.traffic.bitsPerValue} bits, rmse ${rmse(output).toPrecision(3)}`,
  );
}

// Every event has its place.
const bad = partialSums(9);
(bad[5] as Float64Array)[3 * width + 40] = 8;
const { saturation } = allReduce(bad, { width, codec }).report.first;
console.log(
  `device ${saturation?.device}, row ${saturation?.row}, feature ${saturation?.feature}: ` +
    `${saturation?.operands[0]} is sent as ${saturation?.result} steps of ${saturation?.operands[1]?.toFixed(4)}`,
);

function sum(partials: readonly Float64Array[]): Float64Array {
  return Float64Array.from({ length: 32 * width }, (_, i) =>
    partials.reduce((total, data) => total + (data[i] as number), 0),
  );
}

function rmse(output: Float64Array): number {
  return Math.sqrt(output.reduce((total, x, i) => total + (x - (exact[i] as number)) ** 2, 0) / output.length);
}
