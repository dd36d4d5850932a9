/**
 * `npm run browser`: the kernels in headless Chromium, on the main thread and in a module worker, with and without
 * cross-origin isolation; bits, reports and the module's functions called must be those of Node. Exit status 77 where
 * there is no Chromium (`CHROMIUM` names another than Debian's). Pages with plots open there, too, without errors, requests or
 * overlapping labels; `SHOTS` names a folder for their screenshots.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { checks } from './lib/checks.mjs';
import { executablePath, hasChromium, launch, serve } from './lib/chromium.mjs';
import { checkPages } from './lib/pages.mjs';
import { root, run } from './lib/project.mjs';

if (!hasChromium) {
  console.log(`skipped: no ${executablePath}`);
  process.exit(77);
}
if (run(process.execPath, ['scripts/build.mjs', '--if-needed']) !== 0) process.exit(1);

const folder = mkdtempSync(join(tmpdir(), 'bittrue-browser-'));
await build({
  // The package's threads start from `../kernels/threads/worker.js`, seen from the module that holds the engine.
  entryPoints: {
    'app/kernels': join(root, 'scripts/browser/kernels.mjs'),
    'kernels/threads/worker': join(root, 'dist/kernels/threads/worker.js'),
  },
  outdir: folder,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  // Without the project's paths: the package's own name leads to `dist/`.
  tsconfigRaw: '{}',
  logLevel: 'warning',
});
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');

/** @type {Record<string, [type: string, text: string]>} */
const files = {
  'app/page.html': [
    'text/html',
    '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>kernels</title>',
  ],
  'app/kernels.js': ['text/javascript', readFileSync(join(folder, 'app/kernels.js'), 'utf8')],
  'app/worker.js': ['text/javascript', "import { kernels } from './kernels.js';\npostMessage(await kernels());\n"],
  'kernels/threads/worker.js': ['text/javascript', readFileSync(join(folder, 'kernels/threads/worker.js'), 'utf8')],
};
const { address, close } = await serve((path) => {
  const [, kind, name = ''] = /^\/(\w+)\/(.*)$/.exec(path) ?? [];
  const found = files[name];
  return found && { type: found[0], body: found[1], isIsolated: kind === 'isolated' };
});

/** @typedef {Awaited<ReturnType<typeof import('./browser/kernels.mjs').kernels>>} Answer */

const { check, failures } = checks();

const browser = await launch();
try {
  const /** @type {{ kernels: () => Promise<Answer> }} */ here = await import(
      pathToFileURL(join(folder, 'app/kernels.js')).href
    );
  const node = await here.kernels();
  console.log(`Node ${process.version}, Chromium ${browser.version()}`);
  for (const [name, { bits, report, calls }] of Object.entries(node.results)) {
    const [kernel, engine] = name.split(', ');
    const specified = node.results[`${kernel}, specification`];
    const runs = engine === 'specification' || calls !== '';
    check(`Node, ${name}: as the specification`, runs && bits === specified?.bits && report === specified.report);
  }
  check('Node: two threads', node.refusal === null);
  check('Node: a thread that dies', node.death === 'thread, right, replaced');
  for (const kind of ['isolated', 'plain']) {
    const page = await browser.newPage();
    page.on('pageerror', (error) => check(`${kind}: ${error.message}`, false));
    await page.goto(`${address}/${kind}/app/page.html`);
    for (const place of ['main thread', 'module worker']) {
      const answer = await page.evaluate(
        /** @returns {Promise<Answer>} */
        (isWorker) =>
          isWorker
            ? new Promise((resolve, reject) => {
                const worker = new Worker('worker.js', { type: 'module' });
                worker.onmessage = ({ data }) => resolve(data);
                worker.onerror = ({ message }) => reject(new Error(message));
              })
            : import(new URL('kernels.js', location.href).href).then(({ kernels }) => kernels()),
        place === 'module worker',
      );
      const isIsolated = kind === 'isolated';
      const canWait = isIsolated && place === 'module worker';
      check(`${kind}, ${place}: memory is ${isIsolated ? 'shared' : 'plain'}`, answer.isShared === isIsolated);
      check(
        `${kind}, ${place}: threads are ${canWait ? 'there' : 'refused'}`,
        answer.refusal === (canWait ? null : 'unsupported'),
      );
      check(
        `${kind}, ${place}: a thread that dies is told and replaced`,
        answer.death === (canWait ? node.death : null),
      );
      for (const [name, expected] of Object.entries(node.results)) {
        if (name.endsWith('two threads') && !canWait) continue;
        const found = answer.results[name];
        const same = found?.bits === expected.bits && found.report === expected.report;
        check(`${kind}, ${place}, ${name}: as in Node`, same && found.calls === expected.calls);
      }
    }
    await page.close();
  }
  await checkPages(browser, check, process.env.SHOTS);
} finally {
  await browser.close();
  close();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failures() > 0 ? 1 : 0);
