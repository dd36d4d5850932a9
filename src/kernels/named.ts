/**
 * Targets and formats by name: the specification takes data, a kernel takes names too.
 *
 * @module
 */
import { checkAs, fieldsOf } from '../errors/index.ts';
import { type Format, parseFormat } from '../formats/index.ts';
import type { OutputArray, Plan, Specification } from '../specification/contract.ts';
import { findTarget } from '../targets/table.ts';
import type { Target, TargetName } from '../targets/target.ts';

/** Options of a kernel: a target may be its text, `NAME` or `NAME:UNIT`, and a format its name. */
export type Named<Options> = {
  readonly [Key in keyof Options]: Key extends 'target'
    ? Options[Key] | TargetName
    : Key extends 'format' | 'a' | 'b'
      ? Options[Key] | string
      : Options[Key];
};

/** The option names that hold a format. */
const formats = ['format', 'a', 'b'] as const;

/** A specification whose options may have names. */
export function named<Options, P extends Plan, Inputs, Raw, Own extends OutputArray>(
  specification: Specification<Options, P, Inputs, Raw, Own>,
): Specification<Named<Options>, P, Inputs, Raw, Own> {
  const plan = (options: Named<Options>): P => specification.plan(resolveNames(options) as Options);
  return { ...specification, plan } as Specification<unknown, P, Inputs, Raw, Own>;
}

/** The same options where they have no name, else a copy with data in their places. */
export function resolveNames<Options>(options: Named<Options>): Options;
export function resolveNames(options: unknown): unknown;
export function resolveNames(options: unknown): unknown {
  const given = fieldsOf(options);
  let resolved: Record<string, unknown> | undefined;
  const put = (key: string, find: (text: string) => Target | Format): void => {
    const text = given[key];
    if (typeof text !== 'string') return;
    resolved ??= { ...given };
    resolved[key] = checkAs(
      () => `options.${key}`,
      () => find(text),
    );
  };
  put('target', findTarget);
  for (const key of formats) put(key, parseFormat);
  return resolved ?? options;
}
