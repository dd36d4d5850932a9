/**
 * What another implementation might do instead: each a named change to how results are computed.
 *
 * @module
 */
import { bfloat16, binary16, binary32 } from '../../formats/catalogue.ts';
import type { FloatFormat } from '../../formats/format.ts';
import { formatName } from '../../formats/formatName.ts';
import { DIVIDE_BY_ZERO, INEXACT, INVALID, OVERFLOW, UNDERFLOW } from '../../rounding/flags.ts';
import type { Policy } from '../../rounding/policy.ts';
import type { NaNRule } from '../../rounding/profile.ts';
import { profilesFor, resolveProfile } from '../../rounding/profiles.ts';
import type { Setup } from './compute.ts';
import type { VectorTask } from './task.ts';

/** A named deviation. Two of the same group exclude each other. */
export interface Behaviour {
  readonly name: string;
  /** What the implementation does, as a clause: `rounds ties away from zero`. */
  readonly text: string;
  readonly group: string;
  readonly change: (setup: Setup) => Setup;
}

function withPolicy(group: string, name: string, text: string, policy: Partial<Policy>): Behaviour {
  return { name, text, group, change: (setup) => ({ ...setup, policy: { ...setup.policy, ...policy } }) };
}

function withSetup(group: string, name: string, text: string, changes: Partial<Setup>): Behaviour {
  return { name, text, group, change: (setup) => ({ ...setup, ...changes }) };
}

const roundings: readonly Behaviour[] = [
  withPolicy('rounding', 'towardZero', 'truncates: rounds toward zero', { rounding: 'towardZero' }),
  withPolicy('rounding', 'tiesToAway', 'rounds ties away from zero', { rounding: 'tiesToAway' }),
  withPolicy('rounding', 'tiesToEven', 'rounds ties to even', { rounding: 'tiesToEven' }),
  withPolicy('rounding', 'towardPositive', 'rounds toward positive', { rounding: 'towardPositive' }),
  withPolicy('rounding', 'towardNegative', 'rounds toward negative', { rounding: 'towardNegative' }),
  withPolicy('rounding', 'toOdd', 'rounds to odd', { rounding: 'toOdd' }),
];

const ties: readonly Behaviour[] = [
  withSetup('rounding', 'tiesUp', 'rounds ties upward, as floor(x + 0.5) does', { ties: 'up' }),
  withSetup('rounding', 'tiesToZero', 'rounds ties toward zero', { ties: 'zero' }),
];

const overflows: readonly Behaviour[] = [
  withPolicy('overflow', 'saturate', 'saturates: overflow and infinities become ±max', { overflow: 'saturate' }),
  withPolicy('overflow', 'saturateFinite', 'saturates finite numbers, and lets infinities be', {
    overflow: 'saturateFinite',
  }),
  withPolicy('overflow', 'infinity', 'makes every overflow infinite', { overflow: 'infinity' }),
  withPolicy('overflow', 'nan', 'makes every overflow NaN', { overflow: 'nan' }),
  withPolicy('overflow', 'ieee', 'overflows as IEEE 754, by rounding mode', { overflow: 'ieee' }),
];

const others: readonly Behaviour[] = [
  withPolicy('subnormals', 'flushOutputs', 'flushes subnormal results to zero', { subnormals: 'flushOutputs' }),
  withPolicy('subnormals', 'flushInputs', 'reads subnormal operands as zero', { subnormals: 'flushInputs' }),
  withPolicy('subnormals', 'flushBoth', 'flushes subnormal operands and results to zero', { subnormals: 'flushBoth' }),
  withPolicy('subnormals', 'gradual', 'keeps subnormals', { subnormals: 'gradual' }),
  withPolicy('tininess', 'beforeRounding', 'detects tininess before rounding', { tininess: 'beforeRounding' }),
  withPolicy('tininess', 'afterRounding', 'detects tininess after rounding', { tininess: 'afterRounding' }),
  withPolicy('parity', 'code', 'takes the even code at a tie', { parity: 'code' }),
  withPolicy('nanInput', 'nanToZero', 'puts zero for NaN', { nanInput: 'zero' }),
  withPolicy('nanInput', 'nanToMax', 'puts the largest number for NaN', { nanInput: 'max' }),
  withSetup('zero', 'unsignedZero', 'loses the sign of zero', { signedZeros: false }),
];

const flags: readonly Behaviour[] = [
  withSetup('flags', 'noFlags', 'raises no flags at all', {
    mask: INEXACT | UNDERFLOW | OVERFLOW | DIVIDE_BY_ZERO | INVALID,
  }),
  withSetup('flags', 'noInexact', 'never raises inexact', { mask: INEXACT }),
  withSetup('flags', 'noUnderflow', 'never raises underflow', { mask: UNDERFLOW }),
  withSetup('flags', 'noOverflow', 'never raises overflow', { mask: OVERFLOW }),
  withSetup('flags', 'noInvalid', 'never raises invalid', { mask: INVALID }),
  withSetup('flags', 'noDivideByZero', 'never raises divide by zero', { mask: DIVIDE_BY_ZERO }),
  withSetup('flags', 'exactUnderflow', 'raises underflow for exact tiny results too', { exactUnderflow: true }),
];

/** The deviations that make sense for a task. `nanCodes`: those that the other table writes, where they count. */
export function behavioursFor(task: VectorTask, nanCodes: readonly number[]): Behaviour[] {
  const { operation, format } = task;
  const isCast = operation === 'cast';
  return [
    ...roundings,
    ...(isCast ? ties : []),
    ...overflows.filter(({ name }) => hasPlace(format, name)),
    ...others.filter(({ name }) => hasPlace(format, name)),
    ...detours(task),
    ...(operation === 'mulAdd'
      ? [withSetup('fused', 'unfused', 'multiplies and adds with two roundings', { fused: false })]
      : []),
    ...(operation === 'roundToInt' || operation === 'toI32'
      ? [withSetup('integral', 'exactIntegral', 'raises inexact when the value changes', { exactIntegral: true })]
      : []),
    ...flags,
    ...(nanCodes.length > 0 ? nanBehaviours(task, nanCodes) : []),
    ...profilesFor(format).map((name) => profileBehaviour(task, name)),
  ];
}

/** Whether a format has what a deviation is about. */
function hasPlace(format: FloatFormat, name: string): boolean {
  switch (name) {
    case 'infinity':
      return format.infinities !== 'none';
    case 'nan':
      return format.nan !== 'none';
    case 'nanToZero':
    case 'nanToMax':
      return format.nan === 'none';
    case 'code':
      return format.mantissaBits === 0;
    case 'unsignedZero':
      return format.negativeZero;
    default:
      return true;
  }
}

/** Double rounding by way of a wider format. */
function detours({ format, operation }: VectorTask): Behaviour[] {
  if (operation === 'roundToInt' || operation === 'toI32' || operation === 'fromI32') return [];
  return [binary32, binary16, bfloat16]
    .filter((via) => via.precision > format.precision)
    .map((via) => {
      const name = formatName(via);
      return withSetup('via', `via ${name}`, `rounds twice, first to ${name}`, { via });
    });
}

function profileBehaviour(task: VectorTask, name: string): Behaviour {
  const own = resolveProfile(name, task.format);
  return {
    name: `profile ${name}`,
    text: `follows the profile ${name}`,
    group: 'profile',
    change: (setup) => {
      // The mode of the task stays where the profile does not name one of its own.
      const { rounding } = own.policy.rounding === 'tiesToEven' ? setup.policy : own.policy;
      const { policy, rules } = resolveProfile(name, task.format, { rounding });
      return { ...setup, policy, rules };
    },
  };
}

function nanBehaviours({ format, result }: VectorTask, codes: readonly number[]): Behaviour[] {
  if (result !== format || format.nan === 'none') return [];
  const rules: [NaNRule['code'], NaNRule['sign'], string][] = [
    ['quiet', 'dropped', 'writes the positive quiet NaN'],
    ['quiet', 'kept', 'writes the quiet NaN with the sign of the operand'],
    ['allOnes', 'dropped', 'writes the NaN of all ones, without sign'],
    ['allOnes', 'kept', 'writes the NaN of all ones with the sign of the operand'],
    ['payload', 'kept', 'keeps the sign and the payload of a NaN'],
  ];
  const byRule = rules.map(
    ([code, sign, text]): Behaviour => ({
      name: `nan ${code} ${sign}`,
      text,
      group: 'nan',
      change: (setup) => ({
        ...setup,
        nanCode: null,
        rules: { ...setup.rules, nan: { ...setup.rules.nan, code, sign } },
      }),
    }),
  );
  const byCode = codes.map((code) =>
    withSetup('nan', `nan 0x${code.toString(16)}`, `writes 0x${code.toString(16)} for every NaN`, { nanCode: code }),
  );
  return [...byRule, ...byCode];
}
