import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { walk } from '../../scripts/lib/project.mjs';
import { formatReport } from '../../src/reports/index.ts';
import { failure } from '../testing/helpers.ts';

/** Every text of the sources that reads like a schema. */
const written = new Set(
  walk('src', (path) => path.endsWith('.ts') && !path.endsWith('wasm.ts')).flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/'([A-Za-z-]+\/\d+)'/g)].map(([, schema]) => schema as string),
  ),
);
const table = readFileSync('docs/schemas.md', 'utf8');
const listed = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, schema]) => schema as string);

describe('schemas', () => {
  it('are in kebab case, each a row of one table, and each row is written somewhere', () => {
    for (const schema of written) expect(schema).toMatch(/^[a-z]+(-[a-z]+)*\/\d+$/);
    const older = new Set(['target/1']);
    expect(listed.toSorted()).toEqual([...written].filter((schema) => !older.has(schema)).sort());
  });

  it('of a later version are refused by name', () => {
    expect(failure(() => formatReport({ schema: 'report/3' } as never))).toBe('unsupported report.schema');
    expect(failure(() => formatReport({ schema: 'report/1' } as never))).toBe('type report');
    expect(failure(() => formatReport({ schema: 'check/1' } as never))).toBe('type report');
  });
});
