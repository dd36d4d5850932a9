/**
 * The WebAssembly module: decoded and compiled once, instantiated on any memory.
 *
 * @module
 */
import { base64 } from './wasm.ts';

/** A pointer into the module's memory, in bytes. */
export type Pointer = number;

/** What one thread needs to run kernels: the module's functions and its memory. */
export interface Core {
  readonly call: Exports;
  readonly memory: WebAssembly.Memory;
}

/** Arguments of a stage over a panel or row; see `assembly/`. */
type Binary = (x: Pointer, y: Pointer, yStride: number, out: Pointer, n: number, step: Pointer, tally: Pointer) => void;

/** The functions of `assembly/`. */
export interface Exports {
  castMagic32(x: Pointer, out: Pointer, n: number, step: Pointer): void;
  castMagic32Counting(x: Pointer, out: Pointer, n: number, step: Pointer, tally: Pointer): void;
  castCarry32(x: Pointer, out: Pointer, n: number, shift: number, step: Pointer): void;
  castCarry32Counting(x: Pointer, out: Pointer, n: number, shift: number, step: Pointer, tally: Pointer): void;
  castUsually64(x: Pointer, from: number, out: Pointer, to: number, n: number, step: Pointer): void;
  castUsually64Counting(
    x: Pointer,
    from: number,
    out: Pointer,
    to: number,
    n: number,
    step: Pointer,
    tally: Pointer,
  ): void;
  castGenerally64(x: Pointer, from: number, out: Pointer, to: number, n: number, step: Pointer, tally: Pointer): void;
  encode32: Encode;
  encode64: Encode;
  /** n numbers, a multiple of 8, of binary32 to codes of so many bytes. */
  castCodes32(
    isCarry: boolean,
    isCounting: boolean,
    bytes: number,
    x: Pointer,
    out: Pointer,
    n: number,
    block: Pointer,
    shift: number,
    sign: number,
    step: Pointer,
    tally: Pointer,
  ): void;
  packBits(bits: number, bytes: number, x: Pointer, out: Pointer, n: number): void;
  harvest32: Harvest;
  harvest64: Harvest;
  intoPanel32(x: Pointer, stride: number, n: number, out: Pointer): void;
  intoPanel64(x: Pointer, stride: number, n: number, out: Pointer): void;
  fromPanel32(x: Pointer, n: number, out: Pointer, stride: number): void;
  fromPanel64(x: Pointer, n: number, out: Pointer, stride: number): void;
  splat32(x: Pointer, n: number, out: Pointer): void;
  splat64(x: Pointer, n: number, out: Pointer): void;
  round32(x: Pointer, out: Pointer, n: number, step: Pointer, tally: Pointer): void;
  add32: Binary;
  multiply32: Binary;
  fused32(x: Pointer, y: Pointer, z: Pointer, out: Pointer, n: number, step: Pointer, tally: Pointer): void;
  chain32: Chain;
  fusedChain32: FusedChain;
  join32: Join;
  join64(isGeneral: boolean, ...rest: Parameters<Join>): void;
  fusedLeaf32: Leaf;
  fusedLeaf64(isGeneral: boolean, ...rest: Parameters<Leaf>): void;
  /** `job`: the fields of a row's job, see `assembly/product.ts`. */
  productRow32(how: number, job: Pointer): void;
  productRow64(how: number, job: Pointer): void;
  magnitudes(
    b: Pointer,
    n: number,
    width: number,
    smallest: Pointer,
    largest: Pointer,
    odds: Pointer,
    leastOdds: Pointer,
    zeros: Pointer,
  ): void;
  reach(
    a0: Pointer,
    a1: Pointer,
    a2: Pointer,
    a3: Pointer,
    n: number,
    largest: Pointer,
    start: number,
    constants: Pointer,
    out: Pointer,
  ): void;
  /** `job`: the fields of a row's job, see `assembly/bounded.ts`. */
  boundedRow(job: Pointer, unit: number, reach: number): number;
  storeRow32: StoreRow;
  storeRow64: StoreRow;
  binades(x: Pointer, n: number, least: number, ofZero: number, out: Pointer): void;
  /** `job`: the fields of a row's job, see `assembly/programJob.ts`. */
  programRow(job: Pointer): void;
  welford64(
    isGeneral: boolean,
    isSumGeneral: boolean,
    x: Pointer,
    panel: number,
    n: number,
    shares: Pointer,
    mean: Pointer,
    m2: Pointer,
    statistics: Pointer,
    accumulate: Pointer,
    tally: Pointer,
    sumTally: Pointer,
    tallyStride: number,
  ): void;
  /** Eight rows side by side. */
  intoEight(x: Pointer, stride: number, n: number, out: Pointer): void;
  integerRow(
    isCounting: boolean,
    saturates: boolean,
    a: Pointer,
    b: Pointer,
    panel: number,
    n: number,
    every: number,
    width: number,
    acc: Pointer,
    bits: number,
    largest: number,
    reach: Pointer,
    changes: Pointer,
    flags: Pointer,
    raised: number,
  ): number;
  /** How many of n numbers are NaN or infinite. */
  nonFinite32(x: Pointer, n: number): number;
  nonFinite64(x: Pointer, n: number): number;
  packColumns(x: Pointer, stride: number, n: number, out: Pointer): void;
  spread(acc: Pointer, out: Pointer, panel: number): void;
  largest32(x: Pointer, panel: number, n: number, out: Pointer): void;
  round64(isGeneral: boolean, x: Pointer, out: Pointer, n: number, step: Pointer, tally: Pointer): void;
  add64(isGeneral: boolean, ...rest: Parameters<Binary>): void;
  multiply64(isGeneral: boolean, ...rest: Parameters<Binary>): void;
  divide64: Binary;
  fused64(
    isGeneral: boolean,
    x: Pointer,
    y: Pointer,
    z: Pointer,
    out: Pointer,
    n: number,
    step: Pointer,
    tally: Pointer,
  ): void;
  chain64(isGeneral: boolean, ...rest: Parameters<Chain>): void;
  fusedChain64(isGeneral: boolean, ...rest: Parameters<FusedChain>): void;
  largest64(x: Pointer, panel: number, n: number, out: Pointer): void;
  divide32: Binary;
  divideGenerally64: Binary;
  /** Writes to the list `unsure` where the specification must carry out an exponential itself; how many these are. */
  exp64(
    isGeneral: boolean,
    x: Pointer,
    out: Pointer,
    n: number,
    step: Pointer,
    tally: Pointer,
    unsure: Pointer,
  ): number;
  exp32(x: Pointer, out: Pointer, n: number, step: Pointer, own: Pointer, tally: Pointer, unsure: Pointer): number;
  parts64(isNearest: boolean, t: Pointer, lowest: number, parts: Pointer, integers: Pointer, n: number): void;
  scale64(
    isGeneral: boolean,
    t: Pointer,
    p: Pointer,
    integers: Pointer,
    out: Pointer,
    n: number,
    step: Pointer,
    tally: Pointer,
  ): void;
  clamp32(x: Pointer, low: number, high: number, n: number, tally: Pointer): void;
  clamp64(x: Pointer, low: number, high: number, n: number, tally: Pointer): void;
  transposeIntoColumns(x: Pointer, n: number, out: Pointer): void;
  denseRows(x: Pointer, rows: number, n: number, columns: Pointer, y: Pointer, yStride: number): void;
  sweep(
    columns: Pointer,
    blocks: number,
    inputs: number,
    indices: Pointer,
    factors: Pointer,
    ends: Pointer,
    rows: number,
    count: number,
    scales: Pointer,
    wanted: Pointer,
    weights: Pointer,
    sums: Pointer,
    y: Pointer,
  ): void;
  divideToGrid(x: Pointer, out: Pointer, n: number, ...grid: Grid): void;
  gridChanges(
    x: Pointer,
    n: number,
    up: Pointer,
    down: Pointer,
    before: Pointer,
    indices: Pointer,
    factors: Pointer,
    ...grid: Grid
  ): number;
}

/** n values, a multiple of 4, rounded from x, to codes of so many bytes; see `src/engine/codes.ts` for the rest. */
type Encode = (
  bytes: number,
  x: Pointer,
  values: Pointer,
  out: Pointer,
  n: number,
  block: Pointer,
  shift: number,
  sign: number,
) => void;

/** The scale that divides, 2^emin, 2^−mantissaBits and the largest magnitude of a grid. */
type Grid = [scale: number, least: number, quantum: number, most: number];

type Harvest = (
  tally: Pointer,
  behaviour: number,
  lanes: number,
  totals: Pointer,
  flags: Pointer,
  flagStride: number,
  finite: Pointer,
) => void;
type StoreRow = (
  acc: Pointer,
  width: number,
  step: Pointer,
  behaviour: number,
  totals: Pointer,
  flags: Pointer,
  tally: Pointer,
) => void;
type Join = (
  x: Pointer,
  xStride: number,
  y: Pointer,
  yStride: number,
  out: Pointer,
  n: number,
  step: Pointer,
  tally: Pointer,
) => void;
type Leaf = (
  x: Pointer,
  xStride: number,
  y: Pointer,
  yStride: number,
  zero: Pointer,
  out: Pointer,
  n: number,
  step: Pointer,
  tally: Pointer,
) => void;
type Chain = (
  x: Pointer,
  panel: number,
  stride: number,
  n: number,
  acc: Pointer,
  step: Pointer,
  tally: Pointer,
  tallyStride: number,
) => void;
type FusedChain = (
  x: Pointer,
  y: Pointer,
  ...rest: Parameters<Chain> extends [Pointer, ...infer R] ? R : never
) => void;

/**
 * The module's bytes for shared or plain memory. They differ in one byte, the limits flag of the memory import:
 * 3 (maximum, shared) or 1 (maximum).
 */
function bytesFor(isShared: boolean): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  if (isShared) return bytes;
  // The import section is the second: (type section) (import section: id 2, size, count, "env", "memory", kind 2, flags).
  const marker = [3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2];
  const at = bytes.findIndex((_, i) => marker.every((byte, k) => bytes[i + k] === byte));
  bytes[at + marker.length] = 1;
  return bytes;
}

const compiled: { shared?: WebAssembly.Module; plain?: WebAssembly.Module } = {};

/** Compiles at once. Browsers may refuse that on their main thread; then `prepare` must have run. */
export function compile(isShared: boolean): WebAssembly.Module {
  const key = isShared ? 'shared' : 'plain';
  const module = compiled[key] ?? new WebAssembly.Module(bytesFor(isShared));
  compiled[key] = module;
  return module;
}

/** Compiles in the background, for every later engine. */
export async function compileAhead(isShared: boolean): Promise<void> {
  const key = isShared ? 'shared' : 'plain';
  compiled[key] ??= await WebAssembly.compile(bytesFor(isShared));
}

/** The module's functions on a memory. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Core {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { call: exports as unknown as Exports, memory };
}
