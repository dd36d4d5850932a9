/** Group codecs against the oracle: bytes, values and events of a message. */
import { expect } from 'vitest';
import { allReduce, decodeMessage, encodeMessage, type GroupCodec } from '../../src/collectives/index.ts';
import type { FloatFormat } from '../../src/formats/index.ts';
import { oracleEncode } from '../../src/testing/oracle/codes.ts';
import { type OracleGroup, oracleGroup } from '../../src/testing/oracle/groups.ts';

/** What a receiver reads of one row. */
export function received(codec: GroupCodec, x: readonly number[]): number[] {
  const bytes = encodeMessage(codec, 0, Float64Array.from(x), x.length);
  return [...decodeMessage(codec, 0, bytes, 1, x.length)];
}

/** Some numbers' groups by the oracle, row after row; the codec must agree with it in everything. */
export function checkGroups(codec: GroupCodec, x: readonly number[], width = x.length): OracleGroup[] {
  const spikes = codec.spikes === null ? null : (codec.spikes.rounding.format as FloatFormat);
  const scale = codec.scale.format as FloatFormat;
  const minimum = codec.minimum === null ? null : (codec.minimum.format as FloatFormat);
  const rows: OracleGroup[][] = [];
  for (let row = 0; row < x.length; row += width) {
    const groups: OracleGroup[] = [];
    for (let from = 0; from < width; from += codec.size) {
      const group = x.slice(row + from, row + Math.min(from + codec.size, width));
      groups.push(oracleGroup(group, { bits: codec.bits, scale, minimum, spikes }));
    }
    rows.push(groups);
  }
  const data = Float64Array.from(x);
  const bytes = encodeMessage(codec, 0, data, width);
  expect([...bytes]).toEqual(rows.flatMap((groups) => bytesOf(codec, groups)));
  const all = rows.flat();
  const values = all.flatMap((group) => [...group.values]);
  expect([...decodeMessage(codec, 0, bytes, x.length / width, width)]).toEqual(values);
  const { report } = allReduce([data, new Float64Array(x.length)], { width, codec, record: 'counts' });
  const counts = report.counts['gather.encode'];
  const sum = (of: (group: OracleGroup) => number) => all.reduce((total, group) => total + of(group), 0);
  expect(counts.scaleUnderflow).toBe(sum((group) => Number(group.scaleUnderflow)));
  expect(counts.scaleOverflow).toBe(sum((group) => Number(group.scaleOverflow)));
  const minimumOverflows = sum((group) => Number(group.minimumOverflow));
  if (spikes === null) {
    expect(counts.saturation - minimumOverflows).toBe(sum(({ clips }) => clips));
    expect(counts.inexact - minimumOverflows).toBe(sum(({ inexact }) => inexact));
    expect(report.clipping[0].clipped).toBe(sum(({ clips }) => clips));
  }
  expect(counts.invalid).toBe(x.filter(Number.isNaN).length);
  return all;
}

/** A row's bytes, from strings of bits. */
function bytesOf({ bits, scale, minimum, spikes }: GroupCodec, groups: readonly OracleGroup[]): number[] {
  const codes = groups.flatMap((group) => group.codes).map((code) => digits(code < 0 ? code + 2 ** bits : code, bits));
  const planes: string[] = [];
  let low = 0;
  for (const width of [8, 4, 2, 1]) {
    if ((bits & width) === 0) continue;
    planes.push(padded(codes.map((code) => code.slice(low, low + width)).join('')));
    low += width;
  }
  const encoded = (format: FloatFormat, value: number) => digits(Number(oracleEncode(format, value)), format.bits);
  const about = groups.map((group) => {
    const parts = [encoded(scale.format as FloatFormat, group.scale)];
    if (minimum !== null) parts.push(encoded(minimum.format as FloatFormat, group.minimum));
    if (spikes !== null) {
      const [lowest, highest] = group.spikes as readonly [number, number];
      const format = spikes.rounding.format as FloatFormat;
      parts.push(...[lowest, highest].map((place) => encoded(format, group.values[place])));
      parts.push(...[lowest, highest].map((place) => digits(place, spikes.indexBits)));
    }
    return parts.join('');
  });
  const row = planes.join('') + padded(about.join(''));
  return Array.from({ length: row.length / 8 }, (_, i) =>
    Number.parseInt([...row.slice(8 * i, 8 * i + 8)].reverse().join(''), 2),
  );
}

/** Binary digits, the lowest first. */
function digits(code: number, bits: number): string {
  return [...code.toString(2).padStart(bits, '0')].reverse().join('');
}

function padded(row: string): string {
  return row.padEnd(8 * Math.ceil(row.length / 8), '0');
}
