/**
 * Two hundred seeds of decoders and quantizers to integers, as `mutants.exhaustive.ts` has them of converters: how often a check of
 * a hundred runs catches each disease, and names it. A disease that changes nothing in a format or for parameters is left out;
 * right ones raise no alarm.
 */
import { describe, expect, it } from 'vitest';
import { type Check, checkQuantizer, checkRounding } from '../../../src/testing/check/index.ts';
import { draws } from '../../../src/testing/conformance/sample.ts';
import { decodeByHand, decoders, drawQuantizing, quantizeByHand, quantizers } from './codecs.ts';
import { drawFormat, drawing } from './population.ts';

const SEEDS = 200;
const share = (n: number, of: number): string => `${((100 * n) / of).toFixed(1)} %`.padStart(8);

/** Whether a check names a behaviour, alone or among as good ones. */
function isNamed(check: Check, names: readonly string[]): boolean {
  const { behaviours = [], alternatives = [] } = check.diagnosis ?? {};
  return [behaviours[0]?.name, ...alternatives].some((name) => names.includes(name ?? ''));
}

function report(name: string, seen: number, caught: number, named: number): void {
  console.log(`${name.padEnd(36)} ${String(seen).padStart(4)} ${share(caught, seen)} ${share(named, seen)}`);
  expect(seen).toBeGreaterThan(SEEDS / 4);
  expect(caught / seen).toBeGreaterThanOrEqual(0.97);
  expect(named / seen).toBeGreaterThanOrEqual(0.9);
}

describe(`decoders, ${SEEDS} seeds`, () => {
  it.each(decoders)('$name', ({ name, behaviours, decode }) => {
    const draw = drawing(100 + decoders.findIndex((one) => one.name === name));
    let [seen, caught, named] = [0, 0, 0];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const format = drawFormat(draw);
      const isVisible = Array.from({ length: 2 ** format.bits }, (_, code) => code).some(
        (code) => !Object.is(decode(format, code), decodeByHand(format, code)),
      );
      if (!isVisible) continue;
      seen += 1;
      const options = { from: format, to: 'binary64', takes: 'codes', runs: 100, seed } as const;
      expect((checkRounding((code: number) => decodeByHand(format, code), options) as Check).ok).toBe(true);
      const check = checkRounding((code: number) => decode(format, code), options) as Check;
      if (check.ok) continue;
      caught += 1;
      expect(check.counterexample?.inputs).toHaveLength(1);
      if (isNamed(check, behaviours)) named += 1;
    }
    report(name, seen, caught, named);
  });
});

describe(`quantizers, ${SEEDS} seeds`, () => {
  it.each(quantizers)('$name', ({ name, behaviours, quantize }) => {
    const next = draws(200 + quantizers.findIndex((one) => one.name === name));
    let [seen, caught, named] = [0, 0, 0];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const how = drawQuantizing(next);
      const options = { to: how.to, scale: how.scale, zeroPoint: how.zeroPoint, runs: 100, seed };
      expect((checkQuantizer((x: number) => quantizeByHand(x, how), options) as Check).ok).toBe(true);
      // Numbers of binary32 around every half step.
      const isVisible = Array.from({ length: 2400 }, (_, i) => Math.fround(((i - 1200) / 4) * how.scale)).some(
        (x) => quantize(x, how) !== quantizeByHand(x, how),
      );
      if (!isVisible) continue;
      seen += 1;
      const check = checkQuantizer((x: number) => quantize(x, how), options) as Check;
      if (check.ok) continue;
      caught += 1;
      if (isNamed(check, behaviours)) named += 1;
    }
    report(name, seen, caught, named);
  });
});
