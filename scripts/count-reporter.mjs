/**
 * A vitest reporter that ends the run with `N passed, N failed` (and `, N skipped`) alone on a line,
 * and leaves the same counts in `.cache/test-counts.json` for `.ci/run`.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const cache = new URL('../.cache/', import.meta.url);

export default class CountReporter {
  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    // An unhandled error outside every test must not hide behind green tests.
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') counts.passed++;
        else if (state === 'skipped') counts.skipped++;
        else counts.failed++;
      }
      // Files that do not load, empty suites and failing hooks hold no failed test: each counts as one.
      for (const suite of [module, ...module.children.allSuites()]) if (suite.errors().length > 0) counts.failed++;
    }
    mkdirSync(fileURLToPath(cache), { recursive: true });
    writeFileSync(new URL('test-counts.json', cache), `${JSON.stringify(counts)}\n`);
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
  }
}
