/**
 * A graph's check as one HTML page: nothing is fetched.
 *
 * @module
 */
import { checkSchema } from '../../errors/index.ts';
import { VERSION } from '../../events/index.ts';
import { failureKinds } from '../../rounding/index.ts';
import type { GraphCheck, GraphNodeRun } from '../../studies/index.ts';
import { count } from '../numbers.ts';
import { magnitudePlots } from '../plots/magnitudes.ts';
import { escaped } from '../plots/words.ts';
import { capturedLines } from '../text/captured.ts';
import { describeEvent } from '../text/event.ts';
import { fedWords, graphVerdict, label, leftOut, nodeCells, raisedKinds } from '../text/graphCheck.ts';
import { page } from './page.ts';
import { figure, paragraph } from './plots.ts';

/**
 * A page with a table a target: a row a node by its own name, its events, room and lost outputs; the first failures in words; and
 * histograms of its results' exponents, where the check counted them.
 *
 * @throws {@link BittrueError} for what is no check of a graph
 */
export function graphCheckHtml(check: GraphCheck): string {
  checkSchema('check', check, ['graph-check/1']);
  const { graph, nodes, kernels, targetNames, inputs, clips, captured } = check;
  const what = captured === undefined ? 'node' : 'captured input';
  const notes = [
    ...(captured === undefined ? [] : capturedLines(captured)),
    ...clips.map(
      ({ node, low, high }) => `Clip at the bounds of binary16, which hides an overflow: ${node} (${low} … ${high})`,
    ),
    ...leftOut(check).map(([what, names]) => `${what}: ${names.join(', ')}`),
  ];
  return page('bittrue check', [
    `<h1>${escaped(graph)}</h1>`,
    paragraph(`${count(nodes, what)}; ${kernels.join(', ')} on ${targetNames.join(', ')}; inputs: ${fedWords(inputs)}`),
    `<p><strong>${escaped(graphVerdict(check))}</strong></p>`,
    ...targetNames.flatMap((name) =>
      section(
        name,
        check.runs.filter(({ target }) => target === name),
      ),
    ),
    ...notes.map(paragraph),
    paragraph(
      'Overflows, underflows: shares of the outputs; headroom: least bits left of any stage, unrounded; SQNR: of the outputs on ' +
        'what the graph has in binary64, in dB; *: finite outputs hide the failure.',
    ),
    paragraph(`bittrue ${VERSION}`),
  ]);
}

function section(name: string, runs: readonly GraphNodeRun[]): string[] {
  const kinds = raisedKinds(runs);
  const titles = ['node', 'operator', ...kinds, 'headroom', 'overflows', 'underflows', 'SQNR'];
  const rows = runs.map((run) => {
    const { report, from } = run;
    const stands = report !== null && from.length > 1 ? ` (stands for ${from.length} nodes)` : '';
    return [`${label(run)}${stands}`, ...nodeCells(run, kinds)];
  });
  const failures = runs.flatMap((run) =>
    run.first === null
      ? []
      : [
          `<li><strong>${escaped(label(run))}</strong>: ${escaped(`${run.first.kind}: ${describeEvent(run.first, { brief: true })}`)}</li>`,
        ],
  );
  const failed = runs.map(({ report }) => failureKinds.some((kind) => (report?.totals[kind] ?? 0) > 0));
  const line = (cells: readonly string[], tag: 'td' | 'th', isFailed = false): string =>
    `<tr${isFailed ? ' class="failed"' : ''}>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return [
    `<h2>${escaped(name)}</h2>`,
    `<div class="wide"><table>${line(titles, 'th')}${rows.map((cells, i) => line(cells, 'td', failed[i])).join('')}</table></div>`,
    ...(failures.length === 0 ? [] : [`<p>First failures:</p><ul>${failures.join('')}</ul>`]),
    ...runs.flatMap(histograms),
  ];
}

/** How large the results of a run are, stage by stage, where it counted them. */
function histograms(run: GraphNodeRun): string[] {
  if (run.report?.magnitudes === undefined) return [];
  return [`<h3>${escaped(label(run))}</h3>`, ...magnitudePlots(run.report).map(figure)];
}
