import { describe, expect, it } from 'vitest';
import { communicationHtml, formatCommunication } from '../../src/reports/index.ts';
import { eventKinds } from '../../src/rounding/flags.ts';
import type { Communication, CommunicationRun } from '../../src/studies/index.ts';

const totals = Object.fromEntries(eventKinds.map((kind) => [kind, 0])) as CommunicationRun['totals'];

function run(
  codec: CommunicationRun['codec'],
  rmse: number,
  different: Partial<CommunicationRun> = {},
): CommunicationRun {
  return {
    codec,
    perplexity: 3,
    messageBits: 4.1875,
    trafficBits: 29.3125,
    error: { rmse, relative: rmse, max: 4 * rmse },
    siteErrors: [{ rmse, relative: rmse, max: 4 * rmse }],
    meanRelativeError: rmse,
    hops: [{ phase: 'gather', hop: 0, devices: 8, values: 1, rmse, rms: 1, max: 4 * rmse }],
    atLimit: 0.0125,
    clipped: null,
    ok: true,
    totals,
    first: {},
    ...different,
  };
}

function study(runs: readonly CommunicationRun[]): Communication {
  return {
    bittrue: '0',
    schema: 'communication-study/1',
    semantics: 1,
    devices: 8,
    algorithm: 'allGather',
    symmetric: true,
    width: 128,
    k: 2,
    seed: 0,
    arithmetic: 'a <chip> & more',
    calibrationSequences: 1,
    predictions: 1,
    perplexity: 2.5,
    sites: [
      {
        name: 'model.layers.0.self_attn.o_proj.weight',
        selected: [1],
        outliers: {
          features: 128,
          maxOverMedian: 1759.4,
          atLeast: [1.2, 1.5, 2, 4, 8, 16].map((times, i) => ({ times, features: 9 - i })),
          expectedGain: 24.812,
        },
      },
    ],
    runs,
  };
}

describe('formatCommunication', () => {
  it('shows every codec against the model without rounding, and what outliers promised', () => {
    const text = formatCommunication(study([run('int4', 0.11), run('hybrid', 0.01)]));
    const lines = text.split('\n').map((line) => line.replace(/ +/g, ' '));
    expect(lines).toContain('hybrid 4.1875 29.3125 3.00000 +20 % 0.01 0.01 0.04 1.3 % –');
    expect(lines).toContain('layers.0.o_proj 1760 9 8 7 6 5 4 24.8 11');
    expect(text).toContain('; 1 prediction');
    const [int4, hybrid] = ['int4', 'hybrid'].map((name) => new RegExp(`^${name} +(█+) `, 'm').exec(text)?.[1].length);
    expect(int4).toBe(40);
    expect(hybrid).toBeLessThan(20);
  });

  it('tells errors by hop where sums travel more than once', () => {
    const hop = { values: 1, rms: 2, max: 1 };
    const hops = [
      { phase: 'scatter', hop: 0, devices: 2, rmse: 0.02, ...hop },
      { phase: 'gather', hop: 0, devices: 8, rmse: 0.5, ...hop },
    ];
    const text = formatCommunication(study([run('int8/128', 0.11, { hops }), run('bf16', 0.01, { hops })]));
    const lines = text.split('\n').map((line) => line.replace(/ +/g, ' '));
    expect(lines).toContain('hop devices int8/128 bf16');
    expect(lines).toContain('scatter 0 2 0.01 0.01');
    expect(lines).toContain('gather 0 8 0.25 0.25');
    expect(formatCommunication(study([run('bf16', 0.01)]))).not.toContain('by hop');
    // One chart more, broad and narrow.
    expect(communicationHtml([study([run('bf16', 0.01, { hops })])]).match(/<svg /g)).toHaveLength(6);
  });

  it('says where a run failed', () => {
    const event = {
      kind: 'overflow',
      stage: 'gather.encode',
      hop: 0,
      device: 3,
      row: 5,
      feature: 7,
      operation: 'round',
      operands: [7e4],
      exact: '70000',
      result: Infinity,
      site: 'model.layers.0.mlp.down_proj.weight',
    } as const;
    const text = formatCommunication(
      study([run('fp16', Infinity, { ok: false, perplexity: Number.NaN, first: { overflow: event } })]),
    );
    expect(text).toContain('fp16: first overflow at layers.0.down_proj, gather.encode, row 5, feature 7, device 3');
    expect(text).toMatch(/^fp16 .* NaN /m);
    expect(formatCommunication(study([run('fp16', 1, { ok: false })]))).toContain('NaN or infinities among');
    const scale = { ...event, kind: 'scaleUnderflow', operation: 'divide' } as const;
    expect(
      formatCommunication(
        study([
          run('nvfp4', 1, { ok: false, first: { scaleUnderflow: scale }, totals: { ...totals, scaleUnderflow: 3 } }),
        ]),
      ),
    ).toMatch(/nvfp4: first scaleUnderflow at layers.0.down_proj, .*; 3\s+events in all/s);
  });
});

/** Whether tags are well nested; text needs no closing tag that HTML leaves out. */
function isNested(page: string): boolean {
  const open: string[] = [];
  for (const [, closing, name, self] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/gi)) {
    if (self === '/' || name === 'meta') continue;
    if (closing === '') open.push(name);
    else if (open.pop() !== name) return false;
  }
  return open.length === 0;
}

describe('communicationHtml', () => {
  it('is a page of its own, escaped, with two charts a study', () => {
    const page = communicationHtml([study([run('int4', 0.11), run('hybrid', 0.01)]), study([])]);
    expect(isNested(page)).toBe(true);
    expect(page).toContain('a &lt;chip&gt; &amp; more');
    // Each broad and narrow.
    expect(page.match(/<svg /g)).toHaveLength(8);
    expect(page).not.toMatch(/src=|href=|<script/);
  });
});
