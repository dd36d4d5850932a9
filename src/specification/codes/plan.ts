/**
 * What `castCodes` takes, checked and resolved.
 *
 * @module
 */
import { BittrueError, checkBoolean } from '../../errors/index.ts';
import { nameOf } from '../../formats/nameOf.ts';
import { packedWidth } from '../../tensors/packing.ts';
import type { CodeArray } from '../../tensors/tensor.ts';
import { type CastOptions, type CastPlan, planCast } from '../cast/plan.ts';
import { fitElements } from '../operands.ts';

/** Options of `castCodes`. */
export interface CastCodesOptions extends CastOptions {
  /** Codes side by side, in rows of whole bytes, the lowest bits of a byte first; default one code an element. */
  readonly packed?: boolean;
}

/** A checked `castCodes`. */
export interface CodesPlan extends CastPlan {
  readonly bits: number;
  readonly packed: boolean;
}

/** Checks the options. */
export function planCodes({ packed: given, ...options }: CastCodesOptions): CodesPlan {
  const packed = checkBoolean('options.packed', given ?? false);
  const plan = planCast(options);
  const { format } = plan.rounding;
  const { bits } = format;
  const most = packed ? 16 : 32;
  if (bits > most) {
    throw new BittrueError('unsupported', 'options.format', nameOf(format), `a format of at most ${most} bits`);
  }
  const span = spanOf(plan.width, bits, packed);
  return {
    ...plan,
    kernel: 'castCodes',
    size: plan.rows * span,
    span,
    configuration: { ...plan.configuration, packed },
    bits,
    packed,
  };
}

/** Elements of the output that a row takes: codes, or bytes of packed ones. */
function spanOf(width: number, bits: number, packed: boolean): number {
  return packed ? packedWidth(width, bits) : width;
}

/** The plan of a run over other arrays. */
export function fitCodes(plan: CodesPlan, arrays: readonly unknown[], options: Partial<CastCodesOptions>): CodesPlan {
  const fitted = fitElements(plan, arrays, options);
  const span = spanOf(fitted.width, plan.bits, plan.packed);
  return span === fitted.span ? fitted : { ...fitted, span, size: fitted.rows * span };
}

/** Room for a plan's codes. */
export function openCodes(
  { bits, packed, size }: CodesPlan,
  room: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
): CodeArray {
  if (packed || bits <= 8) return new Uint8Array(room(size));
  return bits <= 16 ? new Uint16Array(room(size * 2)) : new Uint32Array(room(size * 4));
}
