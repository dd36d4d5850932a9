/**
 * The rounder of a format and a policy, made once where both are frozen.
 *
 * @module
 */
import { isFrozenData } from '../errors/frozen.ts';
import type { Format } from '../formats/format.ts';
import { completePolicy, type PartialPolicy, type Policy } from './policy.ts';
import { Rounder } from './rounder.ts';

/** A rounder, and the magnitude below which its policy reads an operand as zero. */
export interface KeptRounder {
  readonly rounder: Rounder;
  /** 0 where it reads none so. */
  readonly flushBelow: number;
  /** Whether it reads any so: the one question of most calls, which a number that is 0 or a fraction answers slower. */
  readonly flushes: boolean;
}

/** The rounders of one frozen format. */
interface OfFormat {
  /** Without a policy. */
  readonly plain: KeptRounder;
  /** By frozen policies. */
  readonly byPolicy: WeakMap<PartialPolicy, KeptRounder>;
  /** The policy of the last call that had a frozen one, and its rounder: most calls have it again. */
  policy: PartialPolicy | undefined;
  under: KeptRounder;
}

/** Keys are frozen to the last: an object that may change between two calls is looked at in each. */
const ofFormats: WeakMap<Format, OfFormat> = /* @__PURE__ */ new WeakMap();

/**
 * The rounder of a format and of what a policy says beside the format's defaults. A rounder holds no state but the flags
 * of its last rounding, so the caller reads them at once.
 *
 * @throws {@link BittrueError} for a policy that the format cannot follow
 */
export function keptRounder(format: Format, policy?: PartialPolicy): KeptRounder {
  const kept = ofFormats.get(format);
  if (kept !== undefined) {
    if (policy === undefined) return kept.plain;
    if (policy === kept.policy) return kept.under;
  }
  return find(format, policy, kept);
}

function find(format: Format, policy: PartialPolicy | undefined, kept: OfFormat | undefined): KeptRounder {
  const under = policy === undefined ? undefined : kept?.byPolicy.get(policy);
  const made = under ?? make(format, policy);
  if (under === undefined && !isFrozenData(policy)) return made;
  if (kept !== undefined) {
    keep(kept, policy, made);
  } else if (isFrozenData(format)) {
    const plain = policy === undefined ? made : make(format);
    const fresh: OfFormat = { plain, byPolicy: new WeakMap(), policy: undefined, under: plain };
    keep(fresh, policy, made);
    ofFormats.set(format, fresh);
  }
  return made;
}

function keep(kept: OfFormat, policy: PartialPolicy | undefined, made: KeptRounder): void {
  if (policy === undefined) return;
  kept.byPolicy.set(policy, made);
  kept.policy = policy;
  kept.under = made;
}

function make(format: Format, policy?: PartialPolicy): KeptRounder {
  const complete = completePolicy(format, policy);
  const flushBelow = flushThreshold(format, complete);
  return { rounder: new Rounder(format, complete), flushBelow, flushes: flushBelow > 0 };
}

/** Operands of smaller magnitude are read as zero; 0 where the policy or the format (one without zero) reads none so. */
export function flushThreshold(format: Format, { subnormals }: Policy): number {
  const flushes = subnormals === 'flushInputs' || subnormals === 'flushBoth';
  return flushes && format.kind === 'float' && format.lowest !== 'normal' ? format.minNormal : 0;
}
