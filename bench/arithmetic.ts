/**
 * One operation at a time: a unit against the same operation written out by hand, and against npm's binary16.
 *
 * Thirty units of as many formats are live and in use, so that no call site of the library has seen one format only:
 * a sweep, or a kernel whose steps differ, looks like that, and a process with one format would flatter. There are more
 * operands than a branch predictor can learn by heart. The contenders take turns, block by block; the table gives
 * nanoseconds an operation, the median and the least.
 *
 * `by hand` is what a careful programmer writes for binary16 alone: every constant a literal, flags raised, an addend
 * that is lost noticed; off the fast path it calls the unit. The npm packages round binary64's result of the operation:
 * no flags, one mode, and no fused multiply-add (two roundings).
 *
 *     npm run bench arithmetic
 *
 * @module
 */
import { f16round } from '@petamoriken/float16';
import { createUnit } from 'bittrue/arithmetic';
import { binary16, catalogue, parseFormat } from 'bittrue/formats';
import { decode } from 'bittrue/rounding';
import { getFloat16, setFloat16 } from 'fp16';
import seedrandom from 'seedrandom';

const SIZE = Number(process.env.BENCH_OPERANDS ?? 65536);
const BLOCKS = 40;
const PASSES = Math.max(2, Math.round(131072 / SIZE));

/** Numbers from a fixed seed: every run times the same operands. */
const next = seedrandom.alea('20261122');

/** Normal binary16 numbers within six binades of each other, as activations are. */
function operands(signed: boolean): Float64Array {
  return Float64Array.from({ length: SIZE }, () => {
    const exponent = 12 + Math.floor(next() * 6);
    const sign = signed && next() < 0.5 ? 0x8000 : 0;
    return decode(binary16, sign + exponent * 1024 + Math.floor(next() * 1024));
  });
}
const as = operands(true);
const bs = operands(true);
const cs = operands(true);
const positive = operands(false);
const out = new Float64Array(SIZE);

const floats = Object.keys(catalogue).filter(
  (name) => catalogue[name]?.kind === 'float' && !['binary16', 'binary64'].includes(name),
);
const others = 'int8 int16 float:e5m4 float:e6m5 float:e4m7 float:e8m11 float:e3m6 float:e5m12 float:e2m2 float:e6m9';
const names = [...floats, ...others.split(' '), 'float:e7m8', 'uint8'];
const unit = createUnit({ format: binary16 });
const up = createUnit({ format: binary16, policy: { rounding: 'towardPositive' } });
const units = names.slice(0, 28).map((name) => createUnit({ format: parseFormat(name), policy: { nanInput: 'zero' } }));
units.push(up, unit);

/** Every unit in turn does every operation on a few operands. */
function stir(): number {
  let sum = 0;
  for (const other of units) {
    for (let i = 0; i < 4; i++) {
      const a = other.round(positive[i]!);
      const b = other.round(positive[i + 4]!);
      sum += other.add(a, b) + other.subtract(a, b) + other.multiply(a, b) + other.divide(a, b);
      sum += other.squareRoot(a) + other.reciprocalSquareRoot(a) + other.fusedMultiplyAdd(a, b, a);
    }
  }
  return sum;
}

let flags = 0;
function addByHand(a: number, b: number): number {
  const s = a + b;
  const bVirtual = s - a;
  const rest = a - (s - bVirtual) + (b - bVirtual);
  const m = Math.abs(s);
  if (!(m > 6.103515625e-5 && m <= 65504) || rest !== 0) {
    const r = unit.add(a, b);
    flags = unit.flags;
    return r;
  }
  const t = s * 4398046511105;
  const r = t - (t - s);
  let raised = 0;
  if (r !== s) raised = r === a || r === b ? 129 : 1;
  flags = raised;
  return r;
}

const view = new DataView(new ArrayBuffer(2));
function fp16round(x: number): number {
  setFloat16(view, 0, x);
  return getFloat16(view, 0);
}

/** One pass over the operands; returns the flags seen, so that nothing is optimised away. */
type Pass = () => number;
/** An operation with its contenders: ours first. */
type Group = readonly [operation: string, contenders: Readonly<Record<string, Pass>>];

/** A loop of its own for each contender: a shared one would call through a closure, and measure that. */
function pass(body: string): Pass {
  const names = ['unit', 'up', 'addByHand', 'f16round', 'fp16round', 'as', 'bs', 'cs', 'positive', 'out', 'flags'];
  const source = `return () => { let seen = 0; for (let i = 0; i < ${SIZE}; i++) { ${body} } return seen; }`;
  const values = [unit, up, addByHand, f16round, fp16round, as, bs, cs, positive, out, () => flags];
  return new Function(...names, source)(...values) as Pass;
}
const ours = (call: string, of = 'unit'): Pass => pass(`out[i] = ${of}.${call}; seen |= ${of}.flags;`);
const peers = (result: string): Record<string, Pass> => ({
  '@petamoriken/float16': pass(`out[i] = f16round(${result});`),
  fp16: pass(`out[i] = fp16round(${result});`),
});

const groups: Group[] = [
  [
    'add',
    {
      bittrue: ours('add(as[i], bs[i])'),
      'by hand': pass('out[i] = addByHand(as[i], bs[i]); seen |= flags();'),
      ...peers('as[i] + bs[i]'),
    },
  ],
  ['add, toward positive', { bittrue: ours('add(as[i], bs[i])', 'up') }],
  ['subtract', { bittrue: ours('subtract(as[i], bs[i])'), ...peers('as[i] - bs[i]') }],
  ['multiply', { bittrue: ours('multiply(as[i], bs[i])'), ...peers('as[i] * bs[i]') }],
  ['divide', { bittrue: ours('divide(as[i], bs[i])'), ...peers('as[i] / bs[i]') }],
  ['squareRoot', { bittrue: ours('squareRoot(positive[i])'), ...peers('Math.sqrt(positive[i])') }],
  [
    'reciprocalSquareRoot',
    { bittrue: ours('reciprocalSquareRoot(positive[i])'), ...peers('1 / Math.sqrt(positive[i])') },
  ],
  ['fusedMultiplyAdd', { bittrue: ours('fusedMultiplyAdd(as[i], bs[i], cs[i])'), ...peers('as[i] * bs[i] + cs[i]') }],
  ['round', { bittrue: ours('round(as[i] * 1.1)'), ...peers('as[i] * 1.1') }],
  ['roundToIntegral', { bittrue: ours('roundToIntegral(as[i])') }],
];

console.log(`${units.length} formats live, ${SIZE} operands, ${BLOCKS} blocks; nanoseconds an operation\n`);
console.log(`${'operation'.padEnd(22)}${'by'.padEnd(22)}  median   least  median / ours`);
for (const [operation, contenders] of groups) {
  const entries = Object.entries(contenders);
  const times = entries.map(() => [] as number[]);
  let sink = 0;
  for (let block = 0; block < BLOCKS; block++) {
    sink += stir();
    entries.forEach(([, run], k) => {
      const start = process.hrtime.bigint();
      for (let p = 0; p < PASSES; p++) sink += run();
      times[k]!.push(Number(process.hrtime.bigint() - start) / (PASSES * SIZE));
    });
  }
  if (Number.isNaN(sink) && sink === 0) throw new Error('unreachable');
  const sorted = times.map((column) => column.sort((x, y) => x - y));
  const median = (column: number[]): number => column[BLOCKS >> 1]!;
  entries.forEach(([name], k) => {
    const column = sorted[k]!;
    const cells = [median(column).toFixed(1), column[0]!.toFixed(1)].map((text) => text.padStart(8)).join('');
    const share = (median(column) / median(sorted[0]!)).toFixed(2).padStart(15);
    console.log(`${(k === 0 ? operation : '').padEnd(22)}${name.padEnd(22)}${cells}${share}`);
  });
}
