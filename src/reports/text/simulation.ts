/**
 * A model on chips as a table.
 *
 * @module
 */
import { checkSchema, printableData } from '../../errors/index.ts';
import type { GraphSimulation, SimulatedNode, SimulatedTarget, Simulation } from '../../studies/index.ts';
import { quote } from '../data/csv.ts';
import { brief, count, decibels, percent, perplexityText } from '../numbers.ts';
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
  const { float64, targets, exact } = printableData(simulation);
  return [
    ...wrap(simulationHead(simulation), '  ', options),
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

/** What ran, in a line. */
export function simulationHead(simulation: Simulation): string {
  const { model, predictions, targets, weights, cache } = printableData(simulation);
  const what = `${model.family}, ${count(model.layers, 'layer')}, hidden ${model.hidden}`;
  const stored = weights === null ? [] : [`weights in ${weights}`];
  const kept = cache === null ? [] : [`keys and values in ${cache}`];
  return `${[what, ...stored, ...kept].join(', ')}, on ${count(targets.length, 'chip')}; ${count(predictions, 'prediction')}`;
}

function chipLines(targets: readonly SimulatedTarget[], options: RenderOptions): string[] {
  const rows = targets.map(({ name, entry, attentionUnit, vectorUnit, perplexity, logits, totals }) => [
    name,
    entries[entry],
    attentionUnit ?? 'exact',
    vectorUnit ?? 'exact',
    perplexityText(perplexity),
    decibels(logits?.sqnr ?? null),
    ...[totals.overflow, totals.saturation + totals.wrap, totals.invalid, totals.underflow].map(String),
  ]);
  const left = ['chip', 'operands', 'attention', 'vector unit'];
  const right = ['perplexity', 'SQNR', 'overflows', 'saturated', 'invalid', 'underflows'];
  return table(columns([...left, ...right], left.length), rows, options);
}

/** Where a chip first goes wrong, and what it leaves exact. */
export function notes({
  name,
  first,
  logits,
  nodes,
}: Pick<SimulatedTarget, 'name' | 'first' | 'logits' | 'nodes'>): string[] {
  const left = new Map<string, Set<string>>();
  for (const { op, because } of nodes) {
    if (because !== null) left.set(because, (left.get(because) ?? new Set()).add(op));
  }
  const tight = tightest(nodes);
  return [
    ...(logits === null
      ? []
      : [
          `${name}: logits off by ${brief(logits.mean)} in the mean, ${brief(logits.largest)} at most; the same token for ${percent(logits.sameToken)} of predictions`,
        ]),
    ...(tight === null ? [] : [`${name}: least headroom ${tight}`]),
    ...(first === null ? [] : [`${name}: first failure at ${first.node}: ${describeEvent(first.event)}`]),
    ...[...left].map(([because, ops]) => `${name}: exact, for ${because}: ${[...ops].join(', ')}`),
  ];
}

/** The node with the least room. */
function tightest(nodes: readonly SimulatedNode[]): string | null {
  let least: SimulatedNode | null = null;
  for (const node of nodes) {
    if (node.headroom !== null && (least?.headroom == null || node.headroom.bits < least.headroom.bits)) least = node;
  }
  return least?.headroom == null
    ? null
    : `${least.headroom.bits.toFixed(1)} bits, at ${least.node}, stage ${least.headroom.stage}`;
}

/** What the stream behind a layer is called. */
export const STREAM = '/mlp/sum';

/** SQNR of the residual stream behind every layer. */
function growth(targets: readonly SimulatedTarget[], options: RenderOptions): string[] {
  const ends = (targets[0]?.nodes ?? []).filter(({ node }) => node.endsWith(STREAM)).map(({ node }) => node);
  if (ends.length === 0) return [];
  const rows = ends.map((end) => [
    end.slice(0, -STREAM.length),
    ...targets.map(({ nodes }) => decibels(nodes.find(({ node }) => node === end)?.sqnr ?? null)),
  ]);
  const titles = columns(['behind', ...targets.map(({ name }) => name)]);
  return ['SQNR of the stream along the depth, in dB', ...table(titles, rows, options)];
}

/**
 * The same of a graph: a line a chip and output.
 *
 * @throws {@link BittrueError} for what is no result of `simulateGraph`
 */
export function formatGraphSimulation(simulation: GraphSimulation, options: RenderOptions = {}): string {
  checkSchema('simulation', simulation, ['graph-simulation/1']);
  checkLook(options);
  const { graph, targets, exact, inputs, weights, cache } = printableData(simulation);
  const fed = Object.entries(inputs).map(([name, shape]) => `${name} [${shape.join(', ')}]`);
  const stored = weights === null ? [] : [`weights in ${weights}`];
  const kept = cache === null ? [] : [`keys and values in ${cache}`];
  const left = ['chip', 'operands', 'output'];
  const right = ['SQNR', 'largest error', 'not finite', 'overflows', 'saturated', 'invalid', 'underflows'];
  const rows = targets.flatMap(({ name, entry, totals, outputs }) =>
    outputs.map((output) => [
      name,
      entries[entry],
      output.name,
      decibels(output.sqnr),
      brief(output.largest),
      ...[output.nonFinite, totals.overflow, totals.saturation + totals.wrap, totals.invalid, totals.underflow].map(
        String,
      ),
    ]),
  );
  return [
    ...wrap(
      [`${graph} on ${count(targets.length, 'chip')}`, ...stored, ...kept, `inputs ${fed.join(', ')}`].join(', '),
      '  ',
      options,
    ),
    '',
    ...table(columns([...left, ...right], left.length), rows, options),
    '',
    ...wrap(
      `SQNR: against binary64, in dB. Exact on every chip, since they move data or have no kernel: ${exact.join(', ') || 'none'}.`,
      '  ',
      options,
    ),
    ...targets.flatMap((target) => notes({ ...target, logits: null }).flatMap((line) => wrap(line, '  ', options))),
  ].join('\n');
}

/** A line a node and chip, with its header. */
export function formatSimulationCsv(simulation: Simulation | GraphSimulation): string {
  checkSchema('simulation', simulation, ['simulation/1', 'graph-simulation/1']);
  const kinds = ['overflow', 'underflow', 'saturation', 'wrap', 'invalid', 'divideByZero', 'absorption'] as const;
  const lines = [
    [
      'chip',
      'node',
      'op',
      'kernels',
      'because',
      'sqnr',
      'biasSigned',
      'biasOutward',
      'headroom',
      'nonFinite',
      ...kinds,
    ].join(','),
  ];
  for (const { name, nodes } of simulation.targets) {
    for (const { node, op, kernels, because, sqnr, bias, headroom, nonFinite, totals } of nodes) {
      const figures = [
        sqnr ?? '',
        bias?.signed ?? '',
        bias?.outward ?? '',
        headroom?.bits ?? '',
        nonFinite,
        ...kinds.map((kind) => totals[kind]),
      ];
      lines.push([name, quote(node), op, quote(kernels.join(' ')), quote(because ?? ''), ...figures].join(','));
    }
  }
  return `${lines.join('\n')}\n`;
}
