/**
 * The one list of kernels: none is left out, and none imports it.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { importsOf, sources } from '../../scripts/lib/rooms.mjs';
import { createEngine } from '../../src/engine/index.ts';
import * as exported from '../../src/kernels/index.ts';
import { kernels } from '../../src/kernels/registry.ts';
import { carryOut } from '../../src/kernels/threads/part.ts';
import type { Part } from '../../src/kernels/threads/share.ts';

/** What each file imports; types are no code. */
const next = new Map(
  sources.map((path) => [
    path,
    importsOf(path)
      .filter(({ isType }) => !isType)
      .map(({ to }) => to),
  ]),
);

/** All that a file imports, and what that imports. */
function reachedFrom(path: string, reached = new Set<string>()): Set<string> {
  if (reached.has(path) || !next.has(path)) return reached;
  reached.add(path);
  for (const to of next.get(path) ?? []) reachedFrom(to, reached);
  return reached;
}

const defined = sources
  .filter((path) => path.startsWith('kernels/'))
  .flatMap((path) => {
    const text = readFileSync(new URL(`../../src/${path}`, import.meta.url), 'utf8');
    return [...text.matchAll(/^export const (\w+Kernel)\b/gm)].map(([, name]) => ({ path, name: name as string }));
  });

describe('the registry of kernels', () => {
  it('has every kernel that a file defines and every one that is exported', () => {
    const known = [...kernels.keys()].map((name) => `${name}Kernel`).sort();
    expect(known).toEqual(defined.map(({ name }) => name).sort());
    const runs = Object.entries(exported).filter(([, value]) => typeof value === 'function' && 'prepare' in value);
    expect(known).toEqual(runs.map(([name]) => `${name}Kernel`).sort());
    for (const kernel of kernels.values()) expect(kernel.compile).toBeTypeOf('function');
  });

  it('is no import of a kernel, nor of what the package exports', () => {
    for (const path of ['kernels/index.ts', 'index.ts', ...defined.map((one) => one.path)]) {
      expect(reachedFrom(path), path).not.toContain('kernels/registry.ts');
    }
    expect(reachedFrom('kernels/threads/worker.ts')).toContain('kernels/registry.ts');
  });

  it('leaves a bundle the kernels that it uses: none reaches another', () => {
    const files = defined.map(({ path }) => path);
    const others = files.map((path) => [...reachedFrom(path)].filter((to) => to !== path && files.includes(to)));
    const used = Object.fromEntries(files.map((path, i) => [path, others[i]]).filter(([, to]) => to?.length !== 0));
    expect(used).toEqual({});
    expect([...reachedFrom('kernels/layerNorm.ts')].filter((path) => path.includes('softmax'))).toEqual([]);
  });

  it('tells of a kernel that it lacks: the specification does not run in silence', async () => {
    const part = { kernel: 'convolution', plan: {}, own: [], bytes: 0 } as unknown as Part;
    const engine = await createEngine();
    expect(() => carryOut(engine, part, () => {})).toThrow("the threads' registry lacks the kernel convolution");
  });
});
