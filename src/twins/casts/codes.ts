/**
 * The fast twin of `castCodes`: numbers are rounded as `cast` does it, chunk by chunk, and encoded while they are near.
 *
 * @module
 */
import { CODE_BLOCK_BYTES, type CodeBlock, codeBlock, directBlock, writeCodeBlock } from '../../engine/codes.ts';
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import { BLOCK_BYTES, type LaneBytes, writeBlock } from '../../engine/roundingBlock.ts';
import { pointerOf } from '../../engine/tensor.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { CodesPlan } from '../../specification/codes/plan.ts';
import type { CodeArray, FloatArray } from '../../tensors/tensor.ts';
import { addNonFinite, addTotals, type Counters, TALLY_BYTES, TOTALS } from '../counters.ts';
import { floats } from '../floats.ts';
import { openFlags, type Pieces, piecesOf } from '../lanes/pieces.ts';
import type { Twin } from '../twin.ts';
import { finishCast } from './cast.ts';
import { type CastLoop, castLoop, castNumbers } from './loop.ts';

/** Numbers that are rounded, then encoded: values and codes stay in the first cache. Codes of any width fill bytes. */
const CHUNK = 2048;
/** Values that one turn of the loops takes. */
const TURN = 8;

/** How numbers of so many bytes become codes. */
interface Way {
  readonly loop: CastLoop;
  readonly coder: CodeBlock;
  /** Whether one loop rounds and encodes. */
  readonly isDirect: boolean;
}

/** The fast twin, where the step has one. Its items are pieces of rows. */
export function compileCodes(plan: CodesPlan, engine: Engine): Twin<FloatArray, CodeArray> | null {
  if (wayOf(plan.rounding, 8) === null) return null;
  const pieces = piecesOf(plan);
  return {
    items: pieces.count,
    flagSlots: pieces.count,
    computeRange: (x, out, counters, first, end) =>
      lease(engine, (parts) => codesFast(plan, pieces, parts, x, out, counters, first, end)),
    finish: (x, _, counters, recorder) => finishCast(plan, pieces, x, counters, recorder),
  };
}

/** Values keep the width of the numbers; null where the format has values beyond it. */
function wayOf(rounding: Rounding, from: LaneBytes): Way | null {
  const loop = castLoop(rounding, from, from);
  if (loop === null || rounding.format.kind !== 'float') return null;
  const direct = loop.kind === 'constant' ? directBlock(loop.block) : null;
  const coder = direct ?? codeBlock(rounding.format, from);
  return coder === null ? null : { loop, coder, isDirect: direct !== null || loop.kind === 'carry' };
}

function codesFast(
  plan: CodesPlan,
  { rowOf, columnOf, startOf }: Pieces,
  parts: Lease,
  x: FloatArray,
  out: CodeArray,
  { counts, rowFlags, onPiece }: Counters,
  firstPiece: number,
  lastPiece: number,
): boolean {
  const { rounding, record, width, bits, packed, span } = plan;
  const from = x.BYTES_PER_ELEMENT as LaneBytes;
  const way = wayOf(rounding, from);
  if (way === null) return false;
  const { loop, coder, isDirect } = way;
  const { engine, take } = parts;
  const { core } = engine;
  const { call } = core;
  const flagsOf = openFlags(parts);
  // Uncounted, NaN would pass unseen into formats without NaN.
  const isCounting = record !== 'off' || loop.block.refusesNaN;
  const most = Math.min(CHUNK, width);
  const isPacking = packed && bits !== 8 && bits !== 16;
  /** Bytes that n codes of a row take; they start at whole bytes. */
  const bytesOf = (n: number): number => (packed ? Math.ceil((n * bits) / 8) : n * coder.bytes);
  const block = take(BLOCK_BYTES);
  const table = take(CODE_BLOCK_BYTES);
  const tally = take(TALLY_BYTES);
  const totals = take(TOTALS * 8);
  const spare = take(128);
  const dense = take((most + TURN) * from);
  const codes = take((most + TURN) * coder.bytes);
  const edge = take(TURN * from);
  const insideX = pointerOf(engine, x);
  const insideOut = pointerOf(engine, out);
  const near = insideX === null ? take(most * from) : 0;
  const far = insideOut === null && isPacking ? take(bytesOf(most)) : codes;
  writeBlock(core, loop.block, block);
  writeCodeBlock(core, coder, table);
  const { buffer } = core.memory;
  const bytes = new Uint8Array(buffer);
  bytes.fill(0, tally, tally + TALLY_BYTES);
  bytes.fill(0, totals, totals + TOTALS * 8);
  const xView = floats(core, from, near, most);
  const outBytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);

  for (let piece = firstPiece; piece < lastPiece; piece++) {
    const start = startOf(piece);
    const end = startOf(piece + 1);
    const row = rowOf(piece) * span * out.BYTES_PER_ELEMENT + bytesOf(columnOf(piece));
    for (let at = start; at < end; at += CHUNK) {
      const n = Math.min(CHUNK, end - at);
      if (insideX === null) xView.set(x.subarray(at, at + n));
      const source = insideX === null ? near : insideX + at * from;
      const goal = row + bytesOf(at - start);
      const size = bytesOf(n);
      const direct = insideOut === null ? far : insideOut + goal;
      if (!isDirect) castNumbers(core, loop, isCounting, source, from, dense, from, n, block, tally, spare);
      encode(source, n, isPacking ? codes : direct);
      if (isPacking) call.packBits(bits, coder.bytes, codes, direct, n);
      if (insideOut === null) outBytes.set(bytes.subarray(direct, direct + size), goal);
    }
    if (isCounting) rowFlags[piece] = flagsOf(loop.block, tally, totals);
    onPiece?.();
  }
  addNonFinite(core, totals, counts);
  return addTotals(core, totals, counts, 0) === 0 || !loop.block.refusesNaN;

  function encode(source: Pointer, n: number, target: Pointer): void {
    const whole = n - (n % TURN);
    if (whole > 0) turns(source, dense, target, whole);
    if (whole === n) return;
    // The last turn reads a whole vector, and writes one: neither beyond the arrays.
    const own = codes + most * coder.bytes;
    bytes.fill(0, edge, edge + TURN * from);
    bytes.copyWithin(edge, source + whole * from, source + n * from);
    turns(edge, dense + whole * from, own, TURN);
    bytes.copyWithin(target + whole * coder.bytes, own, own + (n - whole) * coder.bytes);
  }

  function turns(source: Pointer, values: Pointer, target: Pointer, n: number): void {
    const { lane, bytes: size, shift, sign } = coder;
    if (isDirect) {
      const isCarry = loop.kind === 'carry';
      call.castCodes32(isCarry, isCounting, size, source, target, n, table, shift, sign, block, tally);
    } else (lane === 4 ? call.encode32 : call.encode64)(size, source, values, target, n, table, shift, sign);
  }
}
