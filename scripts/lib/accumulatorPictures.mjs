/**
 * The pictures of docs/accumulators.md, from real runs: error against the width of a register, and what promotion costs.
 *
 * @module
 */

const made = /** @type {const} */ ({ inputs: { kind: 'normal' }, weights: { kind: 'normal' } });

/**
 * Pictures by their file names.
 *
 * @param {{ defineSweep: Function, runCell: Function, sweepPlots: Function, plotSvg: Function }} library
 * @returns {Record<string, string>}
 */
export function accumulatorPictures({ defineSweep, runCell, sweepPlots, plotSvg }) {
  const plots = (/** @type {object} */ grid) => {
    const sweep = defineSweep(grid);
    return sweepPlots(Array.from({ length: sweep.cells }, (_, i) => runCell(sweep, i)));
  };
  const [error, overflow] = plots({
    kernels: ['dot'],
    data: [{ name: 'normal', rows: 32, width: 4096, ...made }],
    formats: ['int8', 'int4'],
    accumulators: ['int7..int22:saturate'],
    fit: 'max',
    proof: 'none',
  });
  const lengths = plots({
    kernels: ['dot'],
    data: [128, 512, 2048, 8192].map((width) => ({ name: `K = ${width}`, rows: 8, width, ...made })),
    targets: ['h100:fp8Wgmma'],
    promotions: [null, 512, 128],
    fit: 'max',
    proof: 'none',
  });
  const promotion = lengths.at(-1);
  const titled = (/** @type {object} */ plot, /** @type {string} */ title) => plotSvg({ ...plot, title });
  return {
    'accumulator-error.svg': titled(error, 'Error of 4096 products in a saturating register'),
    'accumulator-overflow.svg': titled(overflow, 'Sums of 4096 products that a saturating register clamps'),
    'accumulator-promotion.svg': titled(promotion, 'FP8 products of H100, promoted to binary32 every n'),
  };
}
