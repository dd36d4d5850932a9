/**
 * What the documentation says is so: every `@example`, every ts block of the guides and every program of
 * `examples/` runs, and a value written behind an expression is its value.
 *
 * @module
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { cache, root, walk } from '../../scripts/lib/project.mjs';
import { expectation, instrument, parseLiteral, rest, snippets } from '../../scripts/lib/snippets.mjs';

const folder = join(cache, 'snippets');

/** Whether a value is what a comment says: the same numbers and signs of zero, typed arrays as arrays. */
function matches(actual: unknown, wanted: unknown): boolean {
  if (Object.is(actual, wanted)) return true;
  if (typeof actual !== 'object' || typeof wanted !== 'object' || actual === null || wanted === null) return false;
  if (Array.isArray(wanted)) {
    const items: unknown[] | undefined = Array.isArray(actual)
      ? actual
      : ArrayBuffer.isView(actual) && !(actual instanceof DataView)
        ? Array.from(actual as Float64Array)
        : undefined;
    if (items === undefined) return false;
    const open = wanted.at(-1) === rest;
    const fixed = open ? wanted.slice(0, -1) : wanted;
    return (
      (open ? items.length >= fixed.length : items.length === fixed.length) &&
      fixed.every((one, i) => matches(items[i], one))
    );
  }
  const expected = Object.entries(wanted).filter(([key]) => key !== rest);
  const open = rest in wanted;
  if (Array.isArray(actual) || (!open && Object.keys(actual).length !== expected.length)) return false;
  return expected.every(([key, one]) => key in actual && matches((actual as Record<string, unknown>)[key], one));
}

/** What `instrument` calls for every `expression; // value`. */
async function check(
  evaluate: () => unknown,
  wanted: { literal?: string; throws?: string },
  line: number,
): Promise<void> {
  if (wanted.throws !== undefined) {
    let thrown: unknown;
    try {
      await evaluate();
    } catch (error) {
      thrown = error;
    }
    if (thrown === undefined) throw new Error(`line ${line} of the snippet: nothing was thrown`);
    const { name, code } = thrown as { name?: string; code?: string };
    if (wanted.throws !== '' && wanted.throws !== name && wanted.throws !== code) throw thrown;
    return;
  }
  const actual = await evaluate();
  if (!matches(actual, parseLiteral(wanted.literal ?? '')?.value)) {
    const shown = inspect(actual, { depth: 6, breakLength: Number.POSITIVE_INFINITY });
    throw new Error(`line ${line} of the snippet: the comment says ${wanted.literal}, the value is ${shown}`);
  }
}

/** Everything that is printed while a program runs, as the terminal would show it. */
async function capture(run: () => Promise<unknown>): Promise<string> {
  let output = '';
  const print = (...values: unknown[]): void => {
    output += `${format(...values)}\n`;
  };
  for (const method of ['log', 'info', 'table'] as const) vi.spyOn(console, method).mockImplementation(print);
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    output += String(chunk);
    return true;
  });
  try {
    await run();
  } finally {
    vi.restoreAllMocks();
  }
  return output;
}

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  Object.assign(globalThis, { checkDocumentation: check });
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('documentation', () => {
  const all = snippets();
  for (const file of new Set(all.map((one) => one.file))) {
    const found = all.filter((one) => one.file === file);
    describe(file, () => {
      it.each(found.map(({ line, code }) => [line, code] as const))('line %i', async (line, code) => {
        const module = join(folder, `${file.replaceAll(/[^a-zA-Z0-9]/g, '-')}-${line}.ts`);
        writeFileSync(module, `${instrument(code, 'globalThis.checkDocumentation').code}\nexport {};\n`);
        await capture(() => import(/* @vite-ignore */ module));
      });
    });
  }
});

const programs = walk('examples', (path) => /\.(ts|mjs|js)$/.test(path) && !path.endsWith('.d.ts'));

describe.runIf(programs.length > 0)('examples', () => {
  it.each(programs)('%s', async (path) => {
    const before = process.exitCode;
    const output = await capture(() => import(/* @vite-ignore */ join(root, path)));
    expect(process.exitCode ?? 0).toBe(before ?? 0);
    const promised = join(root, path.replace(/\.[a-z]+$/, '.out'));
    if (existsSync(promised)) expect(output).toBe(readFileSync(promised, 'utf8'));
  });
});

describe('the reader of comments', () => {
  it.each([
    ['65504', 65504],
    ['-0', -0],
    ['NaN: the default of OCP', Number.NaN],
    ['-Infinity (below the lowest)', Number.NEGATIVE_INFINITY],
    ["'e4m3fn'", 'e4m3fn'],
    ['[1, -0, NaN]', [1, -0, Number.NaN]],
    ['Float64Array(2) [ 1, 2 ]', [1, 2]],
    ["{ code: 'shape', at: [1] }", { code: 'shape', at: [1] }],
    ['0x7bff; the largest', 0x7bff],
    ['1n', 1n],
  ])('takes %s as a value', (comment, value) => {
    const { literal = '' } = expectation(comment) ?? {};
    expect(matches(parseLiteral(literal)?.value, value)).toBe(true);
  });

  it.each(['448 is the largest', 'the code', 'binary16', '2 ** 5', '', 'a: 5', 'x => x'])(
    'takes "%s" as prose',
    (comment) => {
      expect(expectation(comment)).toBeUndefined();
    },
  );

  it('does not confuse values', () => {
    expect(matches(0, -0)).toBe(false);
    expect(matches([1, 2], [1])).toBe(false);
    expect(matches({ a: 1, b: 2 }, { a: 1 })).toBe(false);
    expect(matches({ a: 1, b: 2 }, parseLiteral('{ a: 1, … }')?.value)).toBe(true);
    expect(matches([1, 2, 3], parseLiteral('[1, 2, …]')?.value)).toBe(true);
    expect(matches([1], parseLiteral('[1, 2, …]')?.value)).toBe(false);
  });

  it('finds a wrong value, and an error that does not come', async () => {
    await expect(check(() => 1, { literal: '2' }, 1)).rejects.toThrow('the comment says 2, the value is 1');
    await expect(check(() => 1, { throws: '' }, 1)).rejects.toThrow('nothing was thrown');
  });

  it('checks statements, printed values and constants, and leaves prose alone', () => {
    const code =
      "const x = 5; // 5\nf(x); // 'a'\nconsole.log(x); // 5\nf(x); // prose\nawait g(); // throws TypeError\nif (x) {\n  x; // 5\n}\n";
    expect(instrument(code, 'check').checks).toBe(5);
    expect(instrument(code, 'check').code.split('\n')).toHaveLength(code.split('\n').length);
  });
});
