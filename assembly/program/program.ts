/**
 * Any order of sums: a reduction as a straight line of instructions, carried out for eight outputs at a time in
 * binary64 lanes. `src/twins/instructions/compile.ts` writes the instructions.
 *
 * Values are columns of eight numbers (four vectors) at offsets in an arena; elements are columns of X and Y, by number.
 *
 * @module
 */
import { Arena, CompensatedFields, FloatFields, Instruction, IntegerFields, Operation, ProgramJob, Rounding } from '../lanes/layouts';
import { productOf, rounded, sumOf } from './operations';
import { countMagnitudes64 } from '../lanes/magnitudes';
import { FUSED, ROUND } from '../lanes/panel';
import { addDoubles } from './doubles';
import { align, exactly } from './fused';
import { alignNarrow } from './narrow';
import { infinity, signBit, word, zero } from '../lanes/rounding';
import { TALLY_BYTES, clear, drainTally } from '../lanes/tally';

/** The binades of n vectors: ⌊|x|⌋₂ as a power of two, no less than `least`; of zeros `ofZero`. */
export function binades(x: usize, n: usize, least: f64, ofZero: f64, out: usize): void {
  const floor = f64x2.splat(least);
  const none = f64x2.splat(ofZero);
  for (let i: usize = 0; i < n; i++) {
    const v = v128.load(x);
    const e = f64x2.pmax(v128.and(v, infinity<f64>()), floor);
    v128.store(out, v128.bitselect(none, e, f64x2.eq(v, zero())));
    x += 16;
    out += 16;
  }
}

/** Eight rows of n numbers, `stride` bytes apart, as n columns. n is even. */
export function intoEight(x: usize, stride: usize, n: usize, out: usize): void {
  for (let g: usize = 0; g < 4; g++) {
    const p = x + 2 * g * stride;
    const q = p + stride;
    const o = out + g * 16;
    for (let i: usize = 0; i < n; i += 2) {
      const a = v128.load(p + (i << 3));
      const b = v128.load(q + (i << 3));
      v128.store(o + (i << 6), v128.shuffle<i64>(a, b, 0, 2));
      v128.store(o + (i << 6) + 64, v128.shuffle<i64>(a, b, 1, 3));
    }
  }
}

@inline
function copy(from: usize, to: usize): void {
  if (from == to) return;
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32);
  v128.store(to, v128.load(from, 48), 48);
}

/** A running sum of values, in place. */
function addValues(isGeneral: bool, arena: usize, sum: usize, operands: usize, n: usize, rounding: usize, tally: usize): void {
  for (let k: usize = 0; k < n; k++) {
    const value = arena + word(operands + (k << 2));
    for (let g: usize = 0; g < 4; g++) {
      const v = v128.load(value + g * 16);
      const s = v128.load(sum + g * 16);
      v128.store(sum + g * 16, sumOf(isGeneral, s, v, rounding, tally + g * TALLY_BYTES));
    }
  }
}

/** A running sum of values with a running compensation, in place: Kahan's, or Neumaier's. */
function compensate(arena: usize, own: usize, sum: usize, operands: usize, n: usize, tally: usize): void {
  const rounding = word(own + FloatFields.ROUNDING);
  const isGeneral = load<u32>(own + FloatFields.IS_GENERAL) != 0;
  const isNeumaier = load<u32>(own + CompensatedFields.IS_NEUMAIER) != 0;
  const sign = signBit<f64>();
  // Registers count their changes where float sums keep what they lost.
  const rests = arena + Arena.CHANGES;
  for (let g: usize = 0; g < 4; g++) v128.store(rests + g * 16, zero());
  for (let k: usize = 0; k < n; k++) {
    const value = arena + word(operands + (k << 2));
    for (let g: usize = 0; g < 4; g++) {
      const t = tally + g * TALLY_BYTES;
      const x = v128.load(value + g * 16);
      const s = v128.load(sum + g * 16);
      const rest = v128.load(rests + g * 16);
      const y = isNeumaier ? x : sumOf(isGeneral, x, v128.xor(rest, sign), rounding, t);
      const next = sumOf(isGeneral, s, y, rounding, t);
      // Neumaier takes the smaller addend from what is left of the larger; Kahan what is left of the sum from y.
      const isX = v128.and(f64x2.gt(f64x2.abs(x), f64x2.abs(s)), i64x2.splat(isNeumaier ? -1 : 0));
      const large = isNeumaier ? v128.bitselect(x, s, isX) : next;
      const taken = isNeumaier ? next : s;
      const small = isNeumaier ? v128.bitselect(s, x, isX) : v128.xor(y, sign);
      const left = sumOf(isGeneral, sumOf(isGeneral, large, v128.xor(taken, sign), rounding, t), small, rounding, t);
      v128.store(rests + g * 16, isNeumaier ? sumOf(isGeneral, rest, left, rounding, t) : left);
      v128.store(sum + g * 16, next);
    }
  }
  if (!isNeumaier) return;
  for (let g: usize = 0; g < 4; g++) {
    const at = sum + g * 16;
    v128.store(at, sumOf(isGeneral, v128.load(at), v128.load(rests + g * 16), rounding, tally + g * TALLY_BYTES));
  }
}

/** A running sum of products, each addition fused, in place. */
@inline
function addProducts(isGeneral: bool, job: usize, y: usize, sum: usize, operands: usize, n: usize, rounding: usize, tally: usize): void {
  const x = word(job + ProgramJob.X);
  const shift = word(job + ProgramJob.X_SHIFT);
  const vector = word(job + ProgramJob.X_VECTOR);
  for (let k: usize = 0; k < n; k++) {
    const at = word(operands + (k << 2));
    const a = x + (at << shift);
    const b = y + (at << 6);
    for (let g: usize = 0; g < 4; g++) {
      const s = v128.load(sum + g * 16);
      const r = rounded(FUSED, isGeneral, v128.load(a + g * vector), v128.load(b + g * 16), s, rounding, tally + g * TALLY_BYTES);
      v128.store(sum + g * 16, r);
    }
  }
}

/** A register's running sum in one vector. */
@inline
function integers(ofProducts: bool, job: usize, own: usize, y: usize, sum: usize, operands: usize, n: usize, g: usize): void {
  const arena = word(job + ProgramJob.ARENA);
  const x = word(job + ProgramJob.X) + g * word(job + ProgramJob.X_VECTOR);
  const shift = word(job + ProgramJob.X_SHIFT);
  const saturates = load<u32>(own + IntegerFields.SATURATES) != 0;
  const every = word(own + IntegerFields.EVERY);
  const low = v128.load64_splat(own + IntegerFields.LOW);
  const high = v128.load64_splat(own + IntegerFields.HIGH);
  const modulus = v128.load64_splat(own + IntegerFields.MODULUS);
  const inverse = v128.load64_splat(own + IntegerFields.INVERSE);
  const b = y + g * 16;
  let s = v128.load(sum);
  const changed = arena + Arena.CHANGES + (saturates ? 64 : 0) + g * 16;
  let changes = v128.load(changed);
  let until = every;
  for (let k: usize = 1; k <= n; k++) {
    const at = word(operands + (k << 2) - 4);
    const p = ofProducts
      ? f64x2.mul(v128.load(x + (at << shift)), v128.load(b + (at << 6)))
      : v128.load(arena + at + g * 16);
    s = f64x2.add(s, p);
    if (k == until || k == n) {
      until += every;
      const r = saturates
        ? f64x2.pmin(f64x2.pmax(s, low), high)
        : f64x2.sub(s, f64x2.mul(modulus, f64x2.floor(f64x2.mul(f64x2.sub(s, low), inverse))));
      changes = i64x2.sub(changes, f64x2.ne(r, s));
      s = r;
    }
  }
  v128.store(changed, changes);
  v128.store(sum, s);
}

/** The least normal number of what an accumulator rounds to; registers and binary64 sums have none above binary64's. */
function minNormal(op: i32, own: usize): f64 {
  const isInteger = op == Operation.INTEGER_ELEMENTS || op == Operation.INTEGER_VALUES;
  const rounding: usize = isInteger ? 0 : word(own + FloatFields.ROUNDING);
  return rounding ? load<f64>(rounding + Rounding.MIN_NORMAL) : reinterpret<f64>(0x0010000000000000);
}

/** One group of eight outputs, of which so many are there. */
@inline
function run(job: usize, y: usize, yBinades: usize, active: usize): void {
  const arena = word(job + ProgramJob.ARENA);
  const end = word(job + ProgramJob.END);
  const table = word(job + ProgramJob.TABLE);
  const tally = word(job + ProgramJob.TALLIES) + 4 * TALLY_BYTES;
  const histogram = word(job + ProgramJob.MAGNITUDES);
  let at = word(job + ProgramJob.PROGRAM);
  while (at < end) {
    const op = load<i32>(at + Instruction.OPERATION);
    const sum = arena + word(at + Instruction.RESULT);
    const own = word(table + (word(at + Instruction.ACCUMULATOR) << 2));
    const n = word(at + Instruction.COUNT);
    const operands = at + Instruction.BYTES;
    copy(arena + word(at + Instruction.START), sum);
    if (op == Operation.OF_VALUES) {
      const rounding = word(own + FloatFields.ROUNDING);
      addValues(load<u32>(own + FloatFields.IS_GENERAL) != 0, arena, sum, operands, n, rounding, tally);
    } else if (op == Operation.OF_ELEMENTS) {
      const rounding = word(own + FloatFields.ROUNDING);
      if (load<u32>(own + FloatFields.IS_GENERAL)) addProducts(true, job, y, sum, operands, n, rounding, tally);
      else addProducts(false, job, y, sum, operands, n, rounding, tally);
    } else if (op == Operation.DOUBLES) addDoubles(job, y, sum, operands, n, tally);
    else if (op == Operation.COMPENSATED) compensate(arena, own, sum, operands, n, tally);
    else if (op == Operation.ALIGNED && load<u32>(job + ProgramJob.IS_NARROW)) {
      // Such a program's sums are of neighbours.
      alignNarrow(job, own, y, yBinades, sum, word(operands), n, tally);
    } else {
      for (let g: usize = 0; g < 4; g++) {
        const to = sum + g * 16;
        if (op == Operation.ALIGNED) align(job, own, y, yBinades, to, operands, n, g, tally + g * TALLY_BYTES);
        else if (op == Operation.EXACT) exactly(job, own, y, to, operands, n, g, tally + g * TALLY_BYTES);
        else if (op == Operation.INTEGER_ELEMENTS) integers(true, job, own, y, to, operands, n, g);
        else if (op == Operation.INTEGER_VALUES) integers(false, job, own, y, to, operands, n, g);
      }
    }
    if (histogram && n) countMagnitudes64(sum, 1, 0, active, minNormal(op, own), histogram);
    at = operands + (n << 2);
  }
}

/** The rounded products of X and Y. */
@inline
function multiply(isGeneral: bool, job: usize, y: usize): void {
  const x = word(job + ProgramJob.X);
  const shift = word(job + ProgramJob.X_SHIFT);
  const vector = word(job + ProgramJob.X_VECTOR);
  const out = word(job + ProgramJob.ARENA) + word(job + ProgramJob.PRODUCTS);
  const n = word(job + ProgramJob.LENGTH);
  const rounding = word(job + ProgramJob.PRODUCT);
  const tally = word(job + ProgramJob.TALLIES);
  for (let k: usize = 0; k < n; k++) {
    for (let g: usize = 0; g < 4; g++) {
      const a = v128.load(x + (k << shift) + g * vector);
      const b = v128.load(y + (k << 6) + g * 16);
      v128.store(out + (k << 6) + g * 16, productOf(isGeneral, a, b, rounding, tally + g * TALLY_BYTES));
    }
  }
}

@inline
function storeResult(isGeneral: bool, result: usize, rounding: usize, tally: usize): void {
  for (let g: usize = 0; g < 4; g++) {
    const s = v128.load(result + g * 16);
    v128.store(result + g * 16, rounded(ROUND, isGeneral, s, s, s, rounding, tally + g * TALLY_BYTES));
  }
}

/** How often registers changed, entered for every kind of `raised`. */
function settle(changes: usize, active: i32, raised: u32, totals: usize, flags: usize): void {
  let total: i64 = 0;
  for (let i = 0; i < active; i++) {
    const n = load<i64>(changes + (<usize>i << 3));
    total += n;
    if (n) store<u16>(flags + (<usize>i << 1), load<u16>(flags + (<usize>i << 1)) | <u16>raised);
  }
  for (let kind: usize = 0; raised; kind++) {
    if (raised & 1) store<f64>(totals + (kind << 3), load<f64>(totals + (kind << 3)) + <f64>total);
    raised >>= 1;
  }
}

/** A row of outputs, eight at a time. Where one is left to the specification, its flags are all ones. */
export function programRow(job: usize): void {
  const arena = word(job + ProgramJob.ARENA);
  const tallies = word(job + ProgramJob.TALLIES);
  const panel = word(job + ProgramJob.PANEL);
  const product = word(job + ProgramJob.PRODUCT);
  const output = word(job + ProgramJob.OUTPUT);
  const saturated = load<u32>(job + ProgramJob.SATURATED);
  const wrapped = load<u32>(job + ProgramJob.WRAPPED);
  const productMagnitudes = word(job + ProgramJob.PRODUCT_MAGNITUDES);
  let y = word(job + ProgramJob.Y);
  let yBinades = word(job + ProgramJob.Y_BINADES);
  let acc = word(job + ProgramJob.ACC);
  let flags = word(job + ProgramJob.FLAGS);
  for (let left = load<i32>(job + ProgramJob.WIDTH); left > 0; left -= 8) {
    copy(acc, arena + Arena.START);
    for (let g: usize = 0; g < 4; g++) {
      v128.store(arena + Arena.GOOD + g * 16, i64x2.splat(-1));
      v128.store(arena + Arena.CHANGES + g * 16, zero());
      v128.store(arena + Arena.CHANGES + 64 + g * 16, zero());
    }
    const active = <usize>min(8, left);
    if (product) multiply(load<u32>(job + ProgramJob.PRODUCT_IS_GENERAL) != 0, job, y);
    if (product && productMagnitudes) {
      const products = arena + word(job + ProgramJob.PRODUCTS);
      countMagnitudes64(products, word(job + ProgramJob.LENGTH), 64, active, load<f64>(product + Rounding.MIN_NORMAL), productMagnitudes);
    }
    run(job, y, yBinades, active);
    if (output) {
      if (load<u32>(job + ProgramJob.OUTPUT_IS_GENERAL)) storeResult(true, arena + Arena.RESULT, output, tallies + 8 * TALLY_BYTES);
      else storeResult(false, arena + Arena.RESULT, output, tallies + 8 * TALLY_BYTES);
    }
    copy(arena + Arena.RESULT, acc);
    for (let g: usize = 0; g < 4; g++) {
      const here = max(0, min(2, left - <i32>g * 2));
      const isGood = i64x2.all_true(v128.load(arena + Arena.GOOD + g * 16));
      for (let stage: usize = 0; stage < 3; stage++) {
        const tally = tallies + (stage * 4 + g) * TALLY_BYTES;
        const totals = word(job + ProgramJob.TOTALS + stage * 4);
        const overflowAccounting = load<i32>(job + ProgramJob.OVERFLOW_ACCOUNTINGS + stage * 4);
        if (isGood) drainTally<f64>(tally, overflowAccounting, here, totals, flags + g * 4, 2, 0);
        else clear(tally);
      }
      if (!isGood) store<u32>(flags + g * 4, 0xffffffff);
    }
    if (wrapped) {
      const totals = word(job + ProgramJob.TOTALS + 4);
      settle(arena + Arena.CHANGES, min(left, 8), wrapped, totals, flags);
      settle(arena + Arena.CHANGES + 64, min(left, 8), saturated, totals, flags);
    }
    acc += 64;
    flags += 16;
    y += panel;
    yBinades += panel;
  }
}
