import { afterEach, describe, expect, it, vi } from 'vitest';
import * as engines from '../../src/engine/engine.ts';
import { binary16 } from '../../src/formats/index.ts';
import { castKernel } from '../../src/kernels/cast.ts';
import { cast } from '../../src/kernels/index.ts';
import { kernels } from '../../src/kernels/registry.ts';
import { isSmall, quickerFrom } from '../../src/kernels/thresholds.ts';

const x = (n: number) => Float64Array.from({ length: n }, (_, i) => (i % 3 ? 1.0001 * i : -7e4));

describe('the size from which a twin is quicker', () => {
  afterEach(() => vi.restoreAllMocks());

  it('is known for kernels that there are', () => {
    for (const name of Object.keys(quickerFrom)) expect(kernels.has(name)).toBe(true);
  });

  it('parts runs without an engine, and never one with an engine', () => {
    const n = quickerFrom.cast as number;
    for (const [size, small] of [
      [n - 1, true],
      [n, false],
    ] as const) {
      expect(isSmall(castKernel.plan({ format: binary16, width: size }))).toBe(small);
      const compile = vi.spyOn(castKernel, 'compile');
      cast(x(size), { format: binary16 });
      expect(compile).toHaveBeenCalledTimes(small ? 0 : 1);
      cast(x(size), { format: binary16, engine: engines.defaultEngine() });
      expect(compile).toHaveBeenCalledTimes(small ? 1 : 2);
      compile.mockRestore();
    }
  });

  it('changes no bit and no report', () => {
    const n = quickerFrom.cast as number;
    const engine = engines.defaultEngine();
    for (const size of [0, 1, n - 1, n, n + 1]) {
      for (const record of ['off', 'counts', 'first', 'all'] as const) {
        const options = { format: binary16, record };
        expect(cast(x(size), options)).toEqual(cast(x(size), { ...options, engine }));
      }
    }
  });
});
