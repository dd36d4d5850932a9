/**
 * What a conversion profile is: the rules by which a standard, a library or a chip converts.
 *
 * @module
 */
import type { PartialPolicy, Policy, RoundingMode } from './policy.ts';

/** Which formats a case of a profile is for; what is left out does not matter. */
export interface FormatPattern {
  /** Whether infinities have codes. */
  readonly infinities?: boolean;
  /** Whether NaN has a code. */
  readonly nan?: boolean;
  readonly signed?: boolean;
  /** Notations; only these. Integer formats fit no pattern that does not name them. */
  readonly formats?: readonly string[];
}

/** The code of a NaN result. */
export interface NaNRule {
  /**
   * Which one, where the format has several: `quiet` (first fraction bit only), `allOnes` (every fraction bit), or
   * `payload` (the operand's leading fraction bits, made quiet).
   */
  readonly code: 'quiet' | 'allOnes' | 'payload';
  /** Whether it has the sign of the operand, a NaN or the number that became one. */
  readonly sign: 'kept' | 'dropped';
  /** In formats without NaN: as `policy.nanInput` says, or a zero of the opposite sign. */
  readonly missing: 'policy' | 'oppositeZero';
}

/** What a profile does beyond its policy. `policy` everywhere: nothing. */
export interface ProfileRules {
  readonly nan: NaNRule;
  /**
   * A number below zero in an unsigned format. Rounded first, as if there were signs, so that it may become zero; what
   * stays below zero is `nan`, NaN with `invalid`; `clamp`, the lowest value with `saturation`; or `clampFinite`, the
   * same, but −∞ is NaN. Not rounded first: `magnitude`, its sign dropped, with `invalid`.
   */
  readonly negative: 'policy' | 'nan' | 'clamp' | 'clampFinite' | 'magnitude';
  /** Zero in a format without zero: the smallest code with `saturation`, although other rules do not saturate. */
  readonly zero: 'policy' | 'smallest';
  /**
   * `fraction`: in a format without zero, numbers below the second code are rounded by binary32's fraction field, as if
   * code 0 stood for zero.
   */
  readonly tiny: 'policy' | 'fraction';
  /**
   * Beyond the range of an integer format. `lowBits32`: what rounds to an int32 keeps its low bits, with `wrap`;
   * anything else, NaN too, becomes the int32 that x86 gives, −2^31, of which the low bits are kept, with `invalid`.
   */
  readonly integer: 'policy' | 'lowBits32';
}

/** What a profile changes for one rounding mode. */
export interface ModeChange {
  readonly policy?: PartialPolicy;
  readonly rules?: Partial<ProfileRules>;
}

/** A profile's behaviour for one kind of format. */
export interface ProfileCase {
  readonly when: FormatPattern;
  readonly policy: PartialPolicy;
  readonly rules?: Partial<Omit<ProfileRules, 'nan'>> & { readonly nan?: Partial<NaNRule> };
  /** Changes that only a rounding mode brings. */
  readonly modes?: Partial<Readonly<Record<RoundingMode, ModeChange>>>;
}

/** A conversion profile. The first case whose pattern a format fits is the one that counts. */
export interface Profile {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Document, section or program that says so. */
  readonly source: string;
  readonly cases: readonly ProfileCase[];
  /** Where sources disagree, and what the profile leaves out. */
  readonly notes: readonly string[];
}

/** A profile applied to a format. */
export interface ResolvedProfile {
  readonly name: string;
  readonly policy: Policy;
  readonly rules: ProfileRules;
}
