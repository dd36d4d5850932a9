/**
 * package.json agrees with the rooms, and the lockfile is free of addresses.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { entryPoints, home, manifest } from '../../scripts/lib/project.mjs';
import { plan } from '../../scripts/lib/rooms.mjs';

describe('package.json', () => {
  it('exports the root, every room, the parts of rooms that the plan names, the module of threads, and nothing else', () => {
    const rooms = Object.entries(plan.rooms).flatMap(([room, { subPath, subPaths = [] }]) =>
      subPath === false ? [] : [room, ...subPaths.map((part) => `${room}/${part}`)],
    );
    const names = entryPoints().map(({ name }) => name);
    expect(names.sort()).toEqual([...rooms, 'worker'].sort());
    expect(manifest.exports['./package.json']).toBe('./package.json');
  });

  it.each(entryPoints())('$specifier has types, and a source', ({ name, source, types, file }) => {
    const stem = { index: 'dist/index', worker: 'dist/kernels/threads/worker' }[name] ?? `dist/${name}/index`;
    expect([types, file]).toEqual([`${stem}.d.ts`, `${stem}.js`]);
    expect(existsSync(source)).toBe(true);
  });

  it('gives the types before the module: a resolver takes the first condition that holds', () => {
    for (const target of Object.values(manifest.exports)) {
      if (typeof target === 'object' && target !== null) expect(Object.keys(target)).toEqual(['types', 'default']);
    }
  });

  it('has no side effects but where threads start, is ESM, and asks for the Node that we test', () => {
    const runners = ['./testing/vitest', './testing/jest'];
    const sideEffects = ['./worker', ...runners].map((entry) => manifest.exports[entry].default);
    expect(manifest).toMatchObject({ type: 'module', sideEffects, license: 'MIT' });
    expect(manifest.engines.node).toBe(`>=${readFileSync('.nvmrc', 'utf8').trim()}`);
  });

  it('says where it lives, from one constant: links of the README on npm lead there', () => {
    expect(manifest).toMatchObject({
      homepage: `${home}#readme`,
      repository: { type: 'git', url: `git+${home}.git` },
      bugs: `${home}/issues`,
    });
  });

  it('depends on the packages of the plan at exact versions; what only bittrue/testing needs is an optional peer', () => {
    const packages = Object.values(plan.rooms).flatMap(({ packages = [] }) => packages);
    const optional = Object.keys(manifest.peerDependencies);
    expect([...Object.keys(manifest.dependencies), ...optional].sort()).toEqual([...new Set(packages)].sort());
    for (const version of Object.values(manifest.dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(optional).toEqual(['fast-check', 'vitest']);
    for (const peer of optional) {
      const users = Object.keys(plan.rooms).filter((room) => plan.rooms[room]?.packages?.includes(peer));
      expect(users).toEqual(['testing']);
      expect(manifest.peerDependenciesMeta[peer]).toEqual({ optional: true });
    }
  });
});

describe('package-lock.json', () => {
  interface Entry {
    readonly version?: string;
    readonly resolved?: string;
    readonly integrity?: string;
    readonly optional?: boolean;
    readonly optionalDependencies?: object;
  }
  const lock: { packages: Record<string, Entry> } = JSON.parse(readFileSync('package-lock.json', 'utf8'));

  it('holds no address that packages were loaded from', () => {
    expect(Object.keys(lock.packages).filter((path) => lock.packages[path]?.resolved !== undefined)).toEqual([]);
  });

  it('holds the optional packages of every platform: npm ci refuses it otherwise (else: npm run lock)', () => {
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !lock.packages[`${path}/node_modules/${name}`] && !lock.packages[`node_modules/${name}`],
      ),
    );
    expect(missing).toEqual([]);
    expect(Object.values(lock.packages).filter(({ version }) => version === undefined)).toEqual([]);
  });

  it('has the hash of every package, but of those whose reason stands in lockWithoutIntegrity.json', () => {
    const reasons: Record<string, string> = JSON.parse(readFileSync('test/package/lockWithoutIntegrity.json', 'utf8'));
    const without = Object.entries(lock.packages).filter(([path, { integrity }]) => path !== '' && !integrity);
    const name = (path: string, { version }: Entry) => `${path.replace(/^node_modules\//, '')}@${version}`;
    expect(without.map(([path, entry]) => name(path, entry)).sort()).toEqual(Object.keys(reasons).sort());
    // npm would take a package without a hash unseen: none that is installed on every platform may be among them.
    expect(without.every(([, { optional }]) => optional === true)).toBe(true);
    for (const reason of Object.values(reasons)) expect(reason).toMatch(/^\w.{20,}\.$/);
    for (const [path, { integrity }] of Object.entries(lock.packages)) {
      if (path !== '' && integrity) expect(integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
    }
  });
});
