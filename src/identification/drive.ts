/**
 * Asking a caller's function what steps give, at once, or by promises from the first one on.
 *
 * @module
 */

/** Answers every step, and gives what the steps end with: a promise of it where `ask` gives promises. */
export function drive<Asked, Result>(
  steps: Generator<Asked, Result, unknown>,
  ask: (asked: Asked) => unknown,
): Result | Promise<Result> {
  let step = steps.next();
  while (step.done !== true) {
    const answers = ask(step.value);
    if (isThenable(answers)) return later(steps, ask, answers);
    step = steps.next(answers);
  }
  return step.value;
}

/** Something to wait for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

async function later<Asked, Result>(
  steps: Generator<Asked, Result, unknown>,
  ask: (asked: Asked) => unknown,
  first: PromiseLike<unknown>,
): Promise<Result> {
  let step = steps.next(await first);
  while (step.done !== true) step = steps.next(await ask(step.value));
  return step.value;
}
