/**
 * The short way of the random sweeps' judge against the oracle that it stands for.
 */
import { describe, expect, it } from 'vitest';
import {
  bfloat16,
  binary16,
  binary32,
  defineFloat,
  defineP3109,
  e4m3fn,
  e8m0fnu,
  type FloatFormat,
  formatName,
} from '../../src/formats/index.ts';
import { overflowPolicies, resolvePolicy, subnormalPolicies, tininessRules } from '../../src/rounding/index.ts';
import { deterministicModes } from '../../src/testing/arbitraries/index.ts';
import { exact } from '../../src/testing/oracle/index.ts';
import { oracleProject } from '../../src/testing/oracle/round.ts';
import { Operands } from './sweeps/biased.ts';
import { between, Ends } from './sweeps/neighbours.ts';

const formats: FloatFormat[] = [
  binary16,
  bfloat16,
  binary32,
  e4m3fn,
  e8m0fnu,
  defineP3109({ bits: 9, precision: 4, signed: false }),
  defineFloat({ exponentBits: 3, mantissaBits: 6, infinities: 'topCode', nan: 'topCode', lowest: 'normalButZero' }),
  defineFloat({ exponentBits: 1, mantissaBits: 8, infinities: 'none', nan: 'negativeZero' }),
];

describe.each(formats.map((format): [string, FloatFormat] => [formatName(format), format]))('%s', (_, format) => {
  it('gives the value and flags of the oracle, wherever a result lies', () => {
    const overflows = overflowPolicies.filter((name) => name !== 'wrap');
    const steps = deterministicModes.flatMap((rounding, i) =>
      subnormalPolicies.map((subnormals, j) => {
        const overflow = overflows[(i + j) % overflows.length]!;
        const tininess = tininessRules[(i + (j >> 1)) % 2]!;
        const policy = resolvePolicy(format, { rounding, subnormals, overflow, tininess, nanInput: 'zero' });
        return { at: { format, policy }, ends: new Ends({ format, policy }) };
      }),
    );
    const operands = new Operands(format, 17);
    let short = 0;
    for (let i = 0; i < 1500; i++) {
      const [a, b, c] = operands.three();
      if (![a, b, c].every((x) => Number.isFinite(x) && x !== 0)) continue;
      const product = exact.multiply(exact.fromNumber(a), exact.fromNumber(b));
      const x = i % 3 === 0 ? exact.fromNumber(a) : i % 3 === 1 ? product : exact.add(product, exact.fromNumber(c));
      if (exact.isZero(x)) continue;
      const place = between(format, x);
      if (place !== null) short += 1;
      for (const { at, ends } of steps) {
        const found = ends.project(x, place);
        const wanted = oracleProject(format, at.policy, x);
        if (Object.is(found.value, wanted.value) && found.flags === wanted.flags) continue;
        expect([JSON.stringify(at.policy), exact.toNumber(x), found]).toEqual([
          JSON.stringify(at.policy),
          exact.toNumber(x),
          wanted,
        ]);
      }
    }
    if (format.mantissaBits > 0) expect(short).toBeGreaterThan(50);
  });
});
