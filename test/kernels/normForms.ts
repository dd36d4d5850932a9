/**
 * Norms with a scale a row, 1/d within the sum, and weights of channels, at random.
 *
 * @module
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { channelGroups, layerNorm, meanSquareInSum, rmsNorm, rowScale } from '../../src/kernels/index.ts';
import { findVectorUnit, type Target } from '../../src/targets/index.ts';
import { oracleLayerNorm, oracleRmsNorm } from '../../src/testing/oracle/normalization.ts';
import { outcome } from '../testing/helpers.ts';
import { expectReport, type NormCase, normCases } from './helpers.ts';

/** A case, and what it has beside the usual stages. */
interface FormCase extends NormCase {
  readonly way: 'maximum' | 'powerOfTwo' | readonly number[] | null;
  readonly isInSum: boolean;
  readonly groups: { readonly groups: number; readonly spatial: number } | null;
}

const factor = fc.oneof(
  fc.constantFrom(1, 0.5, 3, 2 ** -12, 0.1),
  fc.double({ min: 1e-30, max: 1e30, noNaN: true }).filter((s) => s > 0),
);

/** Cases of the usual norms, with forms. */
export function formCases(target?: fc.Arbitrary<Target>): fc.Arbitrary<FormCase> {
  return normCases(target, {}).chain((one) => {
    const { rows, width } = one.options;
    const spatials = Array.from({ length: width }, (_, i) => i + 1).filter((n) => width % n === 0);
    return fc
      .record({
        way: fc.oneof(
          fc.constantFrom(null, 'maximum' as const, 'powerOfTwo' as const),
          fc.array(factor, { minLength: rows, maxLength: rows }),
        ),
        isInSum: fc.boolean(),
        groups: fc.option(fc.record({ groups: fc.integer({ min: 1, max: 3 }), spatial: fc.constantFrom(...spatials) })),
      })
      .map((forms) => {
        const { scale, ...rest } = one.options;
        const options = { ...rest, ...(forms.way === null && scale !== undefined ? { scale } : {}) };
        const isInSum = forms.isInSum && options.variance !== 'welford';
        if (forms.groups === null || one.kernel === 'rmsNorm')
          return { ...one, options, ...forms, isInSum, groups: null };
        const channels = (forms.groups.groups * width) / forms.groups.spatial;
        const weights = (given: ArrayLike<number> | undefined) =>
          given && Array.from({ length: channels }, (_, i) => (given[i % width] as number) + i);
        const [gamma, beta] = [weights(options.gamma), weights(options.beta)];
        return {
          ...one,
          options: { ...options, ...(gamma ? { gamma } : {}), ...(beta ? { beta } : {}) },
          ...forms,
          isInSum,
        };
      });
  });
}

/** A case, by the kernel and by the naive model. */
export function agreeOnForms({ kernel, x, options, way, isInSum, groups }: FormCase): void {
  const { target, rowScale: _, meanSquare: __, groups: ___, ...rest } = options;
  const shared = {
    ...{ ...rest, x, unit: findVectorUnit(target as Target), epsilon: options.epsilon as number },
    ...(way === null ? {} : { rowScale: way }),
    ...(isInSum ? { meanSquare: 'inSum' as const } : {}),
    ...(groups === null ? {} : { groups }),
  };
  const wanted = outcome(() => (kernel === 'layerNorm' ? oracleLayerNorm(shared) : oracleRmsNorm(shared)));
  const run = {
    ...options,
    record: 'all' as const,
    limit: 2 ** 32,
    ...(way === null ? {} : { rowScale: rowScale(way) }),
    ...(isInSum ? { meanSquare: meanSquareInSum } : {}),
    ...(groups === null ? {} : { groups: channelGroups(groups) }),
  };
  const found = outcome(() => (kernel === 'layerNorm' ? layerNorm(x, run) : rmsNorm(x, run)));
  if (wanted === 'refused' || found === 'refused') {
    expect(found).toEqual(wanted);
    return;
  }
  expect([...found.output]).toEqual(wanted.output);
  expectReport(found.report, wanted, options.rows);
}
