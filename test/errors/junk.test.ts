import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BittrueError, binary16, e4m3fn, layerNorm } from 'bittrue';
import { loadModel } from 'bittrue/models';
import { embeddedModel, openModel } from 'bittrue/node';
import { fp16 } from 'bittrue/targets';
import { describe, expect, it } from 'vitest';

type Call = (...args: unknown[]) => unknown;

const { exports } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  exports: Record<string, unknown>;
};
/** With what namespaces hold: `oracle.round`. The rational arithmetic `oracle.exact` promises nothing on junk, and says so. */
function flat(exported: Record<string, unknown>): Record<string, unknown> {
  const { oracle, ...rest } = exported;
  const { exact: _, ...members } = (oracle ?? {}) as Record<string, unknown>;
  return { ...rest, ...Object.fromEntries(Object.entries(members).map(([name, value]) => [`oracle.${name}`, value])) };
}

/** What every entry of the package exports: `./formats` is `src/formats/index.ts`. */
const entries = await Promise.all(
  Object.keys(exports)
    // A thread's own file exports nothing; test runners' files add matchers to an expect that is theirs.
    .filter((entry) => !['./package.json', './worker', './testing/vitest', './testing/jest'].includes(entry))
    .map(async (entry) => {
      const source = new URL(`../../src/${entry === '.' ? '' : `${entry.slice(2)}/`}index.ts`, import.meta.url);
      const exported = (await import(/* @vite-ignore */ fileURLToPath(source))) as Record<string, unknown>;
      return [entry, flat(exported)] as const;
    }),
);

/** Exports that promise nothing on junk, with the reason, which their documentation gives too. */
const exempt: Readonly<Record<string, string>> = {
  BittrueError: 'the error itself: only its argument and values are shown, whatever they are',
};
/** A reduction that holds itself. */
const circular: Record<string, unknown> = { kind: 'tiled', size: 2, across: 'chain' };
circular.within = circular;
const detached = new Float64Array(2);
structuredClone(detached.buffer, { transfer: [detached.buffer] });

const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();
const { proxy: revokedList, revoke: revokeList } = Proxy.revocable([], {});
revokeList();

const junk = [
  revoked,
  revokedList,
  undefined,
  null,
  {},
  [],
  Symbol('junk'),
  Number.NaN,
  '',
  'junk',
  () => 1,
  1e300,
  -1,
  true,
  10n,
  [undefined],
  { engine: {} },
  { target: Symbol('target'), rows: 1, width: 1 },
  new Proxy({}, {}),
  new Map(),
  new Array(3),
  [Symbol('junk')],
  circular,
  detached,
  { ...binary16, bits: Symbol('bits') },
  { ...binary16, mantissaBits: 1e9 },
  new Date(0),
  Object.create(null),
];
const opened = openModel(embeddedModel());
const model = loadModel(opened.config, opened.checkpoint);
const x = Float64Array.of(1, 2);
const { report } = layerNorm(x, { rows: 1, width: 2, target: fp16 });
/** Good arguments that many a function takes, so that what follows them is read. */
const heads: readonly (readonly unknown[])[] = [
  [binary16],
  [binary16, 1],
  ['mlDtypes', e4m3fn],
  ['mlDtypes', e4m3fn, 1],
  [fp16],
  ['binary16'],
  [1],
  [1, 1],
  [x],
  [x, x],
  [{ data: x, shape: [1, 2] }],
  [
    { data: x, shape: [1, 2] },
    { data: x, shape: [1, 2] },
  ],
  [report],
  [report, report],
];

/** The same for the rooms that take models: elsewhere they are only large. */
const modelHeads: readonly (readonly unknown[])[] = [
  [model],
  [model, [[1, 2]]],
  [model, [[1, 2]], [[1, 2]]],
  [opened.checkpoint],
  [opened.config],
];

const listsOf = (entry: string): readonly (readonly unknown[])[] => [
  [],
  ...junk.flatMap((one) => [
    [one],
    [one, one],
    [one, one, one],
    [one, one, one, one],
    [undefined, one],
    [undefined, undefined, one],
    ...heads.map((head) => [...head, one]),
    ...(entry === './models' || entry === './studies' ? modelHeads : []).map((head) => [...head, one]),
  ]),
];

/** The error that a call ends with other than by the library's own, or null. */
async function otherError(call: Call, args: readonly unknown[]): Promise<unknown> {
  try {
    const result = await call(...args);
    if (typeof (result as Generator | null)?.next === 'function') (result as Generator).next();
    return null;
  } catch (error) {
    return error instanceof BittrueError ? null : error;
  }
}

describe.each(entries)('%s refuses junk with a BittrueError', (entry, exported) => {
  const lists = listsOf(entry);
  const calls = Object.entries(exported).flatMap(([name, value]) =>
    typeof value === 'function' && exempt[name] === undefined ? [[name, value as Call] as const] : [],
  );

  it('exports something', () => {
    expect(Object.keys(exported).length).toBeGreaterThan(0);
  });

  if (calls.length > 0) {
    it.each(calls)('%s', async (name, call) => {
      // All 65,536 values of binary16, for each list that begins with it, would take as long as half of the calls.
      const own = name === 'oracle.values' ? lists.filter(([first]) => first !== binary16) : lists;
      for (const args of own) {
        const error = await otherError(call, args);
        if (error !== null) throw new Error(`on ${args.map(shown).join(', ')}`, { cause: error });
      }
    });
  }
});

describe('exports that promise nothing on junk', () => {
  it('are exported, and say so', () => {
    const all = Object.assign({}, ...entries.map(([, exported]) => exported)) as Record<string, unknown>;
    for (const name of Object.keys(exempt)) expect(typeof all[name]).toBe('function');
  });
});

function shown(value: unknown): string {
  if (value === revoked || value === revokedList) return 'a revoked proxy';
  if (typeof value === 'object' && value !== null) return `{ ${Object.keys(value).join(', ')} }`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}
