/**
 * The pictures of docs/communication.md, from real runs: error of codecs against the strength of outliers, which stay with
 * their features or wander.
 *
 * @module
 */

const shape = /** @type {const} */ ({ devices: 8, rows: 32, width: 256 });
const strengths = [1, 4, 16, 64, 256];

/**
 * @typedef {{ allReduce: Function, blockCodec: Function, createGroupCalibration: Function, hybridCodec: Function,
 *   integerCodec: Function, observeGroup: Function, parseGroup: Function, plotSvg: Function, nvfp4: object }} Library
 */

/**
 * Pictures by their file names.
 *
 * @param {Library} library
 * @returns {Record<string, string>}
 */
export function communicationPictures(library) {
  const titles = { fixed: 'Outliers that stay with two features', wandering: 'Outliers anywhere, one value in 128' };
  return Object.fromEntries(
    /** @type {const} */ (['fixed', 'wandering']).map((kind) => {
      const found = strengths.map((times) => errors(library, kind, times));
      const series = Object.keys(found[0] ?? {}).map((name) => ({
        name,
        mark: 'line',
        points: strengths.map((x, i) => ({ x, y: found[i]?.[name] ?? Number.NaN })),
      }));
      const plot = {
        title: titles[kind],
        x: { title: 'outliers, in times the others', scale: 'logarithmic' },
        y: { title: 'error of the sums (rmse)', scale: 'logarithmic' },
        series,
      };
      return [`communication-${kind}.svg`, String(library.plotSvg(plot))];
    }),
  );
}

/**
 * The error of every codec's sums, by name.
 *
 * @param {Library} library
 * @param {'fixed' | 'wandering'} kind
 * @param {number} times
 * @returns {Record<string, number>}
 */
function errors(library, kind, times) {
  const { allReduce, blockCodec, createGroupCalibration, hybridCodec, integerCodec, observeGroup, parseGroup } =
    library;
  const { devices, width } = shape;
  const seen = observeGroup(createGroupCalibration({ devices, width }), partialSums(11, kind, times));
  const partials = partialSums(12, kind, times);
  const codecs = {
    'INT4, static ranges (4 bits)': integerCodec(seen),
    'hybrid, k = 4 (4.19)': hybridCodec(seen, { k: 4 }),
    'uint3/64;spikes (4.19)': parseGroup('uint3/64;spikes'),
    'uint4/128 (4.25)': parseGroup('uint4/128'),
    'NVFP4 (4.5)': blockCodec(library.nvfp4),
    'int8/128 (8.13)': parseGroup('int8/128'),
  };
  return Object.fromEntries(
    Object.entries(codecs).map(([name, codec]) => {
      const { report } = allReduce(partials, { width, codec, record: 'counts' });
      return [name, report.hops.at(-1).rmse];
    }),
  );
}

/**
 * Normal numbers, some of them `times` as wide.
 *
 * @param {number} seed
 * @param {'fixed' | 'wandering'} kind
 * @param {number} times
 */
function partialSums(seed, kind, times) {
  const { devices, rows, width } = shape;
  const next = generator(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return Array.from({ length: devices }, () =>
    Float64Array.from({ length: rows * width }, (_, i) => {
      const x = normal();
      const feature = i % width;
      const isOutlier = kind === 'fixed' ? feature === 37 || feature === 170 : next() < 2 / width;
      return isOutlier ? times * x : x;
    }),
  );
}

/**
 * Numbers in [0, 1): mulberry32.
 *
 * @param {number} seed
 */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
