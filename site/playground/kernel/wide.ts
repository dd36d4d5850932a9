/**
 * A target in binary32 between load and store: statistics of a norm that do not overflow.
 *
 * @module
 */
import { toJson } from 'bittrue/reports';
import { defineTarget, findVectorUnit, type Target } from 'bittrue/targets';

const inBinary32 = { format: 'binary32' };
/** A vector unit's steps between load and store in binary32, its order as it is: a reviver of its JSON. */
const widen = (key: string, value: unknown): unknown =>
  ['compute', 'accumulate', 'statistics'].includes(key)
    ? inBinary32
    : key === 'accumulator'
      ? { kind: 'float', rounding: inBinary32 }
      : value;

/** A target whose vector unit computes in binary32 between load and store. */
export function wideTarget(target: Target): Target {
  const vector = JSON.parse(toJson(findVectorUnit(target)), widen);
  return defineTarget({ name: `${target.name} in binary32`, vectorUnits: { [vector.name]: vector } });
}

/** The same as TypeScript, of the name `wide`, from a target's. */
export function wideLines(target: string): string {
  return `const wide = { format: 'binary32' };
const vector = JSON.parse(toJson(findVectorUnit(${target})), (key, value) =>
  ['compute', 'accumulate', 'statistics'].includes(key)
    ? wide
    : key === 'accumulator'
      ? { kind: 'float', rounding: wide }
      : value,
);
const target = defineTarget({ name: 'in binary32', vectorUnits: { [vector.name]: vector } });`;
}
