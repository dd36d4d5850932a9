import { readFileSync } from 'node:fs';
import * as root from 'bittrue';
import * as kernels from 'bittrue/kernels';
import * as specification from 'bittrue/specification';
import { expect, it } from 'vitest';

/** The kernels of a room: what can be planned once for many runs. */
const verbs = (room: object): string[] =>
  Object.entries(room)
    .filter(([, value]) => typeof value === 'function' && 'prepare' in value)
    .map(([name]) => name)
    .sort();

it('the root has every kernel, and so has the specification', () => {
  expect(verbs(specification)).toEqual(verbs(kernels));
  for (const name of verbs(kernels)) expect(root).toHaveProperty(name);
});

it('the first page of README imports from the root alone', () => {
  const page = readFileSync('README.md', 'utf8');
  const imports = [...page.matchAll(/^import \{([^}]*)\} from '([^']+)';$/gm)];
  expect(imports.length).toBeGreaterThan(2);
  for (const [, names, from] of imports) {
    expect(from).toBe('bittrue');
    for (const name of (names as string).split(',')) expect(root).toHaveProperty(name.trim());
  }
});

it('the root has the makers and readers of each kind of data together', () => {
  for (const name of ['defineFloat', 'defineInteger', 'defineTarget', 'parseFormat', 'formatName', 'findTarget']) {
    expect(root).toHaveProperty(name);
  }
  for (const name of ['encode', 'decode', 'round', 'roundWithFlags', 'roundDecimal', 'explain', 'createUnit']) {
    expect(root).toHaveProperty(name);
  }
  for (const name of [
    'formatReport',
    'compareReports',
    'mergeReports',
    'createEngine',
    'createTensor',
    'BittrueError',
  ]) {
    expect(root).toHaveProperty(name);
  }
});
