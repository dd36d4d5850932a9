/**
 * The stages of a norm, and a softmax tile by tile, as the library's reports tell them.
 *
 * @module
 */

import { describeEvent } from 'bittrue/reports';
import { attention, layerNorm, rmsNorm, softmax } from 'bittrue/specification';
import { findTarget } from 'bittrue/targets';
import { codeList } from '../shared/numbers';

/** Where the results of a stage lie among the binades of its format. */
export interface StageBar {
  readonly stage: string;
  /** Exponents: of the results, and of the format's numbers; null where there are none. */
  readonly used: readonly [number, number] | null;
  readonly limits: readonly [number, number] | null;
  /** Results that lie in no binade: zeros, subnormal ones, infinities and NaN. */
  readonly others: string;
  readonly headroom: number | null;
  readonly counts: string;
  readonly isBad: boolean;
}

export interface Stages {
  readonly bars: readonly StageBar[];
  readonly events: readonly string[];
  readonly output: Float64Array;
}

/** Runs one row of a kernel and tells its stages. */
export function stagesOf(kernel: string, name: string, x: readonly number[]): Stages {
  const target = findTarget(name);
  const given = { rows: 1, width: x.length, target, magnitudes: true, reference: true } as const;
  const { output, report } =
    kernel === 'layerNorm' ? layerNorm(x, given) : kernel === 'rmsNorm' ? rmsNorm(x, given) : softmax(x, given);
  const counts = report.counts as Readonly<Record<string, Readonly<Record<string, number>>>>;
  const magnitudes = (report.magnitudes ?? {}) as Readonly<
    Record<
      string,
      {
        zero: number;
        subnormal: number;
        nonFinite: number;
        least: number | null;
        counts: readonly number[];
        range: { least: number; most: number } | null;
      }
    >
  >;
  const bars = report.stages
    .filter((stage) => stage !== 'constants')
    .map((stage): StageBar => {
      const seen = magnitudes[stage];
      const own = Object.entries(counts[stage] ?? {}).filter(([kind, count]) => count > 0 && kind !== 'inexact');
      const others =
        seen === undefined
          ? []
          : ([
              ['zero', seen.zero],
              ['subnormal', seen.subnormal],
              ['not finite', seen.nonFinite],
            ] as const);
      return {
        stage,
        used: seen?.least == null ? null : [seen.least, seen.least + seen.counts.length - 1],
        limits: seen?.range == null ? null : [seen.range.least, seen.range.most],
        others: others
          .filter(([, count]) => count > 0)
          .map(([what, count]) => `${count} ${what}`)
          .join(', '),
        headroom: (report.headroom as Readonly<Record<string, number | null>> | undefined)?.[stage] ?? null,
        counts: own.map(([kind, count]) => `${count} ${kind}`).join(', '),
        isBad: own.some(([kind]) => kind === 'overflow' || kind === 'invalid'),
      };
    });
  const events = Object.values(report.first).flatMap((event) =>
    event === undefined || event.kind === 'inexact' ? [] : [describeEvent(event)],
  );
  return { bars, events, output };
}

/** A softmax after each tile of keys. */
export interface Tile {
  readonly keys: number;
  readonly maximum: number;
  readonly logSumExp: number;
  readonly output: number;
  readonly events: string;
}

/** An online softmax over scores, with one value a score: the same attention on ever more keys, a tile at a time. */
export function tilesOf(name: string, scores: readonly number[], tile: number): Tile[] {
  if (!Number.isInteger(tile) || tile < 1) throw new Error('keys a tile: a whole number from 1');
  const target = findTarget(name);
  const values = scores.map((_, i) => i / scores.length);
  const tiles: Tile[] = [];
  for (let keys = Math.min(tile, scores.length); ; keys = Math.min(keys + tile, scores.length)) {
    const logSumExp = new Float64Array(1);
    const { output, report } = attention([1], scores.slice(0, keys), values.slice(0, keys), {
      ...{ heads: 1, queries: 1, keys, width: 1, target, scale: 1, logSumExp },
      method: { kind: 'flash', tile },
    });
    const events = Object.entries(report.totals).filter(([kind, count]) => count > 0 && kind !== 'inexact');
    tiles.push({
      ...{
        keys,
        maximum: Math.max(...scores.slice(0, keys)),
        logSumExp: logSumExp[0] as number,
        output: output[0] as number,
      },
      events: events.map(([kind, count]) => `${count} ${kind}`).join(', '),
    });
    if (keys === scores.length) return tiles;
  }
}

export function asCode(kernel: string, name: string, x: readonly number[], tile: number): string {
  const row = codeList(x);
  if (kernel === 'online') {
    return `import { attention } from 'bittrue/specification';
import { findTarget } from 'bittrue/targets';

const scores = ${row};
const values = scores.map((_, i) => i / scores.length);
const logSumExp = new Float64Array(1);
const { output } = attention([1], scores, values, {
  heads: 1, queries: 1, keys: scores.length, width: 1, target: findTarget('${name}'), scale: 1, logSumExp,
  method: { kind: 'flash', tile: ${tile} },
});
console.log(output[0], logSumExp[0]);`;
  }
  return `import { formatReport } from 'bittrue/reports';
import { ${kernel} } from 'bittrue/specification';
import { findTarget } from 'bittrue/targets';

const x = ${row};
const { output, report } = ${kernel}(x, { rows: 1, width: x.length, target: findTarget('${name}'), magnitudes: true, reference: true });
console.log(output.join(' '));
console.log(formatReport(report));`;
}
