/**
 * The kernel page's thread, and the threads that it shares rows with, bundled by esbuild into files that the site serves as they
 * are: it takes a second, where the bundler of the pages would take a minute.
 *
 * @module
 */
import { join } from 'node:path';
import { build } from '../../node_modules/esbuild/lib/main.js';
import { root, site } from './place.mjs';

/** `bittrue` and its sub-paths are what was built. */
const library = {
  name: 'library',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^bittrue(\/|$)/ }, ({ path }) => ({ path: join(root, `dist${path.slice(7)}/index.js`) })),
};

/** @param {string} folder where `kernel.js` and `rows.js` go, with what they share */
export async function bundleThreads(folder) {
  await build({
    entryPoints: {
      kernel: join(site, 'playground/kernel/worker.ts'),
      rows: join(root, 'dist/kernels/threads/worker.js'),
    },
    outdir: folder,
    plugins: [library],
    ...{ bundle: true, splitting: true, format: 'esm', minify: true, target: 'es2022', logLevel: 'warning' },
  });
}
