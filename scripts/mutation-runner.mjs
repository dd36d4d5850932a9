/**
 * The test runner of `npm run test:mutation`, a plugin of Stryker.
 *
 * The tests that mutants meet take milliseconds each, and there are thousands of mutants: starting vitest for every one
 * of them would cost ten times the tests. So the selected test files and all sources are bundled once, and the bundle is
 * evaluated anew for every mutant, so that nothing which a module keeps outlives it. Tests are vitest's own files with
 * vitest's own `expect`; `describe` and `it` are the few lines below, for tests that are synchronous.
 *
 * Time is the processor's, not the clock's, so that a busy machine stops no mutant: the tests run in a worker, which is
 * terminated when a mutant has used a tenth of what Stryker allows by the clock.
 *
 * Stryker's switches compare strings and count every visit, several times the price of the arithmetic around them. Here
 * a switch is the comparison of two integers, and visits are counted in the first run only, which asks for them.
 *
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { format } from 'node:util';
import { compileFunction } from 'node:vm';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';
import { build } from 'esbuild';

/** What mutants meet, the quickest tests first: the first failure ends a mutant's run. */
const files = [
  'test/setup',
  'test/rounding/codes.test',
  'test/rounding/philox.test',
  'test/rounding/policy.test',
  'test/arithmetic/refusals.test',
  'test/rounding/extremes.test',
  'test/rounding/told.test',
  'test/rounding/edges.test',
  'test/arithmetic/edges.test',
  'test/rounding/binary64.test',
  'test/arithmetic/quick.test',
  'test/arithmetic/extremes.test',
  'test/rounding/decimal.test',
  'test/rounding/explain.test',
  'test/rounding/profiles.test',
  'test/rounding/compareProfiles.test',
  'test/arithmetic/exponential.test',
  'test/arithmetic/binary64.test',
  'test/arithmetic/binary64Exponential.test',
  'test/arithmetic/requantize/quantizeLinear.test',
  'test/arithmetic/requantize/edges.test',
  'test/arithmetic/requantize/requantize.test',
  'test/rounding/stochastic.test',
  'test/rounding/round.test',
];
/** Packages that keep nothing from test to test. */
const packages = ['fast-check', 'bignumber.js', 'fp16', '@petamoriken/float16'];

/** The share of property runs, small formats and biased cases: see test/rounding/helpers.ts. */
const SHARE = '0.05';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

/** What Stryker puts before the first statement of every file, once; `harness` is the evaluation's own. */
const runtime = `
export const active = harness.active;
export const records = harness.visits !== null;
export function hit() {
  if (++harness.hits > harness.hitLimit) throw new Error('Hit limit reached');
  return true;
}
export function cover(...ids) {
  for (const id of ids) harness.visits[id] = (harness.visits[id] ?? 0) + 1;
}
`;
const header = /function stryNS_9fa48\(\) \{.*?return isActive\(id\);\n\}\n/s;

/** @type {import('esbuild').Plugin} */
const switches = {
  name: 'switches',
  setup(bundle) {
    bundle.onResolve({ filter: /^vitest$/ }, ({ path }) => ({ path, namespace: 'harness' }));
    bundle.onResolve({ filter: /^stryker-switches$/ }, ({ path }) => ({ path, namespace: 'harness' }));
    bundle.onLoad({ filter: /^vitest$/, namespace: 'harness' }, () => ({
      contents: 'export const { describe, expect, it } = harness;',
    }));
    bundle.onLoad({ filter: /^stryker-switches$/, namespace: 'harness' }, () => ({ contents: runtime }));
    bundle.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      if (!source.includes('_9fa48')) return { contents: source, loader: 'ts' };
      const contents = source
        .replace(header, '')
        .replace(/stryMutAct_9fa48\("(\d+)"\)/g, '(active_9f === $1 && hit_9f())')
        .replace(/stryCov_9fa48\(([^)]*)\)/g, '(records_9f && cover_9f($1))');
      if (contents.includes('_9fa48')) throw new Error(`${path}: not the switches that Stryker 9 writes`);
      const names = ['active', 'hit', 'records', 'cover'].map((name) => `${name} as ${name}_9f`).join(', ');
      return { contents: `import { ${names} } from 'stryker-switches';\n${contents}`, loader: 'ts' };
    });
  },
};

/**
 * @typedef {{ name: string; run: () => unknown }} Test
 * @typedef {(title: string, body: (...args: any[]) => unknown) => void} Define
 * @typedef {{ active: number; hits: number; hitLimit: number; visits: Record<string, number> | null }} Harness
 * @typedef {{ active: number; testFilter: string[] | undefined; hitLimit: number; disableBail: boolean }} Question
 */

/**
 * `describe` and `it` that write tests into a list.
 *
 * @param {Test[]} tests
 */
function collector(tests) {
  /** @type {string[]} */
  const path = [];
  /** @type {(title: string, args: readonly unknown[]) => string} */
  const titled = (title, args) => (title.includes('%') ? format(title, ...args) : title);
  /** @type {Define} */
  const describe = (title, body) => {
    path.push(title);
    body();
    path.pop();
  };
  /** @type {Define} */
  const it = (title, run) => {
    tests.push({ name: [...path, title].join(' > '), run });
  };
  /** @param {Define} define */
  const withVariants = (define) =>
    Object.assign(define, {
      /** @param {readonly unknown[]} table */
      each: (table) => {
        /** @type {Define} */
        const defineRows = (title, body) => {
          for (const [i, row] of table.entries()) {
            const args = Array.isArray(row) ? row : [row];
            define(`${titled(title, args)} (${i})`, () => body(...args));
          }
        };
        return defineRows;
      },
      /** @param {boolean} isSkipped */
      skipIf: (isSkipped) => (isSkipped ? () => {} : define),
    });
  return { describe: withVariants(describe), it: withVariants(it), expect: chai.expect };
}

/** How long each test took in the first run, in the sandbox, for all runners. */
const TIMES = '.test-times.json';
/** Stryker's limit by the clock over ours by the processor. */
const CLOCK_PER_CPU = 10;
/** How often the processor's time is read, in milliseconds. */
const POLL = 100;

const cpuTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** What Stryker talks to: it bundles, and keeps a worker that evaluates. */
class SourceRunner {
  source = '';
  /** @type {Worker | undefined} */
  worker;

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    const { outputFiles } = await build({
      stdin: { contents: files.map((file) => `import './${file}.ts';\n`).join(''), resolveDir: process.cwd() },
      bundle: true,
      write: false,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      external: packages,
      // package.json promises no side effects, and tests are nothing else.
      ignoreAnnotations: true,
      logLevel: 'warning',
      plugins: [switches],
    });
    this.source = outputFiles[0]?.text ?? '';
  }

  async dispose() {
    await this.worker?.terminate();
  }

  dryRun() {
    return this.ask({ kind: 'dryRun' }, Infinity);
  }

  /**
   * @param {{ activeMutant: { id: string }; testFilter?: string[]; hitLimit?: number; disableBail: boolean; timeout: number }}
   *   options
   */
  mutantRun({ activeMutant, testFilter, hitLimit = Infinity, disableBail, timeout }) {
    const active = Number(activeMutant.id);
    return this.ask({ kind: 'mutantRun', active, testFilter, hitLimit, disableBail }, timeout / CLOCK_PER_CPU);
  }

  /**
   * The worker's answer; where it takes more than `limit` milliseconds of the processor, a timeout.
   *
   * @param {{ kind: 'dryRun' } | (Question & { kind: 'mutantRun' })} question
   * @param {number} limit
   */
  ask(question, limit) {
    this.worker ??= new Worker(new URL(import.meta.url), { workerData: { source: this.source } });
    const { worker } = this;
    const start = cpuTime();
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearInterval(poll);
        worker.off('message', answered);
        worker.off('error', failed);
      };
      /** @param {unknown} answer */
      const answered = (answer) => {
        settle();
        resolve(answer);
      };
      /** @param {unknown} error */
      const failed = (error) => {
        settle();
        this.worker = undefined;
        reject(error);
      };
      const poll = setInterval(() => {
        const spent = cpuTime() - start;
        if (spent < limit) return;
        settle();
        this.worker = undefined;
        const answer = { status: 'timeout', reason: `${Math.round(spent)} ms of the processor` };
        worker.terminate().then(() => resolve(answer), reject);
      }, POLL);
      worker.on('message', answered);
      worker.on('error', failed);
      worker.postMessage(question);
    });
  }
}

/** In the worker: evaluates the bundle, and runs tests. */
class Evaluator {
  /**
   * @param {string} source
   * @param {Map<string, unknown>} modules
   */
  constructor(source, modules) {
    this.source = source;
    this.modules = modules;
  }

  /** @param {string} source */
  static async create(source) {
    process.env.PROPERTY_RUNS = SHARE;
    const modules = new Map();
    for (const name of packages) modules.set(name, await import(name));
    return new Evaluator(source, modules);
  }

  /**
   * All tests, from an evaluation of their own.
   *
   * @param {Harness} harness
   */
  load(harness) {
    /** @type {Test[]} */
    const tests = [];
    compileFunction(this.source, ['require', 'module', 'exports', 'harness'])(
      (/** @type {string} */ name) => this.modules.get(name) ?? process.getBuiltinModule(name),
      { exports: {} },
      {},
      Object.assign(harness, collector(tests)),
    );
    return tests.map((test, i) => ({ ...test, id: `${i} ${test.name}` }));
  }

  /** Times are those of tests that count no visits. */
  dryRun() {
    const results = this.load(harnessOf(-1)).map(({ id, name, run }) => {
      const start = cpuTime();
      const failure = attempt(run);
      const result = { id, name, timeSpentMs: cpuTime() - start };
      return failure === null ? { ...result, status: 0 } : { ...result, status: 1, failureMessage: failure };
    });
    writeFileSync(TIMES, JSON.stringify(Object.fromEntries(results.map(({ id, timeSpentMs }) => [id, timeSpentMs]))));
    const harness = harnessOf(-1);
    /** @type {Record<string, number>} */
    const outsideTests = {};
    /** @type {Record<string, Record<string, number>>} */
    const perTest = {};
    harness.visits = outsideTests;
    for (const { id, run } of this.load(harness)) {
      harness.visits = {};
      perTest[id] = harness.visits;
      attempt(run);
    }
    return { status: 'complete', tests: results, mutantCoverage: { static: outsideTests, perTest } };
  }

  /** @param {Question} question */
  mutantRun({ active, testFilter, hitLimit, disableBail }) {
    const harness = harnessOf(active, hitLimit);
    const wanted = testFilter && new Set(testFilter);
    /** @type {string[]} */
    const killedBy = [];
    let failureMessage = '';
    let nrOfTests = 0;
    /** @type {ReturnType<Evaluator['load']>} */
    let tests = [];
    try {
      tests = this.load(harness);
    } catch (error) {
      // A module that does not load fails every test.
      const all = testFilter ?? this.load(harnessOf(-1)).map(({ id }) => id);
      return { status: 'killed', killedBy: all.slice(0, 1), failureMessage: String(error), nrOfTests };
    }
    /** @type {Record<string, number>} */
    const times = existsSync(TIMES) ? JSON.parse(readFileSync(TIMES, 'utf8')) : {};
    const met = tests.filter(({ id }) => wanted?.has(id) ?? true);
    met.sort((p, q) => (times[p.id] ?? 0) - (times[q.id] ?? 0));
    for (const { id, run } of met) {
      nrOfTests += 1;
      const failure = attempt(run);
      if (harness.hits > hitLimit) return { status: 'timeout', reason: `Hit limit reached (${hitLimit})` };
      if (failure === null) continue;
      failureMessage ||= failure;
      killedBy.push(id);
      if (!disableBail) break;
    }
    if (killedBy.length === 0) return { status: 'survived', nrOfTests };
    return { status: 'killed', killedBy, failureMessage, nrOfTests };
  }
}

/**
 * What one evaluation of the bundle shares with whoever runs its tests.
 *
 * @param {number} active
 * @returns {Harness}
 */
function harnessOf(active, hitLimit = Infinity) {
  return { active, hits: 0, hitLimit, visits: null };
}

/**
 * What a test fails with, or null.
 *
 * @param {() => unknown} run
 */
function attempt(run) {
  try {
    return run() instanceof Promise ? 'an asynchronous test, which this runner does not wait for' : null;
  } catch (error) {
    return String(error instanceof Error ? error.message : error).slice(0, 500);
  }
}

if (!isMainThread && parentPort !== null && workerData?.source !== undefined) {
  const port = parentPort;
  const evaluator = Evaluator.create(workerData.source);
  port.on('message', async (/** @type {Question & { kind: 'dryRun' | 'mutantRun' }} */ question) => {
    port.postMessage((await evaluator)[question.kind](question));
  });
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'sources', injectableClass: SourceRunner }];
