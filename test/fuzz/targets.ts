/**
 * Mutated descriptions of targets: taken or refused; one that is taken is frozen, is the same again from its JSON, and
 * computes on the engine what the specification computes.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { createEngine } from '../../src/engine/index.ts';
import * as kernels from '../../src/kernels/index.ts';
import { defineTarget, type Target, targets } from '../../src/targets/index.ts';
import { generator } from '../random.ts';
import { carryOut, expectSame } from './calls.ts';
import { dataMutation, mutateData } from './mutate.ts';
import { type Bound, fuzz, isTaken } from './watch.ts';

const originals: readonly unknown[] = Object.values(targets).map((target) => JSON.parse(JSON.stringify(target)));

const random = generator('operands');
const [rows, width] = [2, 37];
const operands = Array.from({ length: 2 }, () =>
  Float64Array.from({ length: rows * width }, () => (random() - 0.5) * 2 ** Math.floor(random() * 12 - 4)),
);

/** Defines mutated targets within a bound, and computes on those that are taken. */
export async function fuzzTargets(bound: Bound): Promise<{ taken: number; refused: number; runs: number }> {
  const engine = await createEngine();
  const found = { taken: 0, refused: 0, runs: 0 };
  const cases = fc.record({
    original: fc.nat(originals.length - 1),
    mutations: fc.array(dataMutation(true), { minLength: 1, maxLength: 4 }),
  });
  fuzz(bound, cases, ({ original, mutations }) => {
    const description = mutations.reduce(mutateData, originals[original]);
    let target: Target | undefined;
    const define = (): void => {
      target = defineTarget(description);
    };
    if (!isTaken(define, 0)) {
      found.refused += 1;
      return;
    }
    found.taken += 1;
    expectFrozen(target);
    const text = JSON.stringify(target);
    expect(JSON.stringify(defineTarget(JSON.parse(text)))).toBe(text);
    for (const call of callsOn(target as Target)) {
      isTaken(() => {
        const wanted = carryOut(kernels, call, { engine: null });
        expectSame(carryOut(kernels, call, { engine }), wanted);
        if (typeof wanted !== 'string') found.runs += 1;
      }, 0);
    }
  });
  return found;
}

/** A norm on its vector unit, and a product on each of its matrix units. */
function callsOn(target: Target) {
  const calls = Object.values(target.matrixUnits).map(({ name, scale, a, b }) => {
    const blocks = scale === null ? 0 : Math.ceil(width / scale.block);
    const scales = scale === null ? {} : { scaleA: Array(rows * blocks).fill(1), scaleB: Array(rows * blocks).fill(2) };
    return {
      kernel: 'dot' as const,
      inputs: operands,
      options: { rows, width, target, unit: name, a: a[0], b: b[0], ...scales },
    };
  });
  if (target.defaults.vector === undefined) return calls;
  return [...calls, { kernel: 'layerNorm' as const, inputs: operands.slice(0, 1), options: { rows, width, target } }];
}

function expectFrozen(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  expect(Object.isFrozen(value)).toBe(true);
  Object.values(value).forEach(expectFrozen);
}
