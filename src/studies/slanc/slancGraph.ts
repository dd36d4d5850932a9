/**
 * SLaNC's scales for every norm of a graph: from its weights alone, whatever the order of norms and blocks.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkName, checkObject } from '../../errors/index.ts';
import { SEMANTICS, VERSION } from '../../events/index.ts';
import { elementKind } from '../../graphs/elementTypes.ts';
import { checkMadeGraph } from '../../graphs/graph.ts';
import { type Graph, recognise } from '../../graphs/index.ts';
import { type Model, modelGraph, normSites } from '../../models/index.ts';
import { checkMadeModel } from '../../models/model.ts';
import { type SlancOptions, slancGuarantee } from '../../slanc/index.ts';
import { inverseScale } from '../../slanc/scale.ts';
import type { OnProgress } from '../progress.ts';
import type { NormScale, SlancScales, UnscaledNorm } from './scales.ts';
import { isNorm, normOf, Stream, type Term } from './stream.ts';
import { type Known, type Own, squareOf } from './terms.ts';
import { atOnce, byAndBy, floats, type Reads, smallConstants, Weights } from './weights.ts';

/** How scales of a graph are made. */
export interface SlancGraphOptions extends Pick<SlancOptions, 'variant' | 'powerOfTwo' | 'gqa' | 'skip'> {
  readonly onProgress?: OnProgress;
}

/** Scales of a graph: norms whose blocks are known have one, the others a reason. */
export interface GraphScales extends SlancScales {
  readonly unscaled: readonly UnscaledNorm[];
}

/**
 * The SLaNC scales of every norm of a graph, in the order of computation. What a norm reads is followed back to the embeddings
 * and blocks that it is the sum of; a factor comes from what was added since the norm before, `residual` from all of it. After a
 * post-norm block, whose own input a norm reads, `skip` is on by itself. Biases count for nothing, as in the published factors.
 * Two matrices are held at a time.
 *
 * @throws {@link BittrueError} as `slancFactor`; `unsupported` for a graph without norms
 * @example
 * import { modelGraph, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { slancGraph } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const { norms, unscaled } = await slancGraph(modelGraph(loadModel(config, checkpoint)));
 * norms.length; // 9
 * norms[1].fedBy; // 'layers.0.input_layernorm'
 * unscaled.length; // 0
 */
export async function slancGraph(graph: Graph, options: SlancGraphOptions = {}): Promise<GraphScales> {
  checkMadeGraph(graph);
  const asked = checkOptions(options);
  return byAndBy(scalesOf(await recognise(graph), asked));
}

/**
 * The same of a model, at once: its weights need no waiting.
 *
 * @throws {@link BittrueError} as {@link slancGraph}
 * @example
 * import { loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { slancScales } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const { norms } = slancScales(loadModel(config, checkpoint), { variant: 'frobenius' });
 * norms.length; // 9
 * norms[0].scale; // 1
 * norms[1].position; // 'attention'
 */
export function slancScales(model: Model, options: SlancGraphOptions = {}): GraphScales {
  checkMadeModel(model);
  const asked = checkOptions(options);
  return atOnce(scalesOf(modelGraph(model, { positions: 1 }), asked));
}

/**
 * The same for a run that needs a scale for every norm of a model, in the order of `normSites`.
 *
 * @throws {@link BittrueError} `unsupported`, naming the norm that has none and why
 */
export function scaleOfEach(model: Model, options: SlancGraphOptions): readonly NormScale[] {
  const { norms, unscaled } = slancScales(model, options);
  const [without] = unscaled;
  if (without !== undefined) {
    throw new BittrueError(
      'unsupported',
      `SLaNC of ${without.site}`,
      without.reason,
      'a model whose norms all have scales',
    );
  }
  const byName = new Map(norms.map((norm) => [norm.site, norm]));
  return normSites(model).map(({ name }) => byName.get(name) as NormScale);
}

type Asked = ReturnType<typeof checkOptions>;

function checkOptions(options: SlancGraphOptions) {
  checkObject('options', options, ['variant', 'powerOfTwo', 'gqa', 'skip', 'onProgress']);
  const { variant = 'frobenius', powerOfTwo = false, onProgress, ...rest } = options;
  checkName('options.variant', variant, ['frobenius', 'frobeniusGate', 'dmx', 'residual']);
  checkBoolean('options.powerOfTwo', powerOfTwo);
  if (rest.gqa !== undefined && variant !== 'dmx') {
    throw new BittrueError('unsupported', 'options.gqa', `${rest.gqa} with ${variant}`, 'gqa with dmx only');
  }
  if (rest.skip !== undefined && (variant === 'dmx' || variant === 'residual')) {
    throw new BittrueError('unsupported', 'options.skip', `${rest.skip} with ${variant}`, 'frobenius or frobeniusGate');
  }
  return { variant, powerOfTwo, onProgress, rest };
}

/** Scales of a graph in which norms and attention are nodes. */
function* scalesOf(graph: Graph, { variant, powerOfTwo, onProgress, rest }: Asked): Reads<GraphScales> {
  const stream = new Stream(graph, yield* smallConstants(graph));
  const nodes = graph.nodes.filter(isNorm);
  if (nodes.length === 0) throw new BittrueError('unsupported', 'graph', graph.name, 'a graph with norms');
  const weights = new Weights(graph, nodes);
  const seen: (readonly Term[])[] = [];
  const known: Known = { terms: new Map(), streams: new Map() };
  const [norms, unscaled]: [NormScale[], UnscaledNorm[]] = [[], []];
  let common: number | null = null;
  for (const [i, node] of nodes.entries()) {
    onProgress?.({ phase: 'norms', done: i, total: nodes.length });
    const all = stream.terms(node.inputs[0]);
    const added = since(all, seen);
    const terms = variant === 'residual' ? all : added;
    seen.push(all);
    const width = (yield* weights.gamma(node.name))?.data.length ?? null;
    const strange = terms.find(({ made }) => made.kind === 'unknown')?.made;
    const reason = strange?.kind === 'unknown' ? strange.why : yield* weights.fault(terms, width);
    if (reason !== null) {
      unscaled.push({ site: node.name, reason });
      continue;
    }
    common ??= width as number;
    // What a norm reads beside a block is what the block's own skip stands for.
    const own = { variant, ...rest, width: width as number, isAlone: all.length === 1 };
    const square = yield* namingConstants(graph, squareOf(terms, own, weights, known));
    const scale = scaleOf(node.name, added, square, { ...own, powerOfTwo });
    norms.push(width === common ? scale : { ...scale, width: width as number });
  }
  onProgress?.({ phase: 'norms', done: nodes.length, total: nodes.length });
  const head = { bittrue: VERSION, schema: 'slanc/1', semantics: SEMANTICS, variant, powerOfTwo } as const;
  return { ...head, width: common ?? 0, norms, unscaled };
}

/** An error of a number that is not finite, at the constant that has it. */
function* namingConstants<T>({ constants }: Graph, steps: Reads<T>): Reads<T> {
  try {
    return yield* steps;
  } catch (error) {
    if (!(error instanceof BittrueError) || error.code !== 'value') throw error;
    for (const [name, constant] of Object.entries(constants)) {
      if (elementKind(constant.type) !== 'float') continue;
      const data = floats(yield { constant });
      const at = data.findIndex((one) => !Number.isFinite(one));
      if (at >= 0) throw new BittrueError('value', `${name}[${at}]`, data[at], 'a finite number');
    }
    throw error;
  }
}

/** What was added to a sum since the norm before that read a part of it. */
function since(terms: readonly Term[], seen: readonly (readonly Term[])[]): readonly Term[] {
  const names = new Set(terms.map(({ node }) => node));
  let before: readonly Term[] = [];
  for (const one of seen) {
    if (one.length > before.length && one.length < terms.length && one.every(({ node }) => names.has(node)))
      before = one;
  }
  const known = new Set(before.map(({ node }) => node));
  return terms.filter(({ node }) => !known.has(node));
}

/** A norm's line. */
function scaleOf(
  site: string,
  terms: readonly Term[],
  square: number,
  { width, powerOfTwo }: Own & { readonly powerOfTwo: boolean },
): NormScale {
  const blocks = terms.filter(({ made }) => made.kind !== 'embedding' && made.kind !== 'norm');
  const { made, router } = blocks[0] ?? terms.findLast((one) => one.made.kind === 'norm') ?? terms[0];
  const areExperts = router !== null && blocks.every((one) => one.router === router);
  const position = areExperts
    ? 'experts'
    : blocks.length > 1
      ? 'several'
      : made.kind === 'embedding'
        ? 'first'
        : (made.kind as NormScale['position']);
  const isOfStream = 'fedBy' in made && !('norm' in made.fedBy);
  const claim =
    isOfStream || position in beyond
      ? ({ claim: 'typical', reason: isOfStream ? ofStream : beyond[position as keyof typeof beyond] } as const)
      : slancGuarantee({ block: position as 'mlp', width, reduction: 'sequential' });
  const alpha = Math.sqrt(square);
  const scale = inverseScale(site, alpha, powerOfTwo);
  const fedBy = normOf(made);
  return {
    site,
    position,
    fedBy,
    alpha,
    scale,
    claim: claim.claim,
    reason: claim.reason,
  };
}

const ofStream = 'a stream that nothing bounds feeds the block before it';

const beyond = {
  several: 'several blocks are added, and none is linear',
  norm: 'what a norm gives is added to a stream that nothing bounds',
  linear: 'biases are added, or a norm reads a part of the rows',
  experts: 'the longest of the experts counts, and none is linear',
} as const;
