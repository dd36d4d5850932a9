/**
 * Which nodes must stay in a wider precision, as text.
 *
 * @module
 */
import { checkSchema, printableData } from '../../errors/index.ts';
import type { Bisection } from '../../studies/index.ts';
import { count, size } from '../numbers.ts';
import { describeEvent } from './event.ts';
import { checkLook, paint, type RenderOptions, wrap } from './layout.ts';

/**
 * A bisection in words: the errors, the nodes that must stay with their first failures, and what is claimed of them.
 *
 * @throws {@link BittrueError} for what is no bisection
 */
export function formatBisection(bisection: Bisection, options: RenderOptions = {}): string {
  checkSchema('bisection', bisection, ['bisection/1']);
  checkLook(options);
  const { graph, target, instead, tolerance, candidates, exact, verdict, stay, errors, runs } =
    printableData(bisection);
  const error = (value: number): string => (Number.isFinite(value) ? size(value) : 'not finite');
  const lines = [
    ...wrap(
      paint(
        'bold',
        `${graph}: ${count(candidates, 'node')} on ${target} or ${instead}, ${exact.length} exact`,
        options,
      ),
      '  ',
      options,
    ),
    '',
    `largest error of the outputs, of their largest magnitude (wanted: at most ${size(tolerance)})`,
    `  all on ${target}: ${error(errors.target)}`,
    `  all on ${instead}: ${error(errors.instead)}`,
  ];
  if (stay.length > 0) {
    lines.push(`  these on ${instead}, all others on ${target}: ${error(errors.stay)}`);
    for (const { node, op, from, first } of stay) {
      const why = first === null ? '' : `: ${first.kind}, ${describeEvent(first, { brief: true })}`;
      const stands = from.length > 1 ? ` (stands for ${from.length} nodes)` : '';
      for (const line of wrap(`    ${node} (${op})${stands}${why}`, '      ', options)) lines.push(line);
    }
  }
  const words = {
    nothing: `nothing must stay on ${instead}`,
    smallest: `${count(stay.length, 'node')} must stay on ${instead}: no smaller set will do`,
    irreducible: `${count(stay.length, 'node')} must stay on ${instead}: none of them can be left out, another set may be smaller`,
    none: `no set will do: on ${instead} itself the error is too large`,
  }[verdict];
  return [
    ...lines,
    '',
    ...wrap(`verdict: ${paint('bold', words, options)} (${count(runs, 'run')} of the graph).`, '  ', options),
  ].join('\n');
}
