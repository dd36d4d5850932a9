import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bittrue, folder, npy } from './helpers.ts';

function tensor(...x: number[]): string {
  const path = join(folder(), 'x.npy');
  writeFileSync(path, npy(Float64Array.of(...x), [1, x.length]));
  return path;
}

describe('check --fail-on', () => {
  it('exits 1 for the kinds asked for, and for no others', () => {
    const path = tensor(300, -300, 300, -300);
    expect(bittrue('check', path).status).toBe(1);
    expect(bittrue('check', path, '--fail-on', 'overflow,underflow').status).toBe(1);
    expect(bittrue('check', path, '--fail-on', 'saturation,wrap').status).toBe(0);
    // Rounding is no failure, until someone says so.
    const small = tensor(1, 2, 4, 9);
    expect(bittrue('check', small).status).toBe(0);
    expect(bittrue('check', small, '--fail-on', 'inexact').status).toBe(1);
  });

  it('gives no verdict where inputs are not finite, whatever is asked for', () => {
    const path = tensor(1, Number.NaN, 4, 9);
    const baseline = join(folder(), 'baseline.json');
    writeFileSync(baseline, bittrue('check', path, '--json').out);
    for (const args of [[], ['--fail-on', 'overflow'], ['--baseline', baseline]]) {
      expect(bittrue('check', path, ...args).status).toBe(1);
      expect(bittrue('check', path, ...args, '--allow-non-finite').status, args.join(' ')).toBe(0);
    }
  });

  it('takes models too', () => {
    expect(bittrue('check', 'models/tiny-llama', '--residual-scale', '64', '--fail-on', 'overflow').status).toBe(1);
    expect(bittrue('check', 'models/tiny-llama', '--residual-scale', '64', '--fail-on', 'wrap').status).toBe(0);
  });

  it('refuses kinds that do not exist', () => {
    const { status, err } = bittrue('check', tensor(1, 2), '--fail-on', 'overflows');
    expect(status).toBe(2);
    expect(err).toContain('--fail-on');
  });
});

describe('check --baseline', () => {
  it('exits 1 only for events that the baseline has not', () => {
    const [calm, wild] = [tensor(1, -1, 1, -1), tensor(300, -300, 300, -300)];
    const baseline = join(folder(), 'baseline.json');
    writeFileSync(baseline, bittrue('check', wild, '--json').out);
    expect(bittrue('check', wild, '--baseline', baseline)).toMatchObject({ status: 0 });
    expect(bittrue('check', wild, '--baseline', baseline).out).toContain('no new events');
    expect(bittrue('check', calm, '--baseline', baseline).status).toBe(0);
    writeFileSync(baseline, bittrue('check', calm, '--json').out);
    const { status, out } = bittrue('check', wild, '--baseline', baseline);
    expect(status).toBe(1);
    expect(out).toContain('new: square: 4 overflow, before 0');
  });

  it('refuses a file of something else, before it runs', () => {
    const baseline = join(folder(), 'baseline.json');
    for (const text of ['', '{', '[]', '{"schema":"checks/9"}', '{"schema":"check-rows/1"}']) {
      writeFileSync(baseline, text);
      expect(bittrue('check', tensor(1, 2), '--baseline', baseline).status, text).toBe(2);
    }
    expect(bittrue('check', tensor(1, 2), '--baseline', 'none.json').status).toBe(2);
  });
});

describe('check with limits', () => {
  it('exits 1 where a limit is missed, and says which', () => {
    const path = tensor(1, 2, 4, 9);
    expect(bittrue('check', path, '--max-ulp', '100', '--max-absorbed', '0.9', '--min-headroom', '1').status).toBe(0);
    const { status, out } = bittrue('check', path, '--max-ulp', '0', '--min-headroom', '99');
    expect(status).toBe(1);
    expect(out).toContain('ulp, at most 0 asked for');
    expect(out).toContain('bits, at least 99 asked for');
    expect(bittrue('check', path, '--max-absorbed', '2').status).toBe(2);
    expect(bittrue('check', 'models/tiny-llama', '--max-ulp', '2').status).toBe(2);
  });
});
