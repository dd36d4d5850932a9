/**
 * Every profile that says "run" against the codes that its program gave. torch's rows stand in profiles.test.ts.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseFormat } from '../../src/formats/index.ts';
import { profileOutcome, profiles } from '../../src/rounding/index.ts';

const recorded: { casts: Record<string, Record<string, string>> } = JSON.parse(
  readFileSync(new URL('recordedCasts.json', import.meta.url), 'utf8'),
);
const view = new DataView(new ArrayBuffer(4));

function operand(bits: number): { x: number; nan: { negative: boolean; fraction: number } } {
  view.setUint32(0, bits);
  return { x: view.getFloat32(0), nan: { negative: bits >>> 31 === 1, fraction: (bits & 0x7fffff) / 2 ** 23 } };
}

describe('recorded casts', () => {
  const rows = Object.entries(recorded.casts).flatMap(([profile, formats]) =>
    Object.entries(formats).map(([format, casts]) => [profile, format, casts] as const),
  );

  it.each(rows)('%s: %s', (profile, name, casts) => {
    const format = parseFormat(name);
    const pairs = casts.split(' ').map((pair) => pair.split(':').map((text) => Number.parseInt(text, 16)));
    expect(pairs.length).toBeGreaterThan(50);
    const ours = pairs.map(([bits]) => {
      const { x, nan } = operand(bits);
      return `${bits.toString(16)}:${profileOutcome(profile, format, x, { nan }).code.toString(16)}`;
    });
    expect(ours).toEqual(casts.split(' '));
  });

  it('covers every profile that was run, and every format that it names', () => {
    const run = Object.values(profiles).filter(({ source, name }) => source.includes('(run)') && name !== 'torch');
    expect(run.map(({ name }) => name).sort()).toEqual(Object.keys(recorded.casts).sort());
    for (const { name, cases } of run) {
      const named = cases.flatMap(({ when }) => when.formats ?? []);
      expect(Object.keys(recorded.casts[name] ?? {})).toEqual(expect.arrayContaining(named));
    }
  });
});
