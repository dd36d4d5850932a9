/**
 * The engine beside the specification, a plain copy, npm peers and a native program, all interleaved in one run.
 *
 * Figures move with the machine's other work; ratios of one run do not move much. `native` is `bench/native/rounding.c`,
 * built with gcc where there is one and the processor has AVX-512 and F16C; run from the project's root.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { f16round } from '@petamoriken/float16';
import toFloat16 from '@stdlib/number-float64-base-to-float16';
import { closeEngine, createEngine, createTensor, type Engine, releaseTensor } from 'bittrue/engine';
import { bfloat16, binary16, binary32, defineFloat, e2m1fn, e2m3fn, e4m3fn, type Format, int8 } from 'bittrue/formats';
import { add, cast, castCodes, layerNorm, matmul, multiply, softmax } from 'bittrue/kernels';
import { roundTo } from 'bittrue/rounding';
import { armInt8, findMatrixUnit, fp16, h100, mi200, mi300, type Target } from 'bittrue/targets';
import { setFloat16 } from 'fp16';
import seedrandom from 'seedrandom';
import { onnxCast } from './_onnxCast.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const N = 2 ** 24;
const [M, K, W] = [128, 256, 512];
const MACS = M * K * W;
const [ROWS, WIDTH] = [2048, 4096];

interface Entry {
  readonly name: string;
  /** Operations of one run. */
  readonly operations: number;
  readonly run: () => number | Promise<number>;
}

/** Runs a function twice; the second time in milliseconds, as of the native program: what it reads is near. */
function timed(run: () => void): () => number {
  return () => {
    run();
    const start = performance.now();
    run();
    return performance.now() - start;
  };
}

const uniform = seedrandom.alea('12345');

/** Interleaves the entries; prints medians and minima as millions of operations a second. */
async function compare(title: string, unit: string, entries: readonly Entry[], base: number, baseName: string) {
  const times = entries.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, { run }] of entries.entries()) times[i]!.push(await run());
  }
  const least = times.map((own) => Math.min(...own));
  const reference = entries[base]!.operations / least[base]!;
  console.log(`\n${title}\n`);
  console.log(`| | ${unit}, best | median | × ${baseName} |\n| --- | --- | --- | --- |`);
  entries.forEach(({ name, operations }, i) => {
    const sorted = times[i]!.toSorted((a, b) => a - b);
    const median = sorted[sorted.length >> 1]!;
    const rate = operations / least[i]!;
    const show = (x: number): string => (x / 1e3).toFixed(x < 1e4 ? 1 : 0);
    console.log(`| ${name} | ${show(rate)} | ${show(operations / median)} | ${(rate / reference).toPrecision(2)} |`);
  });
}

/** The native program, or null where it cannot be built. */
function native(): ((...args: string[]) => number) | null {
  const folder = mkdtempSync(join(tmpdir(), 'bittrue-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  try {
    const source = join(process.cwd(), 'bench/native/rounding.c');
    const program = join(folder, 'rounding');
    execFileSync('gcc', ['-O3', '-march=native', '-o', program, source], { stdio: 'ignore' });
    const run = (...args: string[]): number => Number.parseFloat(execFileSync(program, args, { encoding: 'utf8' }));
    run('copy', '1024');
    return run;
  } catch {
    return null;
  }
}

/** Two threads on one memory, and the first of them alone. */
const pair = await createEngine({ workers: 2 });
const engine: Engine = { ...pair, pool: null };
const run = native();
if (run === null) console.log('no native yardstick: gcc, AVX-512 or F16C is missing');

const x = createTensor(engine, N, 'binary32');
const wild = createTensor(engine, N, 'binary32');
const y = createTensor(engine, N, 'binary32');
for (let i = 0; i < N; i++) {
  x[i] = uniform() + uniform() + uniform() - 1.5;
  wild[i] = (uniform() - 0.5) * 2 ** Math.floor(uniform() * 50 - 30);
}
const copyEntry: Entry = { name: 'copy of the same bytes', operations: N, run: timed(() => y.set(x)) };

/** npm's casts to binary16: one number a call but for the last, which casts arrays of its own, in and out of its memory. */
const view = new DataView(new ArrayBuffer(2));
const onnx = await onnxCast();
const plain = Float32Array.from(x);
const peers: Entry[] = [
  each('@petamoriken/float16', f16round),
  each('@stdlib/number-float64-base-to-float16', toFloat16),
  each('fp16, into a DataView', (number) => {
    setFloat16(view, 0, number);
    return 0;
  }),
  {
    name: "onnxruntime-web's Cast, one thread",
    operations: N,
    run: async () => {
      await onnx(plain);
      const start = performance.now();
      await onnx(plain);
      return performance.now() - start;
    },
  },
];

function each(name: string, round: (x: number) => number): Entry {
  const part = x.subarray(0, N / 16);
  const run = timed(() => {
    for (let i = 0; i < part.length; i++) y[i] = round(part[i]!);
  });
  return { name, operations: part.length, run };
}

const casts = Object.entries({ binary16, bfloat16, e4m3fn, e2m1fn }) as [string, Format][];
await compare(
  `Cast of ${N} binary32 numbers in the engine's memory, one thread`,
  'M/s',
  [
    copyEntry,
    ...casts.flatMap(([name, format]): Entry[] => [
      { name, operations: N, run: timed(() => cast(x, { format, engine, out: y, record: 'off' })) },
      {
        name: `${name}, counted`,
        operations: N,
        run: timed(() => cast(x, { format, engine, out: y, record: 'counts' })),
      },
      {
        name: `${name}, counted, full of subnormals and overflows`,
        operations: N,
        run: timed(() => cast(wild, { format, engine, out: y, record: 'counts' })),
      },
    ]),
    {
      name: 'binary16, counted, two threads',
      operations: N,
      run: timed(() => cast(x, { format: binary16, engine: pair, out: y, record: 'counts' })),
    },
    ...(run ? [{ name: 'native: binary16 by F16C', operations: N, run: () => run('cast', String(N)) }] : []),
    ...peers,
    {
      name: 'the specification, counted',
      operations: N / 256,
      run: timed(() => cast(x.subarray(0, N / 256), { format: binary16, engine: null, record: 'counts' })),
    },
  ],
  0,
  'copy',
);

const bytes = createTensor(engine, N, 'codes8');
const halves = createTensor(engine, N, 'codes16');
const toCodes = (name: string, format: Format, out: Uint8Array | Uint16Array, packed = false): Entry[] => [
  { name, operations: N, run: timed(() => castCodes(x, { format, packed, engine, out, record: 'off' })) },
  {
    name: `${name}, counted`,
    operations: N,
    run: timed(() => castCodes(x, { format, packed, engine, out, record: 'counts' })),
  },
  {
    name: `${name}, counted, full of subnormals and overflows`,
    operations: N,
    run: timed(() => castCodes(wild, { format, packed, engine, out, record: 'counts' })),
  },
];
await compare(
  `Cast of ${N} binary32 numbers to codes, in the engine's memory, one thread; a copy reads as many bytes`,
  'M/s',
  [
    copyEntry,
    ...toCodes('e4m3fn', e4m3fn, bytes),
    ...toCodes('e2m1fn, packed', e2m1fn, bytes.subarray(0, N / 2), true),
    ...toCodes('e2m3fn, packed', e2m3fn, bytes.subarray(0, (N * 6) / 8), true),
    ...toCodes('binary16', binary16, halves),
  ],
  0,
  'copy',
);
releaseTensor(engine, bytes);
releaseTensor(engine, halves);

await compare(
  `x + y and x · y of ${N} binary32 numbers in the engine's memory, one thread, counted`,
  'M/s',
  [
    copyEntry,
    ...(['add', 'multiply'] as const).flatMap((name): Entry[] => {
      const kernel = name === 'add' ? add : multiply;
      const options = { engine, out: y, record: 'counts' } as const;
      return [
        {
          name: `${name}, binary16 vector unit: four roundings`,
          operations: N,
          run: timed(() => kernel(x, wild, { target: fp16, ...options })),
        },
        {
          name: `${name}, to binary16: one rounding`,
          operations: N,
          run: timed(() => kernel(x, wild, { format: binary16, ...options })),
        },
      ];
    }),
  ],
  0,
  'copy',
);

const into = new Float32Array(N);
await compare(
  'The same from and to ordinary Float32Arrays',
  'M/s',
  [
    { name: 'copy of the same bytes', operations: N, run: timed(() => into.set(plain)) },
    ...casts.map(
      ([name, format]): Entry => ({
        name: `${name}, counted`,
        operations: N,
        run: timed(() => cast(plain, { format, engine, out: into, record: 'counts' })),
      }),
    ),
  ],
  0,
  'copy',
);

/** A vector unit that multiplies in one format and adds in another, or fused. */
function unit(own: Format, sum: Format, fused: boolean): Target {
  const { vector } = fp16.vectorUnits;
  const reduction = { kind: 'sequential', accumulator: { kind: 'float', rounding: roundTo(sum), fused } } as const;
  const steps = {
    load: roundTo(own),
    compute: roundTo(own),
    accumulate: roundTo(sum),
    statistics: roundTo(own),
    store: roundTo(sum),
  };
  return { ...fp16, vectorUnits: { vector: { ...vector, ...steps, reduction } } };
}

const a = x.subarray(0, M * K);
const b = x.subarray(M * K, M * K + K * W);
const ints = (n: number): Float32Array => {
  const numbers = createTensor(engine, n, 'binary32');
  for (let i = 0; i < n; i++) numbers[i] = Math.floor(uniform() * 256) - 128;
  return numbers;
};
const [ai, bi] = [ints(M * K), ints(K * W)];
const register = { kind: 'sequential', accumulator: { kind: 'integer', bits: 24, overflow: 'saturate' } } as const;
const int24: Target = {
  ...armInt8,
  matrixUnits: {
    int24: { ...findMatrixUnit(armInt8, 'sdot'), name: 'int24', a: [int8], b: [int8], reduction: register },
  },
  defaults: { matrix: 'int24' },
};
const product = createTensor(engine, M * W, 'binary64');
function products(
  name: string,
  target: Target,
  which: string,
  left: Float32Array = a,
  right: Float32Array = b,
  on: Engine = engine,
): Entry[] {
  return (['off', 'counts'] as const).map((record) => ({
    name: record === 'off' ? name : `${name}, counted`,
    operations: MACS,
    run: timed(() => matmul(left, right, { m: M, k: K, n: W, target, unit: which, engine: on, record, out: product })),
  }));
}
await compare(
  `matmul ${M} × ${K} × ${W} in the engine's memory, one thread where nothing else is said`,
  'Mmac/s',
  [
    ...(run
      ? [
          {
            name: 'native: binary16 every step, F16C',
            operations: MACS,
            run: () => run('matmul', String(M), String(K), String(W)),
          },
        ]
      : []),
    ...products('binary16 every step', fp16, 'vector'),
    ...products('bfloat16 every step', unit(bfloat16, bfloat16, false), 'vector'),
    ...products(
      'float:e6m9 every step',
      unit(defineFloat({ exponentBits: 6, mantissaBits: 9 }), defineFloat({ exponentBits: 6, mantissaBits: 9 }), false),
      'vector',
    ),
    ...products('e4m3fn every step', unit(e4m3fn, e4m3fn, false), 'vector'),
    ...products('binary16, summed in binary32', unit(binary16, binary32, true), 'vector'),
    ...products('int8, 24-bit saturating register', int24, 'int24', ai, bi),
    ...products('H100 f16 tensor core', h100, 'f16'),
    ...products('binary16 every step, two threads', fp16, 'vector', a, b, pair),
    ...products('H100 f16 tensor core, two threads', h100, 'f16', a, b, pair),
    ...products('H100 int8 tensor core', h100, 'int8', ai, bi),
    ...products('MI300 f16 matrix core', mi300, 'f16'),
    ...products('MI200 f16 matrix core', mi200, 'f16'),
    ...products('H100 f64 tensor core', h100, 'f64'),
    {
      name: 'the specification, binary16, counted',
      operations: MACS / 64,
      run: timed(() =>
        matmul(a.subarray(0, (M * K) / 64), b, { m: M / 64, k: K, n: W, target: fp16, engine: null, record: 'counts' }),
      ),
    },
  ],
  0,
  run === null ? 'the first' : 'native',
);

const gamma = Float64Array.from({ length: WIDTH }, (_, i) => Math.cos(i));
const norm = { width: WIDTH, target: fp16, gamma, beta: gamma, record: 'counts' } as const;
const input = x.subarray(0, ROWS * WIDTH);
const output = y.subarray(0, ROWS * WIDTH);
await compare(
  `layerNorm, ${ROWS} rows of ${WIDTH}, binary16 everywhere, counted: nine roundings an element`,
  'M roundings/s',
  [
    {
      name: 'cast to binary16, counted',
      operations: ROWS * WIDTH,
      run: timed(() => cast(input, { format: binary16, engine, out: output, record: 'counts' })),
    },
    {
      name: 'layerNorm',
      operations: ROWS * WIDTH * 9,
      run: timed(() => layerNorm(input, { ...norm, rows: ROWS, engine, out: output })),
    },
    {
      name: 'layerNorm, two threads',
      operations: ROWS * WIDTH * 9,
      run: timed(() => layerNorm(input, { ...norm, rows: ROWS, engine: pair, out: output })),
    },
    {
      name: 'the specification',
      operations: 16 * WIDTH * 9,
      run: timed(() => layerNorm(input.subarray(0, 16 * WIDTH), { ...norm, rows: 16, engine: null })),
    },
  ],
  0,
  'cast',
);

const scores = { width: WIDTH, target: fp16, record: 'counts' } as const;
await compare(
  `softmax, ${ROWS} rows of ${WIDTH}, binary16 everywhere, counted: six roundings an element`,
  'M roundings/s',
  [
    {
      name: 'softmax',
      operations: ROWS * WIDTH * 6,
      run: timed(() => softmax(input, { ...scores, rows: ROWS, engine, out: output })),
    },
    {
      name: 'softmax, two threads',
      operations: ROWS * WIDTH * 6,
      run: timed(() => softmax(input, { ...scores, rows: ROWS, engine: pair, out: output })),
    },
    {
      name: 'with the reciprocal of the sum',
      operations: ROWS * WIDTH * 6,
      run: timed(() => softmax(input, { ...scores, rows: ROWS, normalize: 'reciprocal', engine, out: output })),
    },
    {
      name: 'the specification',
      operations: 16 * WIDTH * 6,
      run: timed(() => softmax(input.subarray(0, 16 * WIDTH), { ...scores, rows: 16, engine: null })),
    },
  ],
  3,
  'specification',
);
await closeEngine(pair);
