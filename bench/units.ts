/**
 * Scalar dot products a second, of every unit of every target: one instruction's K each, all of them in one process.
 *
 * `dots` counts whole dot products through the kernel, events counted; `products` the element products in them; by time
 * of the processor, so that a busy machine distorts them less. For comparison: MMA-Sim (arXiv 2511.10909), the Python
 * model that the recordings come from, forms about 3,000 dot products a second, whichever unit (as observed while the
 * recordings were made; no figure is published). `model` is that where it has the unit, `×` how many times as many.
 *
 * @module
 */
import type { Format } from 'bittrue/formats';
import { dot } from 'bittrue/kernels';
import { round } from 'bittrue/rounding';
import { type MatrixUnit, targets } from 'bittrue/targets';
import seedrandom from 'seedrandom';

/** What each unit gets, in milliseconds. */
const TIME = Number(process.env.BENCH_TIME ?? 120);
const ROWS = 512;
/** Dot products a second of MMA-Sim, in round figures. */
const MODEL = 3000;

/** Whether MMA-Sim has a unit: it lacks fp8 by mma.sync on Hopper and Blackwell, fp6, and integers. */
function isModelled({ source, name, a, confidence }: MatrixUnit): boolean {
  return (
    source.includes('MMA-Sim') &&
    a[0]?.kind === 'float' &&
    !name.startsWith('fp8Mma') &&
    !confidence.includes('assumed')
  );
}

/** Numbers from a fixed seed: every run times the same operands. */
const next = seedrandom.alea('20261122');

/** Operands of moderate size; integers over their whole range. */
function operands(format: Format, length: number): Float64Array {
  return Float64Array.from({ length }, () => {
    if (format.kind === 'integer')
      return Math.floor(format.min + next() * Math.min(format.max - format.min + 1, 2 ** 16));
    const x = (1 + next()) * 2 ** -Math.floor(next() * 8) * (next() < 0.5 ? 1 : -1);
    return round(format, format.signed ? x : Math.abs(x), { overflow: 'saturateFinite' });
  });
}

function measure(name: string, unit: MatrixUnit): { dots: number; products: number } {
  const width = Math.max(unit.k, 16);
  const a = unit.a[0] as Format;
  const b = unit.mixes === 'same' ? a : (unit.b[0] as Format);
  const blocks = unit.scale === null ? 0 : ROWS * Math.ceil(width / unit.scale.block);
  const scale = unit.scale?.format as Format;
  const options = {
    rows: ROWS,
    width,
    target: targets[name] as never,
    unit: unit.name,
    a,
    b,
    record: 'counts' as const,
    ...(unit.scale === null ? {} : { scaleA: operands(scale, blocks), scaleB: operands(scale, blocks) }),
  };
  const [x, y] = [operands(a, ROWS * width), operands(b, ROWS * width)];
  dot(x, y, options);
  let rows = 0;
  const start = process.cpuUsage().user;
  let spent = 0;
  while (spent < TIME) {
    dot(x, y, options);
    rows += ROWS;
    spent = (process.cpuUsage().user - start) / 1000;
  }
  const dots = (1000 * rows) / spent;
  return { dots, products: dots * width };
}

const head = ['target', 'unit', 'K', 'products/s', 'dots/s', 'model', '×'];
const lines = [head];
// Twice, so that what is timed has seen every kind of unit before.
for (const pass of [0, 1]) {
  for (const [name, target] of Object.entries(targets)) {
    for (const unit of Object.values(target.matrixUnits)) {
      const { dots, products } = measure(name, unit);
      if (pass === 0) continue;
      const beside = isModelled(unit) ? [`~${group(MODEL)}`, group(dots / MODEL)] : ['', ''];
      lines.push([name, unit.name, String(Math.max(unit.k, 16)), group(products), group(dots), ...beside]);
    }
  }
}

function group(x: number): string {
  return Math.round(x).toLocaleString('en-US');
}

const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] as string).length)));
for (const line of lines) {
  console.log(
    line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join('  '),
  );
}
