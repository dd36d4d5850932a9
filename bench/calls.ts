/**
 * Small calls: what a call costs, planned anew and planned once (`prepare`), and what its numbers cost.
 *
 * Ways take turns, block by block; the table gives microseconds a call, the least of all blocks, since a busy machine
 * only adds. `a number` is the slope between rows of 768 and of 1536 numbers, planned once: with it, `beyond` is what a
 * planned call costs beside its numbers.
 *
 *     npm run bench calls
 *
 * @module
 */
import { binary16 } from 'bittrue/formats';
import { add, cast, castCodes, dot, layerNorm, matmul, rmsNorm, softmax, sum } from 'bittrue/kernels';
import { fp16, h100 } from 'bittrue/targets';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 40);

const numbers = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => Math.sin(7.3 * i));

interface Pair {
  /** Planned in every call. */
  readonly anew: () => unknown;
  /** Planned once. */
  readonly once: () => unknown;
}

/** The calls of a kernel over one row. */
const kernels: Record<string, (width: number) => Pair> = {
  cast(width) {
    const x = numbers(width);
    const run = cast.prepare({ format: binary16, engine: null });
    return { anew: () => cast(x, { format: binary16, engine: null }), once: () => run(x) };
  },
  castCodes(width) {
    const x = numbers(width);
    const run = castCodes.prepare({ format: binary16, engine: null });
    return { anew: () => castCodes(x, { format: binary16, engine: null }), once: () => run(x) };
  },
  add(width) {
    const x = numbers(width);
    const run = add.prepare({ format: binary16, engine: null });
    return { anew: () => add(x, x, { format: binary16, engine: null }), once: () => run(x, x) };
  },
  layerNorm(width) {
    const x = numbers(width);
    const options = { width, target: fp16, gamma: numbers(width), engine: null };
    const run = layerNorm.prepare(options);
    return { anew: () => layerNorm(x, { rows: 1, ...options }), once: () => run(x) };
  },
  rmsNorm(width) {
    const x = numbers(width);
    const options = { width, target: fp16, engine: null };
    const run = rmsNorm.prepare(options);
    return { anew: () => rmsNorm(x, { rows: 1, ...options }), once: () => run(x) };
  },
  softmax(width) {
    const x = numbers(width);
    const options = { width, target: fp16, engine: null };
    const run = softmax.prepare(options);
    return { anew: () => softmax(x, { rows: 1, ...options }), once: () => run(x) };
  },
  sum(width) {
    const x = numbers(width);
    const options = { width, target: fp16, engine: null };
    const run = sum.prepare(options);
    return { anew: () => sum(x, { rows: 1, ...options }), once: () => run(x) };
  },
  'dot, H100 f16'(width) {
    const x = numbers(width);
    const options = { width, target: h100, unit: 'f16', engine: null };
    const run = dot.prepare(options);
    return { anew: () => dot(x, x, { rows: 1, ...options }), once: () => run(x, x) };
  },
  'matmul, fp16, n = 1'(width) {
    const x = numbers(width);
    const options = { n: 1, k: width, target: fp16, engine: null };
    const run = matmul.prepare(options);
    return { anew: () => matmul(x, x, { m: 1, ...options }), once: () => run(x, x) };
  },
};

const widths = [16, 768, 1536];
const ways = Object.entries(kernels).flatMap(([name, make]) =>
  widths.flatMap((width) => {
    const { anew, once } = make(width);
    return [
      { key: `${name} ${width} anew`, call: anew, repeats: Math.ceil(3200 / width) },
      { key: `${name} ${width} once`, call: once, repeats: Math.ceil(3200 / width) },
    ];
  }),
);
const least = new Map<string, number>();
for (let round = 0; round < ROUNDS; round++) {
  for (const { key, call, repeats } of ways) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < repeats; i++) call();
    const took = Number(process.hrtime.bigint() - start) / repeats / 1000;
    least.set(key, Math.min(took, least.get(key) ?? Infinity));
  }
}

console.log('| µs a call | 16 numbers | planned once | 768 numbers | planned once | a number | beyond |');
console.log('| --- | --- | --- | --- | --- | --- | --- |');
for (const name of Object.keys(kernels)) {
  const of = (width: number, way: string): number => least.get(`${name} ${width} ${way}`) as number;
  const slope = (of(1536, 'once') - of(768, 'once')) / 768;
  const cells = [of(16, 'anew'), of(16, 'once'), of(768, 'anew'), of(768, 'once')].map((took) => took.toFixed(1));
  const beyond = Math.max(0, of(16, 'once') - 16 * slope).toFixed(1);
  console.log(`| ${[name, ...cells, `${(1000 * slope).toFixed(0)} ns`, beyond].join(' | ')} |`);
}
