/**
 * A number for each kind that a finite output masks.
 *
 * @module
 */
import { type MaskableKind, maskableKinds } from '../rounding/flags.ts';

/** One number a maskable kind. */
export type MaskableCounts = Record<MaskableKind, number>;

const none = /* @__PURE__ */ Object.fromEntries(maskableKinds.map((kind) => [kind, 0])) as MaskableCounts;

/** No rows yet. */
export function noMaskable(): MaskableCounts {
  return { ...none };
}

/** The number that `count` gives for each maskable kind. */
export function perMaskableKind(count: (kind: MaskableKind) => number): MaskableCounts {
  return Object.fromEntries(maskableKinds.map((kind) => [kind, count(kind)])) as MaskableCounts;
}
