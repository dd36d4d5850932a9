/**
 * One codec in a model: the row-parallel layers over the devices, and what is seen of them.
 *
 * @module
 */
import {
  type AllReduceOptions,
  allReduce,
  type Codec,
  type CommunicationEvent,
  type HopError,
  type PartialSumsOptions,
  partialSums,
} from '../../collectives/index.ts';
import type { Counts } from '../../events/index.ts';
import { total } from '../../events/report.ts';
import type { EventKind } from '../../rounding/index.ts';
import type { LinearCall } from '../linearCall.ts';

/** How layers are computed and summed. */
export interface GroupArithmetic
  extends Omit<PartialSumsOptions, 'devices'>,
    Pick<AllReduceOptions, 'algorithm' | 'reduction' | 'output'> {}

/** Errors of sums, against the exact sums of the same partial sums. */
export interface SumError {
  /** √ mean (Ŷ − Y)² */
  readonly rmse: number;
  /** rmse / √ mean Y²; null where Y is zero. */
  readonly relative: number | null;
  readonly max: number;
}

/** One codec in the model. */
export interface CommunicationRun {
  /** A name, or a notation as it was given. */
  readonly codec: string;
  readonly perplexity: number;
  /** Bits of a value in a message. */
  readonly messageBits: number;
  /** Bits that a device sends for every value of the sum, counted from the packed bytes. */
  readonly trafficBits: number;
  /** All layers together: the large ones count most. */
  readonly error: SumError;
  /** Layer by layer, as `sites`. */
  readonly siteErrors: readonly SumError[];
  /** Mean of the layers' relative errors. */
  readonly meanRelativeError: number;
  /** All layers together, after every hop of the collective: of the running sums, and last of what all devices hold. */
  readonly hops: readonly HopError[];
  /** Of the values sent as codes or in blocks, the share at ±limit; null where there are none. */
  readonly atLimit: number | null;
  /** Likewise, the share of values that lay beyond. */
  readonly clipped: number | null;
  /**
   * Nothing but clipping: no NaN, no infinity, no other overflow, no block whose scale its format does not hold; and a
   * finite perplexity.
   */
  readonly ok: boolean;
  readonly totals: Counts;
  /** The first of each kind: the first layer that has it, its smallest row. */
  readonly first: Readonly<Partial<Record<EventKind, CommunicationEvent & { readonly site: string }>>>;
}

/** Sums over all values of a layer, or of a hop. */
interface Sums {
  squares: number;
  energy: number;
  max: number;
  count: number;
}

/** One codec's run, while it lasts. */
export class Run {
  private readonly codec: string;
  private readonly codecs: ReadonlyMap<string, { readonly codec: Codec; readonly sumCodec: Codec }>;
  private readonly options: GroupArithmetic;
  private readonly devices: number;
  private readonly sums = new Map<string, Sums>();
  private readonly hops: { readonly at: Pick<HopError, 'phase' | 'hop' | 'devices'>; readonly sums: Sums }[] = [];
  private readonly counts: Counts[] = [];
  private readonly first: Partial<Record<EventKind, CommunicationEvent & { site: string }>> = {};
  private bytes = 0;
  private messageBits = 0;
  private values = 0;
  private atLimit = 0;
  private clipped = 0;
  private narrow = 0;
  private lost = 0;

  constructor(codec: string, codecs: Run['codecs'], devices: number, options: GroupArithmetic) {
    this.codec = codec;
    this.codecs = codecs;
    this.devices = devices;
    this.options = options;
  }

  /** A row-parallel layer over the devices. */
  layer({ name, input, weight }: LinearCall): Float64Array {
    const { target, unit, algorithm, reduction, output } = this.options;
    const { devices } = this;
    const { partials } = partialSums(input, weight, {
      devices,
      ...(target === undefined ? {} : { target }),
      ...(unit === undefined ? {} : { unit }),
    });
    const { codec, sumCodec } = this.codecs.get(name) as { codec: Codec; sumCodec: Codec };
    const width = weight.shape[0];
    const found = allReduce(partials, {
      width,
      codec,
      sumCodec,
      ...(algorithm === undefined ? {} : { algorithm }),
      ...(reduction === undefined ? {} : { reduction }),
      ...(output === undefined ? {} : { output }),
    });
    const { report } = found;
    this.counts.push(report.totals);
    const firstRow = (this.sums.get(name)?.count ?? 0) / width;
    for (const [kind, event] of Object.entries(report.first)) {
      this.first[kind as EventKind] ??= { ...event, row: event.row + firstRow, site: name };
    }
    this.bytes += report.traffic.bytes;
    this.messageBits += report.traffic.messageBitsPerValue * found.output.length;
    this.values += found.output.length;
    this.lost += report.nonFinite.length;
    for (const { values, atLimit, clipped } of report.clipping) {
      this.narrow += values;
      this.atLimit += atLimit;
      this.clipped += clipped;
    }
    report.hops.forEach((errors, i) => {
      const { phase, hop, devices: most } = errors;
      this.hops[i] ??= { at: { phase, hop, devices: most }, sums: none() };
      enter(this.hops[i].sums, errors);
    });
    const sums = this.sums.get(name) ?? none();
    this.sums.set(name, sums);
    enter(sums, report.hops[report.hops.length - 1] as HopError);
    return found.output;
  }

  /** What was seen of the layers, in this order; `ok`: of the sums alone. */
  finish(names: readonly string[]): Omit<CommunicationRun, 'perplexity'> {
    const totals = total(this.counts);
    const layers = names.map((name) => this.sums.get(name) as Sums);
    const siteErrors = layers.map(errorOf);
    const all = layers.reduce((a, b) => ({
      squares: a.squares + b.squares,
      energy: a.energy + b.energy,
      max: Math.max(a.max, b.max),
      count: a.count + b.count,
    }));
    const share = (count: number): number | null => (this.narrow === 0 ? null : count / this.narrow);
    return {
      codec: this.codec,
      messageBits: this.messageBits / this.values,
      trafficBits: (this.bytes * 8) / (this.devices * this.values),
      error: errorOf(all),
      siteErrors,
      meanRelativeError: siteErrors.reduce((sum, { relative }) => sum + (relative ?? 0), 0) / siteErrors.length,
      hops: this.hops.map(({ at, sums: { squares, energy, max, count } }) => ({
        ...at,
        values: count,
        rmse: Math.sqrt(squares / count),
        rms: Math.sqrt(energy / count),
        max,
      })),
      atLimit: share(this.atLimit),
      clipped: share(this.clipped),
      ok:
        this.lost === 0 &&
        totals.invalid + totals.scaleUnderflow + totals.scaleOverflow === 0 &&
        totals.overflow <= totals.saturation,
      totals,
      first: this.first,
    };
  }
}

function none(): Sums {
  return { squares: 0, energy: 0, max: 0, count: 0 };
}

function enter(sums: Sums, { rmse, rms, max, values }: HopError): void {
  sums.squares += rmse * rmse * values;
  sums.energy += rms * rms * values;
  if (!(max <= sums.max)) sums.max = max;
  sums.count += values;
}

function errorOf({ squares, energy, max, count }: Sums): SumError {
  return { rmse: Math.sqrt(squares / count), relative: energy === 0 ? null : Math.sqrt(squares / energy), max };
}
