/**
 * `npm run bundlers`: threads in bundles. Packs the package, installs the tarball into an empty folder, and bundles a
 * page that runs a kernel on two threads with Vite and webpack, which find the threads' module themselves, and with
 * esbuild, which is given `bittrue/worker` as an entry of its own. Each bundle must give the bits of one thread in
 * headless Chromium, esbuild's also in Node. What cannot be had (Chromium, webpack) is told and skipped.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { checks } from './lib/checks.mjs';
import { executablePath, hasChromium, launch, serve } from './lib/chromium.mjs';
import { root } from './lib/project.mjs';
import { installPacked, quietly } from './lib/stranger.mjs';

const folder = mkdtempSync(join(tmpdir(), 'bittrue-bundlers-'));
const { check, failures } = checks();

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} [cwd]
 */
function call(program, args, cwd = folder) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 300_000 });
  return { ok: status === 0, text: `${stdout}\n${stderr}`.trim() };
}

/**
 * A sum of products on two threads, and on one; `options` holds what a bundler needs to be told.
 *
 * @param {string} options
 */
const app = (options) => `
import { closeEngine, createEngine } from 'bittrue/engine';
import { matmul } from 'bittrue/kernels';

const size = 512;
const a = Float32Array.from({ length: size * size }, (_, i) => ((i * 7919) % 2048) / 1024 - 1);
const bits = ({ output, report }) => [output.reduce((sum, x, i) => sum + x * (i % 97), 0), JSON.stringify(report.counts)].join();
export async function answer() {
  const engine = await createEngine({ workers: 2${options} });
  const shape = { m: size, n: size, k: size, target: 'fp16' };
  const two = bits(matmul(a, a, { ...shape, engine }));
  const threads = engine.pool.threads.length;
  await closeEngine(engine);
  return two === bits(matmul(a, a, { ...shape, engine: null })) && threads === 1 ? 'the same bits' : 'other bits';
}
`;
/** A page's main thread may not wait: the app runs in a worker of its own. */
const files = {
  'index.html': '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./page.js"></script>',
  'page.js':
    "const app = new Worker(new URL('./app.js', import.meta.url), { type: 'module' });\napp.onmessage = ({ data }) => { document.title = data; };\napp.onerror = ({ message }) => { document.title = 'error: ' + message; };\n",
  'app.js':
    "import { answer } from './answer.js';\nanswer().then(postMessage, (error) => postMessage('error: ' + error));\n",
  'answer.js': app(''),
};

/** Serves a folder with cross-origin isolation and opens its page; what the app found. */
async function visit(/** @type {import('playwright-core').Browser} */ browser, /** @type {string} */ site) {
  const types = { '.html': 'text/html', '.js': 'text/javascript' };
  const { address, close } = await serve((path) => {
    const file = join(site, path.replace(/\/$/, '/index.html'));
    if (!existsSync(file)) return undefined;
    const type = types[/** @type {keyof typeof types} */ (extname(file))] ?? 'application/octet-stream';
    return { type, body: readFileSync(file), isIsolated: true };
  });
  const page = await browser.newPage();
  try {
    await page.goto(`${address}/`);
    await page.waitForFunction(() => document.title !== '', undefined, { timeout: 120_000 });
    return await page.title();
  } catch (error) {
    return String(error);
  } finally {
    await page.close();
    close();
  }
}

/** Builds the page with each bundler; the folders to serve, by the bundler's name. */
async function bundle() {
  /** @type {Record<string, string>} */
  const sites = {};
  const esbuild = await import('esbuild');
  const [source, site] = [join(folder, 'source'), join(folder, 'esbuild')];
  mkdirSync(source);
  for (const name of /** @type {const} */ (['page.js', 'app.js'])) writeFileSync(join(source, name), files[name]);
  writeFileSync(join(source, 'answer.js'), app(", worker: new URL('./worker.js', import.meta.url)"));
  await esbuild.build({
    entryPoints: { page: './page.js', app: './app.js', answer: './answer.js', worker: 'bittrue/worker' },
    absWorkingDir: source,
    outdir: site,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
  });
  writeFileSync(join(site, 'index.html'), files['index.html']);
  writeFileSync(join(site, 'package.json'), '{ "type": "module" }\n');
  sites.esbuild = site;

  const vite = await import(join(root, 'node_modules/vite/dist/node/index.js'));
  await vite.build({
    root: folder,
    base: './',
    logLevel: 'error',
    worker: { format: 'es' },
    build: { outDir: join(folder, 'vite') },
  });
  sites.vite = join(folder, 'vite');

  if (call('npm', ['install', ...quietly, '--no-save', 'webpack@5']).ok) {
    const { default: webpack } = await import(join(folder, 'node_modules/webpack/lib/index.js'));
    const output = { path: join(folder, 'webpack'), filename: 'page.js', publicPath: 'auto' };
    const compiler = webpack({
      context: folder,
      mode: 'production',
      entry: './page.js',
      output,
      performance: { hints: false },
    });
    const text = await new Promise((ready) =>
      compiler.run((/** @type {Error | null} */ error, /** @type {any} */ stats) =>
        ready(error ? String(error) : stats.toString({ all: false, errors: true })),
      ),
    );
    check('webpack bundles', text === '', text);
    writeFileSync(join(folder, 'webpack/index.html'), files['index.html']);
    sites.webpack = join(folder, 'webpack');
  } else console.log('skipped webpack: it cannot be installed');
  return sites;
}

try {
  const { ok, text: said } = installPacked(folder);
  check('npm pack, and install of the tarball', ok, said);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const sites = await bundle();
  writeFileSync(
    join(sites.esbuild, 'main.js'),
    "import { answer } from './answer.js';\nconsole.log(await answer());\n",
  );
  const { text } = call(process.execPath, ['main.js'], sites.esbuild);
  check('esbuild, in Node: two threads', text === 'the same bits', text);

  if (hasChromium) {
    const browser = await launch();
    for (const [name, site] of Object.entries(sites)) {
      const found = await visit(browser, site);
      check(`${name}, in Chromium: two threads`, found === 'the same bits', found);
    }
    await browser.close();
  } else console.log(`skipped the browser: no ${executablePath}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failures() > 0 ? 1 : 0);
