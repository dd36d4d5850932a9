import { beforeAll, describe, expect, it } from 'vitest';
import { checkVerdict, formatCheck, formatSlanc, toJson } from '../../src/reports/index.ts';
import { checkModel, type ModelCheck, slancScales } from '../../src/studies/index.ts';
import { fp16 } from '../../src/targets/index.ts';
import { tinyLlama, validation } from '../studies/helpers.ts';

const model = tinyLlama();
const text = [validation()[0].subarray(0, 65)];
const fits = (shown: string) => shown.split('\n').every((line) => line.length <= 100);

describe('formatCheck', () => {
  let check: ModelCheck;
  beforeAll(() => {
    check = checkModel(model, text, { target: fp16, variant: 'frobenius', residualScale: 8 });
  });

  it('has a line a norm, marks masked overflows, places the first and gives three perplexities', () => {
    const shown = formatCheck(check);
    expect(shown).toContain(
      'residual scale 8: llama, 4 layers, hidden 128; 64 predictions from 1 sequence; norms on fp16',
    );
    expect(shown).toMatch(/^norm +[\d.]+ +\d+\* +\d+ +-\d\.\d +0 +\d+ +\+\d+\.\d$/m);
    expect(shown).toMatch(/^ {2}norm +row \d+, squareSum, step \d+: [\d.]+ \+ [\d.]+ -> Infinity, masked$/m);
    expect(shown).toContain('first failures, fp16 + SLaNC frobenius: none');
    expect(shown).toMatch(/^perplexity {2}float64 +[\d.]+$/m);
    expect(shown).toMatch(/^ +plain fp16 +[\d.]+ {2}\(\+\d+ %\)$/m);
    expect(shown).toMatch(/^ +fp16 \+ SLaNC frobenius +[\d.]+ {2}\([+-][\d.]+ %\)$/m);
    expect(fits(shown)).toBe(true);
  });

  it('ends with a verdict in one line', () => {
    expect(checkVerdict(check)).toMatch(
      /^plain fp16 overflows silently in \d of 9 norms \(perplexity [\d.]+ -> [\d.]+\); SLaNC cures it\.$/,
    );
    expect(formatCheck(check).split('\n').at(-1)).toBe(`verdict: ${checkVerdict(check)}`);
  });

  it('judges the other cases', () => {
    const fine = { perplexity: check.float64.perplexity, ok: true };
    const clean = check.norms.map((norm) => ({ ...norm, plain: norm.scaled ?? norm.plain }));
    expect(checkVerdict({ ...check, plain: fine, norms: clean })).toBe('plain fp16 is fine; SLaNC is fine too.');
    expect(checkVerdict({ ...check, plain: fine, scaled: null })).toBe('plain fp16 is fine.');
    const off = { ...fine, perplexity: 2 * fine.perplexity };
    expect(checkVerdict({ ...check, plain: off, scaled: null })).toMatch(
      /^plain fp16 does not overflow but loses accuracy/,
    );
    expect(checkVerdict({ ...check, plain: { ...fine, ok: false }, scaled: null })).toMatch(
      /norms, so far without harm\.$/,
    );
    expect(checkVerdict({ ...check, scaled: off })).toMatch(/SLaNC does not cure it: it does not overflow but/);
  });

  it('fits 100 columns for huge counts and long names', () => {
    const norms = check.norms.map((norm) => ({
      ...norm,
      site: `layers.123.${norm.site}`,
      largestSquareSum: norm.largestSquareSum * 1e30,
      plain: {
        ...norm.plain,
        report: { ...norm.plain.report, totals: { ...norm.plain.report.totals, overflow: 123456789012, invalid: 5 } },
      },
    }));
    expect(fits(formatCheck({ ...check, norms }))).toBe(true);
    expect(formatCheck({ ...check, norms })).toContain('other');
  });

  it('survives NaN perplexity, missing headroom and colour', () => {
    const bare = {
      ...check,
      plain: { ok: false, perplexity: Number.NaN },
      norms: check.norms.map((norm) => ({ ...norm, plain: { ...norm.plain, headroom: null } })),
    };
    expect(formatCheck(bare)).toMatch(/plain fp16 +NaN/);
    expect(formatCheck(bare)).toMatch(/ – /);
    expect(formatCheck(check)).not.toContain('\u001b');
    expect(formatCheck(check, { color: true })).toContain('\u001b[31m');
  });

  it('goes into JSON whole', () => {
    const read = JSON.parse(toJson(check));
    expect(read.schema).toBe('check/1');
    expect(read.norms).toHaveLength(9);
    expect(read.norms[8].plain.report.first.overflow.result).toBe('Infinity');
    expect(read.norms[8].plain.headroom.squareSum).toBe(check.norms[8].plain.headroom?.squareSum);
  });
});

describe('formatSlanc', () => {
  it('has a line a norm', () => {
    const shown = formatSlanc(slancScales(model, { variant: 'residual', powerOfTwo: true }));
    expect(shown).toContain('SLaNC residual, powers of two: 9 norms of width 128');
    expect(shown).toMatch(/^layers\.1\.input_layernorm +gatedMlp +12\.35\d* +2\^-4 +typical$/m);
    expect(fits(shown)).toBe(true);
  });
});
