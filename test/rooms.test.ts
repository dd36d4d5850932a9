/**
 * `src/rooms.json` is law: who imports whom, where Node is allowed, and that the drawing is the plan.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { describe, expect, it } from 'vitest';
import { circles, drawing, type Import, importsOf, plan, roomOf, sources } from '../scripts/lib/rooms.mjs';

const imports = sources.flatMap(importsOf);
const isInside = (one: Import) => sources.includes(one.to);
const show = (one: Import) => `${one.from} → ${one.to}`;
const packageOf = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
const present = [...new Set(sources.map(roomOf))].sort();

describe('rooms', () => {
  it('are all in the plan, and the plan names no others', () => {
    expect(present).toEqual(Object.keys(plan.rooms).sort());
    for (const { imports } of Object.values(plan.rooms))
      expect(Object.keys(plan.rooms)).toEqual(expect.arrayContaining(imports));
  });

  it('import only the rooms that the plan allows', () => {
    const strays = imports
      .filter((one) => isInside(one) && roomOf(one.from) !== roomOf(one.to))
      .filter((one) => !plan.rooms[roomOf(one.from)]?.imports.includes(roomOf(one.to)));
    expect(strays.map(show)).toEqual([]);
  });

  it('import no file that is not there', () => {
    const lost = imports.filter((one) => one.to.endsWith('.ts') && !isInside(one));
    const escaping = imports.filter((one) => one.to.startsWith('..'));
    expect([...lost, ...escaping].map(show)).toEqual([]);
  });

  it('write relative imports with the extension of the source', () => {
    const relative = imports.filter((one) => /^(\.|[a-z]+\/)/.test(one.to) && present.includes(roomOf(one.to)));
    expect(relative.filter((one) => !/\.(ts|json)$/.test(one.to)).map(show)).toEqual([]);
  });

  it('use Node modules only where the plan says so', () => {
    const strays = imports.filter((one) => isBuiltin(one.to) && !plan.rooms[roomOf(one.from)]?.node);
    expect(strays.map(show)).toEqual([]);
    const bare = imports.filter((one) => isBuiltin(one.to) && !one.to.startsWith('node:'));
    expect(bare.map(show)).toEqual([]);
  });

  it('use only the packages that the plan gives them, and all of those', () => {
    const outside = imports.filter((one) => !isInside(one) && !isBuiltin(one.to) && !one.to.endsWith('.json'));
    const strays = outside.filter((one) => !plan.rooms[roomOf(one.from)]?.packages?.includes(packageOf(one.to)));
    expect(strays.map(show)).toEqual([]);
    for (const [room, { packages = [] }] of Object.entries(plan.rooms)) {
      const used = new Set(outside.filter((one) => roomOf(one.from) === room).map((one) => packageOf(one.to)));
      expect([...used].sort(), room).toEqual([...packages].sort());
    }
  });

  it('form no circle', () => {
    expect(circles(Object.keys(plan.rooms), (room) => plan.rooms[room]?.imports ?? [])).toEqual([]);
  });

  it('hold no files that import each other in a circle, types included', () => {
    const next = new Map(
      sources.map((path) => [path, imports.filter(({ from }) => from === path).map(({ to }) => to)]),
    );
    expect(circles(sources, (path) => (next.get(path) ?? []).filter((to) => next.has(to)))).toEqual([]);
  });

  it.each(Object.entries(plan.sharing))('%s shares code with %s alone, and types with all', (area, rooms) => {
    const strays = imports
      .filter((one) => one.from.startsWith(`${area}/`) && !one.to.startsWith(`${area}/`))
      .filter((one) => !isInside(one) || !(one.isType || rooms.includes(roomOf(one.to))));
    expect(strays.map(show)).toEqual([]);
  });
});

describe.each(present.filter((room) => room !== 'index'))('room %s', (room) => {
  it('has an index.ts, or is the command', () => {
    expect(existsSync(`src/${room}/index.ts`)).toBe(room !== 'cli');
  });

  it('has a README.md of at most 15 lines', () => {
    const lines = readFileSync(`src/${room}/README.md`, 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(15);
    expect(lines[0]).toMatch(/^# /);
  });
});

describe('docs/architecture.md', () => {
  it('draws the plan (else: npm run architecture)', () => {
    expect(readFileSync('docs/architecture.md', 'utf8')).toContain(drawing());
  });
});
