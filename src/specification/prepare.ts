/**
 * Kernels that are planned once and run many times.
 *
 * @module
 */
import { BittrueError, checkObject, checkRecord } from '../errors/index.ts';
import { eventKinds } from '../rounding/flags.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import type { Output, OutputArray, Plan, RecordOptions, Result, Specification, StageOf } from './contract.ts';
import { type Planned, refuseEngine, runPlanned } from './run.ts';

/** Options of a kernel that is planned once: `Free`, the number of rows, may be left to each run. */
export type PrepareOptions<Options, Free extends keyof Options> = Omit<Options, Free> & Partial<Pick<Options, Free>>;

/**
 * A kernel that is planned. It takes the arrays of a run, in the kernel's order, and an object with `out` and with those
 * options that are arrays of one run; what is given here comes before what was given to `prepare`.
 *
 * The result is that of the kernel with the same options. Lengths are checked in every run. For hot paths: what the arrays
 * hold is for the caller to know; junk in them promises nothing.
 */
export type Prepared<Arrays extends readonly unknown[], Stage extends string = string, Own = unknown> = <
  Out extends FloatArray = Float64Array,
>(
  ...given: [...arrays: Arrays, run?: Own & Output<Out>]
) => Result<Out, Stage>;

/** Runs over arrays, with the options of one run. */
export type Run<Options, Stage extends string = string> = <Out extends OutputArray>(
  arrays: readonly unknown[],
  own: (Partial<Options> & Output<Out>) | undefined,
) => Result<Out, Stage>;

/** A specification, planned once. `complete` gives the options a number of rows, whichever. */
export function prepareSpecification<
  Given,
  Options extends RecordOptions,
  P extends Plan,
  Inputs,
  Raw,
  Own extends OutputArray,
>(
  specification: Specification<Options, P, Inputs, Raw, Own>,
  options: Given,
  complete: (options: Given) => Options,
): Run<Options, StageOf<P>> {
  refuseEngine(options);
  return prepare<Given, Options, P, Inputs, Raw, Own, Planned<P, Inputs, Own>>(
    specification,
    options,
    complete,
    (planned, plan, arrays, all) => runPlanned(specification, planned, plan, arrays, all),
  );
}

/** The same for a way to run. Arrays among the options are copied: who changes them later changes no run. */
export function prepare<
  Given,
  Options extends RecordOptions,
  P extends Plan,
  Inputs,
  Raw,
  Own extends OutputArray,
  Kept extends Planned<P, Inputs, Own>,
>(
  specification: Specification<Options, P, Inputs, Raw, Own>,
  options: Given,
  complete: (options: Given) => Options,
  run: <Out extends OutputArray>(
    planned: Kept,
    plan: P,
    arrays: readonly unknown[],
    all: Options & Output<Out>,
  ) => Result<Out, StageOf<P>>,
): Run<Options, StageOf<P>> {
  const { perRun = [] } = specification;
  const keys = ['out', ...perRun];
  const kept = copied(options);
  /** Plans by the arrays that come with a run: a stage may depend on whether there is one. */
  const plans = new Map<string, { planned: Kept; last: P }>();
  const open = (name: string, all: Given): { planned: Kept; last: P } => {
    const plan = specification.plan(complete(all));
    // Reports of all runs hold these.
    Object.freeze(plan.configuration);
    Object.freeze(plan.stages);
    const counts = new Float64Array(plan.stages.length * eventKinds.length);
    const opened = { planned: { plan, counts } as Planned<P, Inputs, Own> as Kept, last: plan };
    plans.set(name, opened);
    return opened;
  };
  const usual = open('', kept);
  return (arrays, own) => {
    let all = kept;
    let way = usual;
    if (own !== undefined) {
      checkObject('run', own, keys);
      all = { ...kept, ...own };
      const name = perRun.filter((key) => (own as Record<string, unknown>)[key] !== undefined).join();
      way = plans.get(name) ?? open(name, { ...all, out: undefined });
    }
    const given = all as never;
    way.last = specification.fit(way.last, arrays, given);
    return run(way.planned, way.last, arrays, given);
  };
}

/** Options with arrays of their own. */
function copied<Given>(options: Given): Given {
  const { out } = checkRecord('options', options, 'the options of a kernel') as { readonly out?: unknown };
  if (out !== undefined) throw new BittrueError('unsupported', 'options.out', out, 'none here: it comes with a run');
  const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value) || ArrayBuffer.isView(value);
  return Object.fromEntries(
    Object.entries(options as object).map(([key, value]) => [key, isArray(value) ? value.slice() : value]),
  ) as Given;
}
