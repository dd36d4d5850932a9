/**
 * How long the kernel page takes for an update while its slider is dragged, 4096 rows of 64, and until a page is there. Prints; asserts
 * nothing: `node bench/drag.mjs`.
 *
 * @module
 */
import { open } from '../test/browser.mjs';

const site = await open();
const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];

for (const kernel of ['rmsNorm', 'layerNorm', 'softmax']) {
  const { page, leave } = await site.visit(`kernel.html#k=${kernel}&d=normal&n=4096&w=64&s=2&o=60`);
  await page.waitForSelector('[data-verdict]');
  const times = await page.evaluate(async () => {
    const slider = document.querySelector('[data-input=s]');
    performance.clearMeasures('update');
    const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
    for (let n = 0; n < 100; n++) {
      slider.value = String(1 + ((n * 37) % 900));
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      await frame();
      await frame();
      await new Promise((go) => setTimeout(go));
    }
    return performance.getEntriesByName('update').map(({ duration }) => duration);
  });
  const sorted = times.toSorted((p, q) => p - q);
  const told = [0.5, 0.95, 1].map((share) => quantile(sorted, share).toFixed(1));
  const below = (100 * times.filter((time) => time < 50).length) / times.length;
  console.log(
    `${kernel} 4096 x 64: ${times.length} updates, median ${told[0]} ms, 95 % ${told[1]} ms, most ${told[2]} ms; ${below.toFixed(0)} % below 50 ms`,
  );
  await leave();
}
for (const path of ['number.html', 'two.html', 'steps.html', 'kernel.html', 'accumulator.html']) {
  const { page, leave } = await site.visit('404.html');
  await page.goto(`${site.address}${path}`, { waitUntil: 'commit' });
  await page.waitForSelector('.playground');
  console.log(`${path}: interactive after ${(await page.evaluate(() => performance.now())).toFixed(0)} ms`);
  await leave();
}
await site.close();
