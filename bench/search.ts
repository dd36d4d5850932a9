/**
 * The times of docs/performance.md for FPQ's search: one linear layer, normal weights, activations whose channels have
 * log-normal scales. With numbers, one layer of that size: 4096 256 4 takes minutes. `plain`: without the engine.
 *
 *     npm run bench search [SIZE ROWS BITS [plain]]
 *
 * @module
 */
import { type SearchOptions, searchLayer } from 'bittrue/quantization';
import seedrandom from 'seedrandom';

const next = seedrandom.alea('12345');
/** Uniform in (0, 1), then normal (Box and Muller). */
const uniform = () => next() + 2 ** -33;
const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());

function time(size: number, rows: number, bits: number, preShift: SearchOptions['preShift']): string {
  const scales = Array.from({ length: size }, () => Math.exp(0.7 * normal()));
  const x = {
    data: Float64Array.from({ length: rows * size }, (_, i) => normal() * scales[i % size]),
    shape: [rows, size],
  };
  const w = { data: Float64Array.from({ length: size * size }, () => normal() * 0.02), shape: [size, size] };
  let told = 0;
  const start = process.cpuUsage();
  const wall = performance.now();
  const { trace } = searchLayer(x, w, {
    weightBits: bits,
    activationBits: bits,
    preShift: preShift ?? null,
    ...(isPlain ? { engine: null } : {}),
    onProgress: ({ phase, done, total }) => {
      if (performance.now() - told < 10_000) return;
      told = performance.now();
      console.error(`${phase}: ${done.toFixed(2)} of ${total}`);
    },
  });
  const spent = process.cpuUsage(start).user / 1e6;
  const cells = [
    `${size} × ${size}`,
    rows,
    `${bits}/${bits}`,
    preShift === null ? 'FPQ baseline' : 'FPQ',
    `${((performance.now() - wall) / 1000).toFixed(1)} s`,
    `${spent.toFixed(1)} s`,
    trace[trace.length - 1].round,
    (trace[0].error / trace[trace.length - 1].error).toFixed(2),
  ];
  return `| ${cells.join(' | ')} |`;
}

console.log('| layer | rows | W/A | method | time | processor time | rounds run | MinMax error / found |');
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
const [size, rows, bits] = process.argv.slice(2, 5).map(Number);
const isPlain = process.argv[5] === 'plain';
const cases =
  size === undefined
    ? [
        [256, 256, 4],
        [512, 256, 4],
        [1024, 256, 4],
        [512, 256, 8],
      ]
    : [[size, rows, bits]];
for (const [n, count, width] of cases) {
  for (const preShift of [null, 'difference'] as const) console.log(time(n, count, width, preShift));
}
