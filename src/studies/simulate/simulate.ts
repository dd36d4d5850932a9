/**
 * A whole model on chips, side by side: what comes of it, where it first goes wrong, and how errors grow along its depth.
 *
 * @module
 */
import { checkEngine, type Engine } from '../../engine/engine.ts';
import { BittrueError, checkBoolean, checkFunction, checkList, checkObject } from '../../errors/index.ts';
import type { How } from '../../evaluation/index.ts';
import { SEMANTICS, VERSION } from '../../events/index.ts';
import { type Format, formatName } from '../../formats/index.ts';
import type { Graph, Node } from '../../graphs/index.ts';
import { isGemmPlan } from '../../kernels/gemmPlan.ts';
import type { AttentionOptions } from '../../kernels/index.ts';
import { type Model, modelGraph, type Tokens } from '../../models/index.ts';
import { checkMadeModel } from '../../models/model.ts';
import { type NamedRecipe, parseRecipe } from '../../quantization/index.ts';
import { defineFormat } from '../../rounding/roundTo.ts';
import type { Target, TargetName } from '../../targets/index.ts';
import { namedTargets } from '../check/namedTargets.ts';
import { perplexitiesSideBySide } from '../perplexity/perplexity.ts';
import type { OnProgress } from '../progress.ts';
import { type Chip, type ChipOptions, openChip, simulatedOperators } from './chip.ts';
import { openPlan, type SimulatedOn } from './ending.ts';
import { LogitsErrors } from './logitsError.ts';
import { sideBySide } from './sideBySide.ts';
import { resultOf, type SimulatedTarget, type Watched, watch } from './watch.ts';

/** What {@link simulate} may be told. */
export interface SimulateOptions {
  /**
   * Each with the unit of its linear layers, such as `h100:fp8Wgmma`; or a GEMM plan, whose sums and epilogue are those of linear
   * layers. An epilogue adds a layer's bias (`bias`, or `beta` as PyTorch's addmm), is told its function only where that stands
   * behind the layer in the model, and writes as its `output` says.
   */
  readonly targets: readonly SimulatedOn[];
  /** What weights are stored in, as `parseRecipe` reads it, such as `mxfp4` or `block:int4;size=128;scale=binary16`; default as they are. */
  readonly weights?: string | NamedRecipe;
  /** The format of keys and values in the cache, saturating; default that of the unit. */
  readonly cache?: Format | string;
  /** The vector unit of every chip; default each one's own. */
  readonly vectorUnit?: string;
  /** The unit of attention's products; default that of linear layers where it takes 16 bits or more, else `f16`, `bf16`, or the vector unit. */
  readonly attentionUnit?: string;
  /** Default unfused. */
  readonly attentionMethod?: AttentionOptions['method'];
  /** Whether to find the room of every stage, which takes a pass without rounding for each, number by number: about ten times the time (8 to 14, measured on 128 tokens of the embedded model). Default false. */
  readonly headroom?: boolean;
  /** Its threads share products and attention; default an engine of one thread. */
  readonly engine?: Engine;
  readonly onProgress?: OnProgress;
}

/** What {@link simulate} finds, as plain data. */
export interface Simulation {
  readonly bittrue: string;
  readonly schema: 'simulation/1';
  readonly semantics: number;
  readonly model: { readonly family: string; readonly layers: number; readonly hidden: number };
  readonly weights: string | null;
  readonly cache: string | null;
  readonly predictions: number;
  readonly float64: { readonly perplexity: number };
  readonly targets: readonly SimulatedTarget[];
  /** Operators that are exact on every chip: they move data, or no kernel has them. */
  readonly exact: readonly string[];
}

/**
 * Runs a model on chips: linear layers and attention on a matrix unit, norms, activations, sums and products on the vector unit, each
 * by its kernel, bit for bit; the rest in binary64, by name. Every chip's rows stand below those of the model in binary64, so that
 * each node is compared with what it should have been, and weights are read once for all.
 *
 * Units of 16 bits and more read numbers as they are. Those of 8 bits and fewer read elements under binary32 scales, one a row of
 * activations and one an output of weights, the largest magnitude at the format's largest number; units with block scales read their
 * own blocks. What comes out is multiplied by the scales in binary32.
 *
 * @param sequences - as `perplexity` takes them
 * @throws {@link BittrueError} as `perplexity`; `name` for a chip of several units of which none is named
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { simulate } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const text = byteTokens('And God said, Let there be light');
 * const { targets, float64 } = simulate(loadModel(config, checkpoint), [text], { targets: ['h100:f16', 'h100:fp8Wgmma'] });
 * targets.map(({ ok }) => ok); // [true, true]
 * Math.abs(targets[0].perplexity / float64.perplexity - 1) < 0.01; // true
 */
export function simulate(model: Model, sequences: readonly Tokens[], options: SimulateOptions): Simulation {
  checkMadeModel(model);
  const graph = modelGraph(model, { positions: 1, batched: true });
  const { chips, weights, cache, onProgress } = openSimulation(options, graph);
  const errors = new Map(chips.map((chip) => [chip, new LogitsErrors()]));
  const watched = new Map<Chip, Map<string, Watched>>(chips.map((chip) => [chip, new Map()]));
  const constants = new Set(Object.keys(graph.constants));
  const exact = new Set<string>();
  const on =
    (copies: readonly (Chip | null)[]) =>
    (node: Node): How => {
      if (!simulatedOperators.has(node.op)) {
        exact.add(node.op);
        return 'exact';
      }
      return (call) =>
        sideBySide(call, copies, constants, (chip, run, ideal, output) => {
          onProgress?.({ phase: `${chip.name}: ${node.name}`, done: chips.indexOf(chip) + 1, total: chips.length });
          watch(watched.get(chip) as Map<string, Watched>, node, run, ideal, output);
        });
    };
  const { perplexities, predictions } = perplexitiesSideBySide<Chip | null>(
    model,
    sequences,
    [null, ...chips],
    on,
    (chip, found, real) => {
      if (chip !== null) errors.get(chip)?.add(found, real, model.config.vocabulary);
    },
  );
  return {
    bittrue: VERSION,
    schema: 'simulation/1',
    semantics: SEMANTICS,
    model: { family: model.family.name, layers: model.config.layers, hidden: model.config.hidden },
    weights,
    cache,
    predictions,
    float64: { perplexity: perplexities[0] as number },
    targets: chips.map((chip, i) =>
      resultOf(
        chip,
        watched.get(chip) as Map<string, Watched>,
        perplexities[i + 1] as number,
        errors.get(chip)?.result() ?? null,
      ),
    ),
    exact: [...exact].sort(),
  };
}

/** The chips of a simulation, each with a unit for linear layers. */
function openChips(given: readonly SimulatedOn[], shared: ChipOptions, graph: Graph | null): Chip[] {
  const plans = checkList('options.targets', given).map((one, i) =>
    isGemmPlan(one) ? openPlan(`options.targets[${i}]`, one) : null,
  );
  const targets = given.map((one, i) => plans[i]?.target ?? (one as Target | TargetName));
  return [...namedTargets(targets)].map(([name, target], i) => {
    if (target.defaults.matrix === undefined) {
      const ways = Object.keys(target.matrixUnits).map((unit) => `${target.name}:${unit}`);
      throw new BittrueError('name', 'options.targets', name, 'a unit with it for linear layers', ways.slice(0, 3));
    }
    return openChip(name, target, shared, plans[i], graph);
  });
}

/** What a simulation is run by. */
interface Opened {
  readonly chips: readonly Chip[];
  /** The names of how weights and the cache are quantized; null: they are not. */
  readonly weights: string | null;
  readonly cache: string | null;
  /** Whether the room of every node is asked for. */
  readonly headroom: boolean;
  readonly onProgress: SimulateOptions['onProgress'];
}

const keys = [
  'targets',
  'weights',
  'cache',
  'vectorUnit',
  'attentionUnit',
  'attentionMethod',
  'headroom',
  'engine',
  'onProgress',
];

/** Checks the options of a simulation, and opens its chips for a graph, which says what an epilogue's function stands behind. */
export function openSimulation(options: SimulateOptions, graph: Graph | null = null): Opened {
  checkObject('options', options, keys);
  const { onProgress, vectorUnit, attentionUnit, attentionMethod, engine } = options;
  if (onProgress !== undefined) checkFunction('options.onProgress', onProgress);
  const weights = typeof options.weights === 'string' ? parseRecipe(options.weights) : (options.weights ?? null);
  const cache = options.cache === undefined ? null : defineFormat(options.cache, 'options.cache');
  const headroom = checkBoolean('options.headroom', options.headroom ?? false);
  const shared = {
    ...{ weights, cache, headroom },
    ...(vectorUnit === undefined ? {} : { vectorUnit }),
    ...(attentionUnit === undefined ? {} : { attentionUnit }),
    ...(attentionMethod === undefined ? {} : { attentionMethod }),
    ...(engine === undefined ? {} : { engine: checkEngine('options.engine', engine) }),
  };
  const chips = openChips(options.targets, shared, graph);
  return {
    chips,
    weights: weights?.name ?? null,
    cache: cache === null ? null : formatName(cache),
    headroom,
    onProgress,
  };
}
