/**
 * What another implementation might do instead: each a named change to how results are computed.
 *
 * @module
 */
import type { Format } from '../../formats/format.ts';
import { formatName } from '../../formats/formatName.ts';
import { DIVIDE_BY_ZERO, INEXACT, INVALID, OVERFLOW, UNDERFLOW } from '../../rounding/flags.ts';
import type { NaNRule } from '../../rounding/profile.ts';
import { profilesFor, resolveProfile } from '../../rounding/profiles.ts';
import type { Behaviour } from '../diagnosis/behaviour.ts';
import { conversionBehaviours, overflowBehaviours, policyBehaviours } from '../diagnosis/conversions.ts';
import type { Answer } from '../diagnosis/families.ts';
import { insteadBehaviours } from '../diagnosis/operations.ts';
import { only, type Where } from '../diagnosis/places.ts';
import { modes, wider, withPolicy, withSetup } from '../diagnosis/rounding.ts';
import type { Setup } from './compute.ts';
import type { Operand } from './operand.ts';
import type { VectorTask } from './task.ts';

/** What the codes of NaNs depend on. */
interface NaNTask {
  readonly format: Format;
  readonly result: Format;
}

const flags: readonly Behaviour<Setup>[] = [
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

/**
 * The deviations that make sense for a task.
 *
 * @param nanCodes - codes that the other table writes for NaN, where they count
 * @param wrong - answers that differ, which may suggest more
 */
export function behavioursFor(
  task: VectorTask,
  nanCodes: readonly number[],
  wrong: readonly Answer[],
): Behaviour<Setup>[] {
  const { operation, format } = task;
  return [
    ...(operation === 'cast' ? conversionBehaviours(task, wrong) : operationBehaviours(task)),
    ...tininess,
    ...(operation === 'roundToInt' || operation === 'toI32'
      ? [withSetup('integral', 'exactIntegral', 'raises inexact when the value changes', { exactIntegral: true })]
      : []),
    ...flags,
    ...(nanCodes.length > 0 ? nanBehaviours(task, nanCodes) : []),
    ...profilesFor(format).map((name) => profileBehaviour(task, name)),
  ];
}

const tininess = [
  withPolicy('tininess', 'beforeRounding', 'detects tininess before rounding', { tininess: 'beforeRounding' }),
  withPolicy('tininess', 'afterRounding', 'detects tininess after rounding', { tininess: 'afterRounding' }),
];

/** The deviations of an operation. */
function operationBehaviours(task: VectorTask): Behaviour<Setup>[] {
  const { operation, format } = task;
  const isArithmetic = operation !== 'roundToInt' && operation !== 'toI32' && operation !== 'fromI32';
  const isBelowZero: Where = (operands) => approximately(operation, operands) < 0;
  return [
    ...modes,
    ...overflowBehaviours(format),
    ...policyBehaviours(format),
    ...(isArithmetic
      ? wider(format).map((via) => {
          const name = formatName(via);
          return withSetup('via', `via ${name}`, `rounds twice, first to ${name}`, { via });
        })
      : []),
    ...(operation === 'mulAdd'
      ? [withSetup('fused', 'unfused', 'multiplies and adds with two roundings', { fused: false })]
      : []),
    ...insteadBehaviours(operation),
    ...(isArithmetic && operation !== 'sqrt'
      ? [...modes, ...overflowBehaviours(format)].map((one) =>
          only(one, 'for negatives', 'where the result is negative', isBelowZero),
        )
      : []),
  ];
}

/** An operation in binary64: good for its sign. */
function approximately(operation: VectorTask['operation'], operands: readonly Operand[]): number {
  const [a, b, c] = operands.map(({ x }) => x) as [number, number, number];
  switch (operation) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'div':
      return a / b;
    case 'mulAdd':
      return a * b + c;
    default:
      return a;
  }
}

function profileBehaviour(task: VectorTask, name: string): Behaviour<Setup> {
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

/** What becomes of the codes of NaNs. */
export function nanBehaviours({ format, result }: NaNTask, codes: readonly number[]): Behaviour<Setup>[] {
  if (result !== format || format.kind === 'integer' || format.nan === 'none') return [];
  const rules: [NaNRule['code'], NaNRule['sign'], string][] = [
    ['quiet', 'dropped', 'writes the positive quiet NaN'],
    ['quiet', 'kept', 'writes the quiet NaN with the sign of the operand'],
    ['allOnes', 'dropped', 'writes the NaN of all ones, without sign'],
    ['allOnes', 'kept', 'writes the NaN of all ones with the sign of the operand'],
    ['payload', 'kept', 'keeps the sign and the payload of a NaN'],
  ];
  const byRule = rules.map(
    ([code, sign, text]): Behaviour<Setup> => ({
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
