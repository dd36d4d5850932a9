import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.ts';
import { bfloat16, binary16, binary32, e4m3fn, e5m2, type FloatFormat } from '../../src/formats/index.ts';
import {
  exp2ByCubic,
  geluByErf,
  siluByReciprocal,
  softcapByExponentials,
  tanhByExponentials,
  type UnaryMethod,
  unary,
} from '../../src/kernels/index.ts';
import { decode } from '../../src/rounding/index.ts';
import { planUnary, type UnaryFunction, unaryFunctions } from '../../src/specification/unary/plan.ts';
import { fp16, fp32 } from '../../src/targets/index.ts';
import { compileUnary } from '../../src/twins/functions/unary.ts';
import { seeded } from '../testing/helpers.ts';
import { anyFloat, anyPolicy, anyVectorTarget, expectTwins, genericTargets, samples } from './helpers.ts';

const engine = await createEngine();
const methods: readonly (UnaryMethod | undefined)[] = [
  undefined,
  siluByReciprocal,
  geluByErf,
  tanhByExponentials,
  softcapByExponentials(50),
  exp2ByCubic,
];

const given = (name: UnaryFunction, method: UnaryMethod | undefined) => ({
  function: name,
  ...(name === 'softcap' ? { cap: 50 } : {}),
  ...(method === undefined ? {} : { method }),
});

describe('functions of one number on the engine', () => {
  it('agree with the specification on generic targets and every class of data', () => {
    for (const [i, name] of unaryFunctions.entries()) {
      const target = genericTargets[i % genericTargets.length]!;
      for (const [k, data] of samples(binary16, 3 * 41).entries()) {
        const x = k % 2 === 0 ? data : Float32Array.from(data);
        const run = { target, rows: 3, width: 41, ...given(name, methods[(i + k) % methods.length]) } as const;
        expectTwins((rest) => unary(x, { ...run, ...rest }), engine);
      }
    }
  });

  it('agree for random formats, policies, methods and data', () => {
    fc.assert(
      fc.property(
        anyFloat(),
        anyPolicy(),
        fc.constantFrom(...unaryFunctions),
        fc.constantFrom(...methods),
        fc.nat(3),
        fc.nat(30),
        fc.nat(),
        (format, policy, name, method, rows, width, which) => {
          const all = samples(format, rows * width);
          // Half of the runs have short numbers alone, as a table wants them.
          const x = which % 2 === 0 ? Float32Array.from(all[which % all.length]!) : all[which % all.length]!;
          if (x instanceof Float32Array)
            new Uint32Array(x.buffer).forEach((bits, i, each) => {
              each[i] = (bits >>> 20) << 20;
            });
          expectTwins((rest) => unary(x, { format, policy, rows, width, ...given(name, method), ...rest }), engine);
        },
      ),
      seeded(300),
    );
  });

  it('agree on random targets', () => {
    fc.assert(
      fc.property(
        anyVectorTarget(),
        fc.constantFrom(...unaryFunctions),
        fc.constantFrom(...methods),
        fc.nat(3),
        fc.nat(30),
        fc.nat(),
        (target, name, method, rows, width, which) => {
          const { format } = target.vectorUnits.vector.load;
          if (format.kind !== 'float') return;
          const all = samples(format, rows * width);
          expectTwins(
            (rest) => unary(all[which % all.length]!, { target, rows, width, ...given(name, method), ...rest }),
            engine,
          );
        },
      ),
      seeded(300),
    );
  });

  it('tell the place of a first event beyond the first piece', () => {
    const x = new Float64Array(40_000).fill(1);
    x[33_333] = 12;
    expectTwins((rest) => unary(x, { target: fp16, function: 'exp', ...rest }), engine);
    expect(unary(x, { target: fp16, function: 'exp' }).report.first.overflow).toMatchObject({ index: 33_333 });
  });

  it('are tables for short formats alone, and where no random bits are taken', () => {
    const plan = (format: FloatFormat, policy = {}) =>
      compileUnary(planUnary({ function: 'exp', format, policy, width: 1 }), engine);
    for (const format of [binary16, bfloat16, e4m3fn, e5m2]) expect(plan(format)).not.toBeNull();
    expect(plan(binary32)).toBeNull();
    expect(plan(binary16, { rounding: 'stochastic' })).toBeNull();
    expect(compileUnary(planUnary({ function: 'exp', target: fp32, width: 1 }), engine)).toBeNull();
  });

  it('give every code of binary16 as the specification does', () => {
    const x = Float64Array.from({ length: 65_536 }, (_, code) => decode(binary16, code));
    for (const name of ['tanh'] as const) {
      const run = { function: name, format: binary16, nonFiniteInputs: 'allow' } as const;
      const [fast, slow] = [unary(x, { ...run, engine }), unary(x, { ...run, engine: null })];
      expect(fast.output).toEqual(slow.output);
      expect(fast.report).toEqual(slow.report);
    }
  });
});
