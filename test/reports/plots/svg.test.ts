import { describe, expect, it } from 'vitest';
import { type Plot, plotSvg, plotText } from '../../../src/reports/index.ts';
import { grounds, seriesColors } from '../../../src/reports/plots/svg.ts';
import { failure } from '../../testing/helpers.ts';

const lines: Plot = {
  title: 'Error: dot, e4m3fn, a data set with quite a long name, promotion 512, and more words than one line holds',
  x: { title: 'width of the accumulator (bits)', scale: 'linear' },
  y: { title: 'SQNR (dB)', scale: 'linear' },
  series: Array.from({ length: 9 }, (_, s) => ({
    name: `sequential, tile ${s}, saturating register`,
    mark: 'line',
    points: Array.from({ length: 21 }, (_, i) => ({ x: 12 + i, y: i === 0 ? -Infinity : i > 18 ? Infinity : i * s })),
  })),
  limits: [
    { axis: 'x', at: 32, name: 'the unit has 32' },
    { axis: 'x', at: 31, name: 'another one' },
    { axis: 'y', at: 40, name: '40 dB' },
  ],
};
const names: Plot = {
  title: 'Room',
  x: {
    title: 'stage',
    scale: 'names',
    names: ['load', 'reciprocalSquareRoot', 'squareSum', 'normalize', 'gamma', 'beta', 'store'],
  },
  y: { title: 'room (bits)', scale: 'linear' },
  series: [
    { name: 'least', mark: 'bars', points: [1, -3, 5, 100, 0, 7, -20].map((y, x) => ({ x, y })) },
    { name: 'most', mark: 'bars', points: [2, 3, 6, 120, 0, 9, Number.NaN].map((y, x) => ({ x, y })) },
  ],
};
const logarithmic: Plot = {
  title: 'Relative',
  x: { title: 'K (terms)', scale: 'logarithmic' },
  y: { title: 'relative error', scale: 'logarithmic' },
  series: [{ name: 'a', mark: 'points', points: [16, 64, 256, 16384].map((x, i) => ({ x, y: 10 ** (i - 9) })) }],
};
const hostile: Plot = {
  ...names,
  title: '</svg><script>alert(1)</script>&"',
  x: { title: '"><b>', scale: 'names', names: ['<i>', '\u001b[31m', '', 'x'.repeat(200), 'e', 'f', 'g'] },
};
const empty: Plot = { title: '', x: logarithmic.x, y: logarithmic.y, series: [] };
const plots = { lines, names, logarithmic, hostile, empty };

interface Box {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Boxes of all texts: 0.55 em a letter, as wide sans-serif fonts have it on the average. */
function boxes(svg: string): Box[] {
  return [...svg.matchAll(/<text x="([^"]*)" y="([^"]*)"([^>]*)>([^<]*)<\/text>/g)].map(
    ([, x, y, rest = '', words = '']) => {
      const size = Number(/font-size="(\d+)"/.exec(rest)?.[1] ?? 12);
      const text = words.replace(/&\w+;/g, '?');
      const room = text.length * size * 0.55;
      const left = Number(x) - (rest.includes('"middle"') ? room / 2 : rest.includes('"end"') ? room : 0);
      return { text, left, right: left + room, top: Number(y) - size * 0.75, bottom: Number(y) + size * 0.2 };
    },
  );
}

describe('plotSvg', () => {
  it.each(Object.entries(plots))('%s: labels neither overlap nor leave the picture, wide or narrow', (_, plot) => {
    for (const width of [1280, 720, 360]) {
      const svg = plotSvg(plot, { width });
      const found = boxes(svg);
      const height = Number(/viewBox="0 0 \d+ (\d+)"/.exec(svg)?.[1]);
      for (const { text, left, right, top, bottom } of found) {
        expect([text, left >= 0, right <= width, top >= 0, bottom <= height]).toEqual([text, true, true, true, true]);
      }
      const overlaps = found.flatMap((p, i) =>
        found
          .slice(i + 1)
          .filter((q) => p.left < q.right && q.left < p.right && p.top < q.bottom && q.top < p.bottom)
          .map((q) => `${p.text} | ${q.text}`),
      );
      expect(overlaps).toEqual([]);
    }
  });

  it('labels its axes, with units, and its series', () => {
    const texts = boxes(plotSvg(lines, { width: 1280 })).map(({ text }) => text);
    expect(texts).toContain('width of the accumulator (bits)');
    expect(texts).toContain('SQNR (dB)');
    for (const { name } of lines.series) expect(texts).toContain(name);
  });

  it('places points: twice as far is twice as far, and the logarithm on a logarithmic axis', () => {
    const svg = plotSvg({
      ...logarithmic,
      x: { title: 'x', scale: 'linear' },
      series: [{ name: '', mark: 'points', points: [0, 1, 3].map((x) => ({ x, y: 10 ** x })) }],
    });
    const [a, b, c] = [...svg.matchAll(/<circle cx="([^"]*)" cy="([^"]*)"/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]) as [[number, number], [number, number], [number, number]];
    expect((c[0] - a[0]) / (b[0] - a[0])).toBeCloseTo(3, 1);
    expect((c[1] - a[1]) / (b[1] - a[1])).toBeCloseTo(3, 1);
  });

  it('leaves gaps for what is no number, and stays finite', () => {
    const points = [1, Number.NaN, 3, 0, 5].map((y, x) => ({ x, y }));
    const svg = plotSvg({
      ...logarithmic,
      x: { title: 'x', scale: 'linear' },
      series: [{ name: '', mark: 'line', points }],
    });
    expect(
      /<path d="(M[^"]*)" fill="none" stroke="currentColor" stroke-width="2"/.exec(svg)?.[1]?.match(/M/g),
    ).toHaveLength(3);
    for (const plot of Object.values(plots))
      expect(plotSvg(plot).replace(/<title>.*?<\/title>/g, '')).not.toMatch(/NaN|Infinity/);
  });

  it('draws what lies beyond hollow, at the border', () => {
    const svg = plotSvg({
      ...lines,
      series: [
        {
          name: '',
          mark: 'line',
          points: [
            { x: 1, y: 1 },
            { x: 2, y: Infinity },
            { x: 3, y: -Infinity },
          ],
        },
      ],
    });
    const hollow = [...svg.matchAll(/<circle cx="[^"]*" cy="([^"]*)" r="3.5" class="hollow"/g)].map(([, y]) =>
      Number(y),
    );
    expect(hollow).toHaveLength(2);
    expect(hollow[0]).toBeLessThan(hollow[1] as number);
  });

  it('escapes what it is told', () => {
    const svg = plotSvg(hostile);
    expect(svg).not.toMatch(/<script|<i>|<b>/);
    expect(svg).not.toContain('\u001b');
    expect(svg.match(/<\/svg>/g)).toHaveLength(1);
  });

  it.each(['light', 'dark'] as const)('has colours of 3:1 contrast on their ground, and text of 7:1: %s', (look) => {
    const [ground, ink] = grounds[look];
    for (const color of seriesColors[look]) expect(contrast(color, ground)).toBeGreaterThanOrEqual(3);
    expect(contrast(ink, ground)).toBeGreaterThanOrEqual(7);
  });

  it('refuses what is no plot, by the place of its fault', () => {
    const wrong = (change: object) => failure(() => plotSvg({ ...lines, ...change } as Plot));
    expect(wrong({ y: { title: 'a', scale: 'names' } })).toBe('unsupported plot.y.scale');
    expect(wrong({ series: [{ name: 'a', mark: 'line', points: [{ x: Number.NaN, y: 1 }] }] })).toBe(
      'range plot.series[0].points[0].x',
    );
    expect(wrong({ limits: [{ axis: 'z', at: 1, name: '' }] })).toBe('name plot.limits[0].axis');
    expect(failure(() => plotSvg(lines, { width: 10 }))).toBe('range size.width');
  });
});

describe('plotText', () => {
  it.each(Object.entries(plots))('%s: no line is too long', (_, plot) => {
    for (const columns of [30, 80]) {
      const text = plotText(plot, { columns }).split('\n').slice(1);
      expect(text.every((line) => line.length <= columns)).toBe(true);
    }
  });

  it('draws a line rising from the lower left to the upper right', () => {
    const points = [0, 1, 2, 3].map((x) => ({ x, y: 10 * x }));
    const text = plotText(
      { ...lines, title: 'rising', series: [{ name: 'own', mark: 'line', points }], limits: [] },
      { columns: 40, rows: 7 },
    );
    const places = text
      .split('\n')
      .flatMap((line) => (line.includes('┤') && line.includes('o') ? [line.indexOf('o')] : []));
    expect(places).toHaveLength(4);
    expect(places).toEqual(places.toSorted((p, q) => q - p));
    expect(text).toContain('o own');
  });
});

/** WCAG 2.2, contrast ratio. */
function contrast(p: string, q: string): number {
  const luminance = (color: string): number => {
    const [r, g, b] = [1, 3, 5].map((i) => {
      const c = Number.parseInt(color.slice(i, i + 2), 16) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [high, low] = [luminance(p), luminance(q)].toSorted((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}
