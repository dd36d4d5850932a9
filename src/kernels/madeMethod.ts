/**
 * A function's operations whose roundings may be plain data.
 *
 * @module
 */
import { fieldsOf, isReadable } from '../errors/checks.ts';
import { defineRounding } from '../rounding/roundTo.ts';

/** The same method where its roundings were made by the library, else a copy in which they are. */
export function madeMethod(method: unknown, argument: string): unknown {
  const { steps } = fieldsOf(method);
  if (!isReadable(steps) || !Array.isArray(steps) || steps.every((step) => (fieldsOf(step).rounding ?? null) === null))
    return method;
  const made = steps.map((step: unknown, i) => {
    const { rounding } = fieldsOf(step);
    if (rounding === undefined || rounding === null) return step;
    return { ...fieldsOf(step), rounding: defineRounding(rounding, `${argument}.steps[${i}].rounding`) };
  });
  return { ...fieldsOf(method), steps: made };
}
