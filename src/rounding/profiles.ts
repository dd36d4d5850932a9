/**
 * Conversion profiles: what one standard, library or chip does with everything that a conversion can meet. A profile is
 * data: a policy for each kind of format, and what no policy can say, such as the code it writes for a NaN.
 *
 * @module
 */
import { BittrueError, checkList, checkMade, checkRecord, nearest } from '../errors/index.ts';
import type { Format } from '../formats/format.ts';
import { formatName } from '../formats/formatName.ts';
import { type PartialPolicy, type Policy, resolvePolicy } from './policy.ts';
import type { FormatPattern, NaNRule, Profile, ProfileCase, ProfileRules, ResolvedProfile } from './profile.ts';
import { profiles } from './profileTable.ts';

/** A NaN that carries no information. */
const QUIET_NAN: NaNRule = /* @__PURE__ */ Object.freeze({ code: 'quiet', sign: 'kept', missing: 'policy' } as const);

/** No rules beyond the policy: how `encode` writes codes. */
export const plainRules: ProfileRules = /* @__PURE__ */ Object.freeze({
  nan: QUIET_NAN,
  negative: 'policy',
  zero: 'policy',
  tiny: 'policy',
  integer: 'policy',
} as const);

/**
 * A profile by name.
 *
 * @throws {@link BittrueError} for a name that does not exist
 */
export function findProfile(name: string): Profile {
  const found = typeof name === 'string' && Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (found === undefined) {
    const names = Object.keys(profiles);
    throw new BittrueError('name', 'profile', name, `one of ${names.join(', ')}`, nearest(name, names));
  }
  return found;
}

/**
 * The names of the profiles that say something about a format.
 *
 * @example
 * import { bfloat16 } from 'bittrue/formats';
 * import { profilesFor } from 'bittrue/rounding';
 * profilesFor(bfloat16).includes('x86Avx512Bf16'); // true
 * profilesFor(bfloat16).includes('armSaturate'); // false
 */
export function profilesFor(format: Format): string[] {
  const text = formatName(format);
  return Object.keys(profiles).filter((name) => caseFor(profiles[name] as Profile, format, text) !== undefined);
}

/**
 * The complete policy of a profile for a format: all of the profile that arithmetic and tensors can follow. What a
 * policy cannot say, such as the code of a NaN, is in {@link resolveProfile}.
 *
 * @param profile - a profile, or the name of one
 * @param policy - what to change, such as the rounding mode
 * @throws {@link BittrueError} for an unknown name, and for a format that the profile says nothing about
 * @example
 * import { e4m3fn, e5m2 } from 'bittrue/formats';
 * import { profilePolicy, round } from 'bittrue/rounding';
 * profilePolicy('mlDtypes', e4m3fn).overflow; // 'nan'
 * profilePolicy('mlDtypes', e5m2).overflow; // 'ieee'
 * round(e4m3fn, 1000, profilePolicy('cudaSatfinite', e4m3fn)); // 448
 */
export function profilePolicy(profile: Profile | string, format: Format, policy: PartialPolicy = {}): Policy {
  return resolveProfile(profile, format, policy).policy;
}

/**
 * A profile applied to a format: its complete policy, and its rules beyond the policy.
 *
 * @throws {@link BittrueError} as `profilePolicy`
 * @example
 * import { e5m2 } from 'bittrue/formats';
 * import { resolveProfile } from 'bittrue/rounding';
 * resolveProfile('cudaSatfinite', e5m2).rules.nan.code; // 'allOnes'
 */
export function resolveProfile(profile: Profile | string, format: Format, policy: PartialPolicy = {}): ResolvedProfile {
  const found = typeof profile === 'string' ? findProfile(profile) : profile;
  checkMade('profile', found, ['name', 'cases'], 'a profile, or the name of one');
  checkList('profile.cases', found.cases);
  checkRecord('policy', policy, 'a policy');
  const matched = caseFor(found, format, formatName(format));
  if (matched === undefined) {
    const known = profilesFor(format).join(', ') || 'a float format';
    throw new BittrueError('unsupported', 'profile', `${found.name} for ${formatName(format)}`, known);
  }
  const rounding = policy.rounding ?? (policy.stochastic ? 'stochastic' : (matched.policy.rounding ?? 'tiesToEven'));
  const change = matched.modes?.[rounding];
  const rules: ProfileRules = {
    ...plainRules,
    ...matched.rules,
    ...change?.rules,
    nan: { ...QUIET_NAN, ...matched.rules?.nan },
  };
  return Object.freeze({
    name: found.name,
    policy: resolvePolicy(format, { ...matched.policy, ...change?.policy, ...policy, rounding }),
    rules: Object.freeze(rules),
  });
}

function caseFor(profile: Profile, format: Format, text: string): ProfileCase | undefined {
  return profile.cases.find(({ when }) => fits(when, format, text));
}

function fits(pattern: FormatPattern, format: Format, text: string): boolean {
  const { infinities, nan, signed, formats } = pattern;
  if (format.kind !== 'float') return formats?.includes(text) ?? false;
  return (
    (infinities === undefined || infinities === (format.infinities !== 'none')) &&
    (nan === undefined || nan === (format.nan !== 'none')) &&
    (signed === undefined || signed === format.signed) &&
    (formats === undefined || formats.includes(text))
  );
}
