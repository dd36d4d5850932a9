/**
 * The stage `exp` on a tile. Correctly rounded: the module rounds what it can prove, and the specification carries out
 * the exponentials that lie too near a place where a decision changes. A polynomial: its operations, one after another,
 * on a few columns at a time.
 *
 * @module
 */
import { exponentialDigits } from '../../arithmetic/exact.ts';
import type { Lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import type { Recorder } from '../../events/recorder.ts';
import { flushThreshold } from '../../rounding/keptRounder.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { ExpStage } from '../../specification/softmax/exponential.ts';
import { TALLY_BYTES } from '../counters.ts';
import { commitFlags, PANELS, type PlacedRounding, placeRounding, type Tile } from '../lanes/tile.ts';

/** Columns at a time: as many as the near cache holds with all that lies between. */
const CHUNK = 256;

/** A method whose constants lie in the engine's memory. */
export type PlacedExp =
  | {
      readonly kind: 'correctlyRounded';
      readonly stage: ExpStage;
      /** The unit's rounding for binary64 lanes, in which exponentials are rounded whatever the tile's are. */
      readonly wide: PlacedRounding;
      /** Where the module lists what it cannot prove. */
      readonly unsure: Pointer;
    }
  | {
      readonly kind: 'base2Polynomial';
      readonly stage: ExpStage & { kind: 'base2Polynomial' };
      readonly rounding: PlacedRounding;
      /** Tallies of the operations before the last, which alone is the unit's. */
      readonly tally: Pointer;
      /** log2e and the coefficients, one vector each. */
      readonly constants: Pointer;
      readonly parts: Pointer;
      readonly integers: Pointer;
      readonly p: Pointer;
    };

/** Places a method for rows of so many columns; null where a constant needs the specification. */
export function placeExp(parts: Lease, stage: ExpStage, compute: Rounding, width: number): PlacedExp | null {
  const { kind } = stage;
  if (kind === 'correctlyRounded') {
    return { kind, stage, wide: placeRounding(parts, compute, 8), unsure: parts.take(width * 16) };
  }
  const own = stage.method.rounding ?? compute;
  const constants = [stage.log2e, ...stage.coefficients];
  // Elements whose t is not finite run through the scheme with zeros: nothing must happen to them there.
  const least = flushThreshold(own.format, own.policy);
  if (!constants.every((c) => Number.isFinite(c) && (c === 0 || Math.abs(c) >= least))) return null;
  const { core } = parts.engine;
  const at = parts.take(constants.length * 16);
  const tally = parts.take(PANELS * TALLY_BYTES);
  const chunk = Math.min(width, CHUNK) * 16;
  const [pieces, integers, p] = [parts.take(chunk), parts.take(chunk), parts.take(chunk)];
  const rounding = placeRounding(parts, own, 8);
  const { buffer } = core.memory;
  new Float64Array(buffer, at, constants.length * 2).set(constants.flatMap((c) => [c, c]));
  // A polynomial of degree 0 stays what it is.
  new Float64Array(buffer, p, chunk / 8).fill(constants.at(-1) as number);
  new Uint8Array(buffer, tally, PANELS * TALLY_BYTES).fill(0);
  return { kind, stage, rounding, tally, constants: at, parts: pieces, integers, p };
}

/** z_i ← e^(z_i) for the tile's rows; `rowOf`: their numbers in the run. */
export function expTile(
  tile: Tile,
  exp: PlacedExp,
  compute: PlacedRounding,
  z: Pointer,
  panel: number,
  width: number,
  rowOf: (row: number) => number,
  stage: number,
  recorder: Recorder,
): void {
  if (exp.kind === 'base2Polynomial') {
    for (let g = 0; g < PANELS; g++) {
      for (let from = 0; from < width; from += CHUNK) {
        polynomial(tile, exp, compute, z + g * panel + from * 16, Math.min(CHUNK, width - from), g);
      }
    }
    commitFlags({ ...tile, tally: exp.tally }, exp.rounding, stage);
    commitFlags(tile, compute, stage);
    return;
  }
  const { core, tally, lane, lanes } = tile;
  const { block, at } = compute;
  recorder.stage = stage;
  for (let g = 0; g < PANELS; g++) {
    const a = z + g * panel;
    const own = tally + g * TALLY_BYTES;
    const found =
      lane === 4
        ? core.call.exp32(a, a, width, exp.wide.at, at, own, exp.unsure)
        : core.call.exp64(block.isGeneral, a, a, width, at, own, exp.unsure);
    if (found > 0) finish(tile, exp, a, rowOf, g * lanes, found, recorder);
  }
  commitFlags(tile, compute, stage);
}

/** Carries out, by the specification, the exponentials that the module left: they still hold their arguments. */
function finish(
  { core, lane, rows }: Tile,
  { stage: { exponential }, unsure }: Extract<PlacedExp, { kind: 'correctlyRounded' }>,
  panel: Pointer,
  rowOf: (row: number) => number,
  from: number,
  found: number,
  recorder: Recorder,
): void {
  const { buffer } = core.memory;
  const numbers = lane === 4 ? new Float32Array(buffer) : new Float64Array(buffer);
  for (const at of new Uint32Array(buffer, unsure, found)) {
    const row = from + ((at - panel) % 16) / lane;
    if (row >= rows) continue;
    const column = (at - panel) >> 4;
    recorder.row = rowOf(row);
    const a = numbers[at / lane] as number;
    const r = exponential.exp(a, recorder);
    recorder.noteWith(exponentialDigits, exponential.flags, 'exponential', column, column, a, r);
    numbers[at / lane] = r;
  }
}

/** The steps of `Base2Polynomial` on n columns of panel g. */
function polynomial(
  { core: { call }, tally }: Tile,
  exp: Extract<PlacedExp, { kind: 'base2Polynomial' }>,
  compute: PlacedRounding,
  z: Pointer,
  n: number,
  g: number,
): void {
  const { stage, rounding, constants, parts, integers, p } = exp;
  const { method, coefficients } = stage;
  const { isGeneral } = rounding.block;
  const own = exp.tally + g * TALLY_BYTES;
  call.multiply64(isGeneral, z, constants, 0, z, n, rounding.at, own);
  call.parts64(method.reduction === 'nearest', z, method.lowest ?? -Infinity, parts, integers, n);
  call.add64(isGeneral, parts, integers, 16, parts, n, rounding.at, own);
  const last = coefficients.length - 1;
  const coefficient = (k: number): Pointer => constants + (k + 1) * 16;
  for (let k = last - 1; k >= 0; k--) {
    // The scheme starts from one number for all.
    const [from, stride] = k === last - 1 ? [coefficient(last), 0] : [p, 16];
    if (method.fused) call.fusedLeaf64(isGeneral, from, stride, parts, 16, coefficient(k), p, n, rounding.at, own);
    else {
      call.multiply64(isGeneral, parts, from, stride, p, n, rounding.at, own);
      call.add64(isGeneral, p, coefficient(k), 0, p, n, rounding.at, own);
    }
  }
  call.scale64(compute.block.isGeneral, z, p, integers, z, n, compute.at, tally + g * TALLY_BYTES);
}
