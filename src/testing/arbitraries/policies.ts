/**
 * Arbitrary policies and roundings.
 *
 * @module
 */
import fc from 'fast-check';
import { checkList, checkName } from '../../errors/index.ts';
import type { Format } from '../../formats/index.ts';
import {
  flushFlagsRules,
  fusedInvalidRules,
  nanInputs,
  overflowPolicies,
  type Policy,
  parityRules,
  type Rounding,
  type RoundingMode,
  resolvePolicy,
  roundingModes,
  roundTo,
  subnormalPolicies,
  tininessRules,
} from '../../rounding/index.ts';
import { checkConstraints } from './constraints.ts';
import { type FormatsConstraints, formats } from './formats.ts';

/** The modes whose result does not depend on random bits. */
export const deterministicModes: readonly RoundingMode[] = /* @__PURE__ */ roundingModes.filter(
  (mode) => mode !== 'stochastic',
);

/** Which policies to draw. */
export interface PoliciesConstraints {
  /**
   * Rounding modes to choose from.
   * @defaultValue all deterministic ones
   */
  readonly modes?: readonly RoundingMode[];
  /**
   * What may become of a NaN in a format without NaN.
   * @defaultValue all of `error`, `zero`, `max`, `invalid`
   */
  readonly nanInputs?: readonly Policy['nanInput'][];
}

/**
 * Complete policies that a format can follow. Shrinks toward the format's defaults: ties to even, gradual underflow.
 *
 * @example
 * import fc from 'fast-check';
 * import { e4m3fn } from 'bittrue/formats';
 * import { round } from 'bittrue/rounding';
 * import { policies } from 'bittrue/testing/arbitraries';
 * fc.assert(fc.property(policies(e4m3fn), (policy) => round(e4m3fn, 1.5, policy) === 1.5));
 */
export function policies(format: Format, constraints: PoliciesConstraints = {}): fc.Arbitrary<Policy> {
  checkConstraints(constraints);
  const { modes = deterministicModes, nanInputs: inputs = nanInputs } = constraints;
  for (const mode of checkList('constraints.modes', modes)) checkName('constraints.modes', mode, roundingModes);
  for (const input of checkList('constraints.nanInputs', inputs)) checkName('constraints.nanInputs', input, nanInputs);
  const defaults = resolvePolicy(format);
  const overflows = overflowPolicies.filter((name) =>
    format.kind === 'integer' ? name === 'saturate' || name === 'wrap' : name !== 'wrap',
  );
  return fc
    .record({
      rounding: fc.constantFrom(...modes),
      overflow: fc.constantFrom(defaults.overflow, ...overflows),
      subnormals: fc.oneof(
        { weight: 2, arbitrary: fc.constant('gradual' as const) },
        fc.constantFrom(...subnormalPolicies),
      ),
      tininess: fc.constantFrom(...tininessRules),
      nanInput: fc.constantFrom(...inputs),
      parity: fc.constantFrom(...parityRules),
      fusedInvalid: fc.constantFrom(...fusedInvalidRules),
      flushFlags: fc.constantFrom(...flushFlagsRules),
    })
    .map((policy) => resolvePolicy(format, policy));
}

/**
 * Formats with their policies.
 *
 * @example
 * import fc from 'fast-check';
 * import { type Rounding, round } from 'bittrue/rounding';
 * import { roundings } from 'bittrue/testing/arbitraries';
 * const keepsMax = ({ format, policy }: Rounding) => round(format, format.max, policy) === format.max;
 * fc.assert(fc.property(roundings(), keepsMax));
 */
export function roundings(constraints: FormatsConstraints & PoliciesConstraints = {}): fc.Arbitrary<Rounding> {
  return formats(constraints).chain((format) => policies(format, constraints).map((policy) => roundTo(format, policy)));
}
