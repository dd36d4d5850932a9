/**
 * Sums that pass through a narrower format somewhere: terms, partial sums, what joins them, the result.
 *
 * @module
 */
import { accumulatorRounding, lastLeaf, mapAccumulators } from '../../accumulators/walk.ts';
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { bfloat16, binary16, binary32, e5m2, type FloatFormat, formatName, tf32 } from '../../formats/index.ts';
import { roundTo } from '../../rounding/index.ts';
import type { Behaviour } from './behaviour.ts';
import type { SumSetup } from './sumSetup.ts';

/** Terms after which a running sum is stored. */
const RUNS = [2, 4, 8, 16, 32];

/** The places at which a sum may pass through a format. */
export function sumFormatBehaviours(): Behaviour<SumSetup>[] {
  return [bfloat16, binary16, tf32, e5m2].flatMap(through);
}

/** Partial sums of a few terms in a wider register, each added to a sum that is stored. */
export function storedParts(): Behaviour<SumSetup>[] {
  return RUNS.flatMap((n) =>
    ([binary32, null] as const).map((format): Behaviour<SumSetup> => {
      const name = format === null ? 'binary64' : 'binary32';
      const round = format === null ? (x: number): number => x : Math.fround;
      return {
        ...{ name: `parts of ${n} in ${name}`, group: 'register' },
        text: `sums ${n} terms at a time in ${name}, and adds that to the sum`,
        change: (setup) => ({
          ...setup,
          loop: (terms, _, roundTo) => {
            let sum = 0;
            for (let i = 0; i < terms.length; i += n) {
              const part = terms.subarray(i, i + n).reduce((some, x) => round(some + x), 0);
              sum = roundTo(sum + part, 'tiesToEven');
            }
            return sum;
          },
        }),
      };
    }),
  );
}

function through(format: FloatFormat): Behaviour<SumSetup>[] {
  const name = formatName(format);
  const rounding = roundTo(format);
  const unit = new ValueUnit(rounding.format, rounding.policy);
  const stored = (x: number): number => unit.round(x);
  const register = { kind: 'float', rounding } as const;
  const at = (
    group: string,
    key: string,
    text: string,
    change: (setup: SumSetup) => Partial<SumSetup>,
  ): Behaviour<SumSetup> => ({
    ...{ name: `${key} ${name}`, text, group },
    change: (setup) => ({ ...setup, ...change(setup) }),
  });
  return [
    at('register', 'in', `sums in ${name}`, ({ reduction, output }) => ({
      reduction: mapAccumulators(reduction, () => register),
      output: output ?? accumulatorRounding(lastLeaf(reduction).accumulator),
    })),
    at('register', 'stores sums in', `stores every sum in ${name}: it is rounded twice`, () => ({
      loop: (terms, add) => terms.reduce((sum, x) => stored(add(sum, x)), 0),
    })),
    ...RUNS.map((n) =>
      at('register', `stores after ${n} in`, `stores the sum in ${name} after each ${n} terms`, () => ({
        loop: (terms, add) => terms.reduce((sum, x, i) => (i % n === n - 1 ? stored(add(sum, x)) : add(sum, x)), 0),
      })),
    ),
    at('load', 'terms to', `rounds the terms to ${name} first`, ({ taken }) => ({
      taken: (terms) => taken(terms).map(stored),
    })),
    at('join', 'joins in', `joins partial sums in ${name}`, ({ reduction, output }) => {
      const end = output ?? accumulatorRounding(lastLeaf(reduction).accumulator);
      if (!('across' in reduction) || reduction.across === 'chain') return {};
      return { reduction: { ...reduction, across: mapAccumulators(reduction.across, () => register) }, output: end };
    }),
    at('end', 'result through', `rounds the result to ${name}`, () => ({ output: rounding })),
  ];
}
