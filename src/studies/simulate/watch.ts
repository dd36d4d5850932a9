/**
 * What is known of a node on a chip, batch by batch, and what is told of it in the end.
 *
 * @module
 */
import type { TargetRun } from '../../evaluation/onTarget.ts';
import { firstFailure, type NumericEvent, type Report } from '../../events/index.ts';
import { total } from '../../events/report.ts';
import type { Node } from '../../graphs/index.ts';
import type { Epilogue } from '../../kernels/index.ts';
import type { Target } from '../../targets/index.ts';
import { Noise } from '../check/noise.ts';
import type { Chip } from './chip.ts';

/** A node on a chip. */
export interface SimulatedNode {
  readonly node: string;
  readonly op: string;
  /** What it ran as: `matmul`, `attention`, `rmsNorm` …; empty: exact. */
  readonly kernels: readonly string[];
  /** Why it is exact; null: it is not. */
  readonly because: string | null;
  /** Events over all parts and batches. */
  readonly totals: Report['totals'];
  readonly ok: boolean;
  /** The earliest failure; its row counts through the batches. */
  readonly first: NumericEvent | null;
  /**
   * The least room of any stage of any batch, in bits: log2 of the largest number of its format over the largest magnitude that
   * it has without rounding on the operands that it had here; the stage. Null: not asked for, exact, or all zeros.
   */
  readonly headroom: { readonly stage: string; readonly bits: number } | null;
  /**
   * Signal to noise in dB against the same node of the model in binary64: what has grown up to here. Null: nothing finite, or no
   * room for the model in binary64 beside the chip. */
  readonly sqnr: number | null;
  /**
   * Whether its errors lean to one side: their sum over the root of the sum of their squares, which is a few for errors that are
   * independent and balanced. `signed`: as they are; `outward`: negative toward zero. Null as `sqnr`, and without any error.
   */
  readonly bias: { readonly signed: number; readonly outward: number } | null;
  /** Outputs that are not finite. */
  readonly nonFinite: number;
}

/** A model on one chip. */
export interface SimulatedTarget {
  readonly name: string;
  readonly target: Target;
  /** How sums of linear layers end, of a plan that says so; null: as the unit writes them. */
  readonly epilogue: Epilogue | null;
  /** The unit of linear layers, and how operands reach it. */
  readonly unit: string;
  readonly entry: Chip['entry'];
  /** The unit of attention's products, and the vector unit; null: the chip has none. */
  readonly attentionUnit: string | null;
  readonly vectorUnit: string | null;
  readonly perplexity: number;
  /** What the logits are off from those in binary64; null: no room for the model in binary64 beside the chip. */
  readonly logits: LogitsError | null;
  /** No node failed, and the perplexity is finite. */
  readonly ok: boolean;
  readonly totals: Report['totals'];
  /** Where it first goes wrong, along the model; null: nowhere. */
  readonly first: { readonly node: string; readonly event: NumericEvent } | null;
  /** Every node that computes, in order; the last one's outputs are the logits. */
  readonly nodes: readonly SimulatedNode[];
}

/** Logits against those of the model in binary64. */
export interface LogitsError {
  /** Signal to noise in dB; null: nothing finite. */
  readonly sqnr: number | null;
  /** The largest and the mean difference, of those that are finite; NaN where none is. */
  readonly largest: number;
  readonly mean: number;
  /** Share of predictions whose most likely token is the same. */
  readonly sameToken: number;
}

/** A node under watch. */
export interface Watched {
  readonly node: Node;
  /** By the names of kernels: sequences of other lengths are runs of other shapes, whose reports do not merge. */
  readonly parts: Map<string, Part>;
  because: string | null;
  readonly noise: Noise;
  headroom: SimulatedNode['headroom'];
  nonFinite: number;
}

/** What a kernel of a node has told so far. */
interface Part {
  totals: Report['totals'];
  rows: number;
  ok: boolean;
  first: NumericEvent | null;
}

/** Enters one batch. */
export function watch(
  known: Map<string, Watched>,
  node: Node,
  run: TargetRun | string,
  ideal: Float64Array | null,
  output: Float64Array,
): void {
  let own = known.get(node.name);
  if (own === undefined) {
    own = { node, parts: new Map(), because: null, noise: new Noise(), headroom: null, nonFinite: 0 };
    known.set(node.name, own);
  }
  if (typeof run === 'string') own.because = run;
  else {
    for (const [name, report] of Object.entries(run.reports)) {
      enter(own.parts, name, report);
      own.headroom = leastRoom(own.headroom, report);
    }
  }
  for (const y of output) own.nonFinite += Number(!Number.isFinite(y));
  if (ideal !== null) own.noise.add(output, ideal);
}

/** The lesser of a room and those of a report's stages. */
function leastRoom(known: SimulatedNode['headroom'], { headroom = {} }: Report): SimulatedNode['headroom'] {
  let least = known;
  for (const [stage, bits] of Object.entries(headroom)) {
    if (bits !== null && (least === null || bits < least.bits)) least = { stage, bits };
  }
  return least;
}

function enter(parts: Map<string, Part>, name: string, report: Report): void {
  let part = parts.get(name);
  if (part === undefined) {
    part = { totals: total([]), rows: 0, ok: true, first: null };
    parts.set(name, part);
  }
  part.totals = total([part.totals, report.totals]);
  part.ok &&= report.ok;
  if (part.first === null) {
    const found = firstFailure(report);
    part.first = found === null || found.row < 0 ? found : { ...found, row: found.row + part.rows };
  }
  part.rows += report.rows;
}

/** What was seen on a chip. */
export function resultOf(
  { name, target, epilogue, unit, entry, attentionUnit, vectorUnit }: Chip,
  known: ReadonlyMap<string, Watched>,
  perplexity: number,
  logits: LogitsError | null,
): SimulatedTarget {
  const nodes = [...known.values()].map(told);
  const failing = nodes.find(({ first }) => first !== null);
  return {
    ...{ name, target, epilogue, unit, entry, attentionUnit, vectorUnit, perplexity, logits },
    ok: nodes.every(({ ok }) => ok) && Number.isFinite(perplexity),
    totals: total(nodes.map(({ totals }) => totals)),
    first: failing === undefined ? null : { node: failing.node, event: failing.first as NumericEvent },
    nodes,
  };
}

function told({ node, parts, because, noise, headroom, nonFinite }: Watched): SimulatedNode {
  const own = [...parts.values()];
  const failing = own.find(({ first }) => first !== null);
  return {
    node: node.name,
    op: node.op,
    kernels: [...parts.keys()],
    because,
    totals: total(own.map(({ totals }) => totals)),
    ok: own.every(({ ok }) => ok),
    first: failing?.first ?? null,
    headroom,
    sqnr: noise.sqnr(),
    bias: noise.bias(),
    nonFinite,
  };
}
