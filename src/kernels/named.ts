/**
 * Targets, formats and reductions among the options: the specification takes what the library made, a kernel takes names and
 * plain data, too.
 *
 * @module
 */
import { defineReduction } from '../accumulators/define.ts';
import { fieldsOf, isReadable } from '../errors/checks.ts';
import { defineFormat, defineRounding } from '../rounding/roundTo.ts';
import type { OutputArray, Plan, Specification } from '../specification/contract.ts';
import { givenTarget } from '../targets/table.ts';
import type { TargetName } from '../targets/target.ts';

/** Options of a kernel: a target may be its text, `NAME` or `NAME:UNIT`, and a format its name. */
export type Named<Options> = {
  readonly [Key in keyof Options]: Key extends 'target'
    ? Options[Key] | TargetName
    : Key extends 'format' | 'a' | 'b'
      ? Options[Key] | string
      : Options[Key];
};

type Maker = (value: unknown, argument: string) => unknown;

/** What is no object goes on as it is: a kernel may have no such option, and says so. */
const ofObjects =
  (make: Maker): Maker =>
  (value, argument) =>
    isReadable(value) ? make(value, argument) : value;

/** How an option becomes what the library made, by its name. */
const makers: readonly (readonly [option: string, Maker])[] = /* @__PURE__ */ Object.entries({
  target: (value, argument) => givenTarget(argument, value),
  format: defineFormat,
  a: defineFormat,
  b: defineFormat,
  partial: ofObjects(defineRounding),
  reduction: ofObjects(defineReduction),
  exp: ofObjects(defineExpRounding),
});

/** A specification whose options may have names and plain data. */
export function named<Options, P extends Plan, Inputs, Raw, Own extends OutputArray>(
  specification: Specification<Options, P, Inputs, Raw, Own>,
): Specification<Named<Options>, P, Inputs, Raw, Own> {
  const plan = (options: Named<Options>): P => specification.plan(madeOptions(options) as Options);
  return { ...specification, plan } as Specification<unknown, P, Inputs, Raw, Own>;
}

/** The same options where all was made by the library, else a copy in which it is. */
export function madeOptions<Options>(options: Named<Options>): Options;
export function madeOptions(options: unknown): unknown;
export function madeOptions(options: unknown): unknown {
  const given = fieldsOf(options);
  let made: Record<string, unknown> | undefined;
  for (const [key, make] of makers) {
    const value = given[key];
    if (value === undefined) continue;
    const result = make(value, `options.${key}`);
    if (result === value) continue;
    made ??= { ...given };
    made[key] = result;
  }
  return made ?? options;
}

/** The method of an exponential may have a rounding of its own. */
function defineExpRounding(exp: unknown, argument: string): unknown {
  const { rounding } = fieldsOf(exp);
  if (rounding === undefined || rounding === null) return exp;
  return { ...fieldsOf(exp), rounding: defineRounding(rounding, `${argument}.rounding`) };
}
