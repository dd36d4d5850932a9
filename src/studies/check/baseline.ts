/**
 * What is new since an earlier check: events where it had none, or fewer.
 *
 * @module
 */
import { BittrueError, checkList, checkName, checkNumber, checkRecord, checkSchema } from '../../errors/index.ts';
import type { Counts, Report } from '../../events/index.ts';
import { type EventKind, eventKinds, failureKinds } from '../../rounding/index.ts';
import type { ModelCheck } from './check.ts';
import type { GraphCheck } from './checkGraph.ts';
import type { RowsCheck } from './checkRows.ts';

/** Events at one place that an earlier check had not, or not so many of. */
export interface NewEvent {
  /** Residual scale, norm or node, run and stage, as far as there are several. */
  readonly place: string;
  readonly kind: EventKind;
  readonly before: number;
  readonly now: number;
}

/** Several checks of a model, as `bittrue check --json` writes them. */
export interface Checks {
  readonly schema: 'checks/1';
  readonly checks: readonly ModelCheck[];
}

/** What can be compared with a baseline. */
export type Comparable = Report | RowsCheck | ModelCheck | GraphCheck | Checks;

/**
 * The events that a check has and its baseline has not, or fewer of, stage by stage: none where all that happens is known.
 *
 * @param baseline - an earlier check of the same kind, also one read from JSON
 * @param kinds - default those that make a run fail
 * @throws {@link BittrueError} for data of other schemas, or of two
 * @example
 * import { rmsNorm } from 'bittrue/kernels';
 * import { newEvents } from 'bittrue/studies';
 * const report = (x: number) => rmsNorm([x, x], { rows: 1, width: 2, target: 'fp16' }).report;
 * newEvents(report(300), report(300)).length; // 0
 * newEvents(report(1), report(300))[0]?.place; // 'square'
 */
export function newEvents(
  baseline: Comparable,
  check: Comparable,
  kinds: readonly EventKind[] = failureKinds,
): NewEvent[] {
  checkList('kinds', kinds).forEach((kind, i) => {
    checkName(`kinds[${i}]`, kind, eventKinds);
  });
  const [before, now] = [placesOf('baseline', baseline), placesOf('check', check)];
  if (baseline.schema !== check.schema) {
    throw new BittrueError('unsupported', 'baseline.schema', baseline.schema, `${check.schema}, as the check has it`);
  }
  return [...now].flatMap(([place, counts]) =>
    kinds.flatMap((kind) => {
      const old = checkNumber(`baseline, ${place}, ${kind}`, before.get(place)?.[kind] ?? 0);
      const own = checkNumber(`check, ${place}, ${kind}`, counts[kind] ?? 0);
      if (Number.isNaN(old) || Number.isNaN(own)) {
        const argument = Number.isNaN(own) ? 'check' : 'baseline';
        throw new BittrueError('unsupported', argument, "a run with record: 'off'", 'one that counts its events');
      }
      return own > old ? [{ place, kind, before: old, now: own }] : [];
    }),
  );
}

/** The counts of every place. */
function placesOf(argument: string, value: Comparable): Map<string, Counts> {
  checkSchema(argument, value, ['report/2', 'check-rows/1', 'check/1', 'graph-check/1', 'checks/1']);
  const places = new Map<string, Counts>();
  const put = (path: readonly (string | number | null)[], report: Pick<Report, 'counts'> | null): void => {
    if (report === null) return;
    const { counts: stages } = checkRecord(argument, report, 'a report');
    for (const [stage, counts] of Object.entries(checkRecord(argument, stages, 'counts, stage by stage'))) {
      const words = [...path, stage].filter((word) => word !== null && word !== '');
      places.set(words.join(', '), checkRecord(argument, counts, 'counts, kind by kind'));
    }
  };
  const putModel = (check: ModelCheck, head: string | null): void => {
    for (const norm of checkList(`${argument}.norms`, check.norms)) {
      const { site, plain, scaled } = checkRecord(`${argument}.norms`, norm as ModelCheck['norms'][number], 'a norm');
      put([head, site], checkRecord(argument, plain, 'a run').report);
      if (scaled !== null) put([head, site, 'scaled'], checkRecord(argument, scaled, 'a run').report);
    }
  };
  switch (value.schema) {
    case 'report/2':
      put([], value);
      break;
    case 'check-rows/1':
      put([], value.plain);
      put(['scaled'], value.scaled);
      break;
    case 'check/1':
      putModel(value, null);
      break;
    case 'checks/1':
      for (const check of checkList(`${argument}.checks`, value.checks) as Checks['checks']) {
        checkSchema(`${argument}.checks`, check, ['check/1']);
        putModel(check, `residual scale ${check.residualScale}`);
      }
      break;
    default:
      for (const run of checkList(`${argument}.runs`, value.runs)) {
        const { node, part, target, report } = checkRecord(
          `${argument}.runs`,
          run as GraphCheck['runs'][number],
          'a run',
        );
        put([target, node, part], report);
      }
  }
  return places;
}
