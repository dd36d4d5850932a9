import { describe, expect, it } from 'vitest';
import { importsOf } from '../../scripts/lib/rooms.mjs';

/** Everything that a source file loads, files and packages. */
function closure(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  if (!path.endsWith('.ts')) return found;
  for (const { to, isType } of importsOf(path)) if (!isType) closure(to, found);
  return found;
}

describe('sub-paths of bittrue/testing', () => {
  it.each(['testing/index.ts', 'testing/matchers/index.ts', 'cli/main.ts', 'index.ts'])(
    '%s needs no fast-check',
    (path) => {
      const all = closure(path);
      expect(all.size).toBeGreaterThan(30);
      expect([...all].filter((one) => one === 'fast-check' || one.startsWith('testing/arbitraries/'))).toEqual([]);
    },
  );

  it('arbitraries do', () => {
    expect(closure('testing/arbitraries/index.ts')).toContain('fast-check');
  });
});
