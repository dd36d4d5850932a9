/**
 * `npm run pictures`: the pictures of README.md, docs/accumulators.md and docs/communication.md, from real runs.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accumulatorPictures } from './lib/accumulatorPictures.mjs';
import { communicationPictures } from './lib/communicationPictures.mjs';
import { answers, draw } from './lib/oneSum.mjs';
import { root } from './lib/project.mjs';

const formats = await import('bittrue/formats');
const library = {
  ...formats,
  ...(await import('bittrue/kernels')),
  ...(await import('bittrue/targets')),
};
const values = answers(library);
const folder = join(root, 'docs/pictures');
mkdirSync(folder, { recursive: true });
for (const look of /** @type {const} */ (['light', 'dark'])) {
  writeFileSync(join(folder, `one-sum-${look}.svg`), draw(values, look));
}
const charts = { ...(await import('bittrue/sweeps')), ...(await import('bittrue/reports')) };
for (const [name, svg] of Object.entries(accumulatorPictures(charts))) writeFileSync(join(folder, name), `${svg}\n`);
const messages = { ...(await import('bittrue/collectives')), ...formats, plotSvg: charts.plotSvg };
for (const [name, svg] of Object.entries(communicationPictures(messages)))
  writeFileSync(join(folder, name), `${svg}\n`);
console.log(values.join(' '));
