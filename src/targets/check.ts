/**
 * Whether an argument is a target.
 *
 * @module
 */
import { checkList, checkMade } from '../errors/index.ts';
import { isMade } from '../errors/made.ts';
import type { Target } from './target.ts';

/** Refuses what is no target. */
export function checkMadeTarget(argument: string, target: Target): Target {
  return checkMade(
    argument,
    target,
    ['name', 'vectorUnits', 'matrixUnits', 'defaults', 'source'],
    'a target, such as fp16 from bittrue/targets',
  );
}

/** Whether the library made this very target: it is checked and complete. */
export function isMadeTarget(value: unknown): value is Target {
  return isMade(value) && (value as Partial<Target>).vectorUnits !== undefined;
}

/** Refuses what is no list of targets. */
export function checkTargets(targets: readonly Target[]): void {
  checkList('targets', targets).forEach((target, i) => {
    checkMadeTarget(`targets[${i}]`, target as Target);
  });
}
