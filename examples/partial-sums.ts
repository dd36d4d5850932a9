/**
 * 16-bit partial sums in a 32-bit accumulator, as some matrix engines have them and as brevitas issue 524 asks to
 * simulate: int8 products run through a 16-bit register for a tile of K, whose content is then added in 32 bits.
 *
 * How long may a tile be, and what does a register that wraps do where one that saturates stays near?
 *
 *     npm run example partial-sums
 */
import { dot } from 'bittrue/kernels';
import { defineTarget } from 'bittrue/targets';

const length = 4096;

/** Σ a·b in tiles of `size`: each in 16 bits, the tiles' results in 32. */
function partialSums(size: number, overflow: 'saturate' | 'wrap', a: Float64Array, b: Float64Array) {
  const reduction = {
    kind: 'tiled',
    size,
    within: { kind: 'sequential', accumulator: { kind: 'integer', bits: 16, overflow } },
    across: { kind: 'sequential', accumulator: { kind: 'integer', bits: 32, overflow: 'wrap' } },
  };
  const output = { format: 'int32', policy: { overflow: 'wrap' } };
  const tiles = { a: ['int8'], k: size, reduction, output };
  const target = defineTarget({ name: 'matrix engine', matrixUnits: { tiles } });
  const { output: sums, report } = dot(a, b, { rows: 1, width: length, target });
  return { value: sums[0], first: report.first[overflow === 'wrap' ? 'wrap' : 'overflow'] };
}

// Activations of one sign and weights around a small mean, as behind a ReLU: sums grow.
const activations = Float64Array.from({ length }, (_, i) => (i * 37) % 128);
const weights = Float64Array.from({ length }, (_, i) => ((i * 53) % 64) - 28);
const exact = activations.reduce((sum, x, i) => sum + x * (weights[i] as number), 0);
console.log(`exact: ${exact}`);

for (const overflow of ['saturate', 'wrap'] as const) {
  for (const size of [2, 16, 64, 256, 1024]) {
    const { value, first } = partialSums(size, overflow, activations, weights);
    const told = first ? `first at product ${first.step}: ${first.operands.slice(0, 2).join(' · ')}` : 'nothing lost';
    console.log(`${overflow}, tiles of ${size}: ${value} (${Number(value) - exact}), ${told}`);
  }
}
