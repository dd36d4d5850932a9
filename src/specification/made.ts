/**
 * Formats, roundings, reductions and targets among the options. The specification takes such as the library made: it reads no
 * names and no JSON, and a page that uses it alone does not pay for either. The kernels read both.
 *
 * @module
 */
import type { Reduction } from '../accumulators/reduction.ts';
import { checkAs, checkObject, fieldsOf } from '../errors/checks.ts';
import { BittrueError } from '../errors/error.ts';
import { isMade } from '../errors/made.ts';
import type { Format } from '../formats/format.ts';
import type { PartialPolicy } from '../rounding/policy.ts';
import { type Rounding, roundTo } from '../rounding/roundTo.ts';
import { isMadeTarget } from '../targets/check.ts';
import type { Target, VectorUnit } from '../targets/target.ts';
import { vectorUnitOf } from '../targets/units.ts';

/** A target from an option. */
export function madeTarget(value: unknown): Target {
  const expected = 'a target that defineTarget made, such as fp16 from bittrue/targets; findTarget has them by name';
  if (!isMadeTarget(value)) throw new BittrueError('type', 'options.target', value, expected);
  return value;
}

/** The default vector unit of a target that must have one. */
export function vectorUnit(target: Target): VectorUnit {
  return vectorUnitOf('options.target', target);
}

/** A format from an option. */
export function madeFormat(argument: string, value: unknown): Format {
  return made(argument, value, 'bits', 'a format of bittrue/formats; parseFormat has them by name') as Format;
}

/** A format and a policy, which may be partial, from an option. */
export function madeRounding(argument: string, value: unknown): Rounding {
  const { format, policy } = checkObject(argument, value, ['format', 'policy']);
  const known = madeFormat(`${argument}.format`, format);
  return checkAs(
    (path) => `${argument}.${path}`,
    () => roundTo(known, (policy ?? {}) as PartialPolicy),
  );
}

/** A reduction from an option. */
export function madeReduction(argument: string, value: unknown): Reduction {
  return made(argument, value, 'kind', 'a reduction that defineReduction made') as Reduction;
}

function made(argument: string, value: unknown, key: string, expected: string): unknown {
  if (!isMade(value) || fieldsOf(value)[key] === undefined) throw new BittrueError('type', argument, value, expected);
  return value;
}
