/**
 * A model on chips as a table.
 *
 * @module
 */
import { checkSchema, printableData } from '../../errors/index.ts';
import type { SimulatedTarget, Simulation } from '../../studies/index.ts';
import { quote } from '../data/csv.ts';
import { count, decibels, perplexityText } from '../numbers.ts';
import { describeEvent } from './event.ts';
import { checkLook, columns, type RenderOptions, table, wrap } from './layout.ts';

/** How operands reach a unit, in words. */
const entries = {
  plain: 'as they are',
  scaled: 'scaled by row',
  blocks: 'in its blocks',
} as const;

/**
 * A line a chip: what ran where, perplexity, events; where each first goes wrong; and how errors grow, layer by layer.
 *
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { formatSimulation } from 'bittrue/reports';
 * import { simulate } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const found = simulate(loadModel(config, checkpoint), [byteTokens('In the beginning')], { targets: ['h100:f16'] });
 * formatSimulation(found).split('\n')[0]; // 'llama, 4 layers, hidden 128, on 1 chip; 15 predictions'
 */
export function formatSimulation(simulation: Simulation, options: RenderOptions = {}): string {
  checkSchema('simulation', simulation, ['simulation/1']);
  checkLook(options);
  const { model, predictions, float64, targets, exact, weights, cache } = printableData(simulation);
  const what = `${model.family}, ${count(model.layers, 'layer')}, hidden ${model.hidden}`;
  const stored = weights === null ? [] : [`weights in ${weights}`];
  const kept = cache === null ? [] : [`keys and values in ${cache}`];
  const head = `${[what, ...stored, ...kept].join(', ')}, on ${count(targets.length, 'chip')}; ${count(predictions, 'prediction')}`;
  return [
    ...wrap(head, '  ', options),
    '',
    ...chipLines(targets, options),
    '',
    ...wrap(
      `Perplexity in binary64: ${perplexityText(float64.perplexity)}. SQNR: of the logits against binary64, in dB. Exact on every chip, since they move data or have no kernel: ${exact.join(', ')}.`,
      '  ',
      options,
    ),
    ...targets.flatMap((target) => notes(target).flatMap((line) => wrap(line, '  ', options))),
    '',
    ...growth(targets, options),
  ].join('\n');
}

function chipLines(targets: readonly SimulatedTarget[], options: RenderOptions): string[] {
  const rows = targets.map(({ name, entry, attentionUnit, vectorUnit, perplexity, totals, nodes }) => [
    name,
    entries[entry],
    attentionUnit ?? 'exact',
    vectorUnit ?? 'exact',
    perplexityText(perplexity),
    decibelsOf(nodes[nodes.length - 1]?.sqnr ?? null),
    ...[totals.overflow, totals.saturation + totals.wrap, totals.invalid, totals.underflow].map(String),
  ]);
  const left = ['chip', 'operands', 'attention', 'vector unit'];
  const right = ['perplexity', 'SQNR', 'overflows', 'saturated', 'invalid', 'underflows'];
  return table(columns([...left, ...right], left.length), rows, options);
}

function decibelsOf(sqnr: number | null): string {
  return sqnr === null ? '–' : decibels(sqnr);
}

/** Where a chip first goes wrong, and what it leaves exact. */
function notes({ name, first, nodes }: SimulatedTarget): string[] {
  const left = new Map<string, Set<string>>();
  for (const { op, because } of nodes) {
    if (because !== null) left.set(because, (left.get(because) ?? new Set()).add(op));
  }
  return [
    ...(first === null ? [] : [`${name}: first failure at ${first.node}: ${describeEvent(first.event)}`]),
    ...[...left].map(([because, ops]) => `${name}: exact, for ${because}: ${[...ops].join(', ')}`),
  ];
}

/** SQNR of the residual stream behind every layer. */
function growth(targets: readonly SimulatedTarget[], options: RenderOptions): string[] {
  const ends = (targets[0]?.nodes ?? []).filter(({ node }) => node.endsWith('/mlp/sum')).map(({ node }) => node);
  if (ends.length === 0) return [];
  const rows = ends.map((end) => [
    end.slice(0, -'/mlp/sum'.length),
    ...targets.map(({ nodes }) => decibelsOf(nodes.find(({ node }) => node === end)?.sqnr ?? null)),
  ]);
  const titles = columns(['behind', ...targets.map(({ name }) => name)]);
  return ['SQNR of the stream along the depth, in dB', ...table(titles, rows, options)];
}

/** A line a node and chip, with its header. */
export function formatSimulationCsv(simulation: Simulation): string {
  checkSchema('simulation', simulation, ['simulation/1']);
  const kinds = ['overflow', 'underflow', 'saturation', 'wrap', 'invalid', 'divideByZero', 'absorption'] as const;
  const lines = [
    ['chip', 'node', 'op', 'kernels', 'because', 'sqnr', 'biasSigned', 'biasOutward', 'nonFinite', ...kinds].join(','),
  ];
  for (const { name, nodes } of simulation.targets) {
    for (const { node, op, kernels, because, sqnr, bias, nonFinite, totals } of nodes) {
      const figures = [
        sqnr ?? '',
        bias?.signed ?? '',
        bias?.outward ?? '',
        nonFinite,
        ...kinds.map((kind) => totals[kind]),
      ];
      lines.push([name, quote(node), op, quote(kernels.join(' ')), quote(because ?? ''), ...figures].join(','));
    }
  }
  return `${lines.join('\n')}\n`;
}
