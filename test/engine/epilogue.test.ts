import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.ts';
import { binary16, e4m3fn } from '../../src/formats/index.ts';
import { type Epilogue, epilogue } from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { planEpilogue } from '../../src/specification/epilogue/plan.ts';
import { compileEpilogue } from '../../src/twins/epilogue/epilogue.ts';
import { type Case, wideCases } from '../kernels/epilogues.ts';
import { generator } from '../random.ts';
import { seeded } from '../testing/helpers.ts';
import { expectTwins } from './helpers.ts';

const engine = await createEngine();

/** How many runs had a twin, of how many. */
let fast = 0;
let all = 0;

function agree({ sums, ...rest }: Case): void {
  all += 1;
  try {
    if (compileEpilogue(planEpilogue(rest), engine) !== null) fast += 1;
  } catch {
    // What is refused is refused alike.
  }
  expectTwins((on) => epilogue(sums, { ...rest, ...on }), engine);
}

describe('an epilogue on the engine', () => {
  it('agrees with the specification for random operations, roundings and numbers', () => {
    fc.assert(fc.property(wideCases, agree), seeded(1200));
    expect(fast).toBeGreaterThan(all / 6);
  });

  it('agrees for epilogues of linear layers', () => {
    const random = generator(9);
    const draw = (n: number, scale: number): number[] =>
      Array.from({ length: n }, () => Math.fround((random() - 0.5) * scale));
    const [half, quarter] = [roundTo(binary16), roundTo(e4m3fn)];
    const given: Epilogue[] = [
      { bias: 'columns', output: half },
      { alpha: 0.3, beta: -2, bias: 'rows', activation: { function: 'relu' }, output: half },
      { alpha: 7, beta: 0.5, fused: true, activation: { function: 'gelu' }, rounding: half },
      { alpha: 2 ** -9, bias: 'columns', activation: { function: 'silu' }, rounding: half, output: quarter },
      {
        bias: 'columns',
        roundings: { bias: half },
        activation: { function: 'geluTanh' },
        load: quarter,
        output: quarter,
      },
    ];
    const [rows, width] = [5, 67];
    for (const one of given) {
      agree({
        ...{ rows, width, sums: draw(rows * width, 9000), epilogue: one },
        ...(one.beta === undefined ? {} : { c: draw(rows * width, 900) }),
        ...(one.bias === undefined ? {} : { bias: draw(one.bias === 'rows' ? rows : width, 3000) }),
      });
    }
  });
});
