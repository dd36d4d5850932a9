/**
 * A graph's check as comma-separated values.
 *
 * @module
 */
import { checkSchema } from '../../errors/index.ts';
import { eventKinds } from '../../rounding/index.ts';
import type { GraphCheck } from '../../studies/index.ts';
import { describeEvent } from '../text/event.ts';
import { quote } from './csv.ts';

/**
 * A graph's check as comma-separated values (RFC 4180): a line a node, part and target; shares from 0 to 1.
 *
 * @throws {@link BittrueError} for what is no check of a graph
 */
export function formatGraphCheckCsv(check: GraphCheck): string {
  checkSchema('check', check, ['graph-check/1']);
  const head = [
    'node',
    'operator',
    'part',
    'target',
    'ok',
    ...eventKinds,
    'headroom',
    'overflows',
    'underflows',
    'sqnr',
    'first',
  ];
  const lines = check.runs.map(({ node, op, part, target, report, headroom, overflows, underflows, sqnr, first }) => [
    quote(node),
    quote(op),
    part ?? '',
    quote(target),
    report === null ? '' : String(report.ok),
    ...eventKinds.map((kind) => (report === null ? '' : String(report.totals[kind]))),
    headroom === null ? '' : String(headroom.bits),
    ...[overflows, underflows, sqnr].map((value) => (value === null ? '' : String(value))),
    first === null ? '' : quote(describeEvent(first, { brief: true })),
  ]);
  return `${[head, ...lines].map((line) => line.join(',')).join('\n')}\n`;
}
