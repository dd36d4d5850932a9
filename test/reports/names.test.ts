/**
 * Names from files and callers cannot speak to the terminal: every rendering writes their control characters out.
 *
 * @module
 */
import { describe, expect, it } from 'vitest';
import { compareReports } from '../../src/events/index.ts';
import { rmsNorm } from '../../src/kernels/index.ts';
import { loadModel } from '../../src/models/index.ts';
import { embeddedModel, openModel } from '../../src/node/index.ts';
import {
  checkVerdict,
  communicationHtml,
  formatCheck,
  formatCommunication,
  formatMatrixUnits,
  formatQuantization,
  formatReport,
  formatSlanc,
  formatTarget,
  formatTargetComparison,
  formatTargets,
  formatVerification,
  missedLines,
} from '../../src/reports/index.ts';
import { escaped } from '../../src/reports/plots/words.ts';
import {
  calibrateCommunication,
  checkModel,
  communicateModel,
  compareTargets,
  slancScales,
} from '../../src/studies/index.ts';
import { defineTarget, targets } from '../../src/targets/index.ts';
import { verifyVectors } from '../../src/testing/index.ts';

const name = 'w\u001b[31m\nx\u202e\u009b2J';
const shown = 'w\\u001b[31m\\u000ax\\u202e\\u009b2J';
const { config, checkpoint } = openModel(embeddedModel());
const model = loadModel(config, checkpoint);
const text = [[72, 101, 108, 108, 111]];

/** Every text of some data, by the one name. */
function renamedAll<T>(data: T, of: (text: string, key: string) => boolean, key = ''): T {
  if (typeof data === 'string') return (of(data, key) ? name : data) as T;
  if (Array.isArray(data)) return data.map((one) => renamedAll(one, of, key)) as T;
  if (typeof data !== 'object' || data === null || ArrayBuffer.isView(data)) return data;
  return Object.fromEntries(Object.entries(data).map(([k, value]) => [k, renamedAll(value, of, k)])) as T;
}

/** The lines hold the name, written out, and nothing that a terminal obeys. */
function expectShown(text: string): void {
  expect(text.replace(/\s+/g, '')).toContain(shown.slice(0, 12));
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
}

describe('a name with ESC, a line break and a bidirectional mark', () => {
  const hostile = defineTarget(
    JSON.parse(JSON.stringify({ ...targets.a100, name, vendor: name, summary: name, sameAs: undefined })),
  );
  const target = defineTarget({ ...targets.fp16, name });

  it('of a target: in tables, reports and comparisons', () => {
    for (const text of [formatTarget(hostile), formatTargets([hostile]), formatMatrixUnits([hostile])])
      expectShown(text);
    const { report } = rmsNorm(new Float64Array(64).fill(100), { rows: 1, width: 64, target });
    expectShown(formatReport(report));
    expectShown(formatReport(compareReports(report, report)));
    const contenders = [
      { target: hostile, unit: 'f16' },
      { target: targets.v100 ?? hostile, unit: 'f16' },
    ] as const;
    expectShown(formatTargetComparison(compareTargets([1], [1], { rows: 1, width: 1, contenders })));
  });

  it('of a target, a norm or a layer: in the studies of a model', () => {
    const check = checkModel(model, text, { target, reference: false });
    expectShown(formatCheck(check));
    expectShown(checkVerdict(check));
    expectShown(missedLines([{ site: name, limit: 'maxLost', wanted: 0, found: 1 }]).join('\n'));
    expectShown(formatSlanc(renamedAll(slancScales(model), (_, key) => key === 'site')));
    const study = communicateModel(model, calibrateCommunication(model, text, { devices: 2 }), text, {
      codecs: ['bf16'],
    });
    const changed = renamedAll(study, (_, key) => key === 'name' || key === 'codec');
    expectShown(formatCommunication(changed));
    expectShown(communicationHtml([changed]));
    expect(escaped(`<${name}`)).toBe(`&lt;${shown}`);
  });

  it('of a quantized layer, and in a verification', () => {
    const layer = {
      name,
      weight: 'e2m1',
      activation: 'e2m1',
      largestShift: 3,
      meanSquaredError: 1,
      relativeError: 0.5,
    };
    expectShown(
      formatQuantization({
        bittrue: '0',
        schema: 'quantization-report/1',
        semantics: 1,
        method: 'fpq',
        calibrationRows: 32,
        predictions: 9,
        bits: { embedding: null, weight: 4, activation: 4 },
        perplexity: { exact: 2, quantized: 2.5 },
        meanRelativeError: 0.5,
        embedding: null,
        layers: [layer],
      }),
    );
    const found = verifyVectors({ format: 'e4m3fn', operation: 'cast', vectors: '449,448\n1000,448\n' });
    expectShown(formatVerification({ ...found, format: name }));
  });

  it('keeps our own colours', () => {
    const { report } = rmsNorm(new Float64Array(64).fill(1000), { rows: 1, width: 64, target });
    const colored = formatReport(report, { color: true });
    expect(colored).toContain('\u001b[31mNOT ok\u001b[0m');
    expect(colored.replace(/\p{Cc}\[\d+m/gu, '')).toBe(formatReport(report));
  });
});
