/**
 * How long the kernel page takes to show what its slider is dragged to, 4096 rows of 64, and how soon a page answers. Prints; asserts
 * nothing: `node bench/drag.mjs` on a built site.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { open } from '../test/browser.mjs';

const site = await open();
const quantile = (times, share) => {
  const sorted = times.toSorted((p, q) => p - q);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1);
};
const INPUTS = 300;

/** An input a frame; from each of them to the moment at which the page shows what it, or a later one, asked for. */
async function drag(page) {
  return page.evaluate(async (inputs) => {
    const slider = document.querySelector('[data-input=s]');
    const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
    performance.clearMeasures('update');
    const at = [];
    for (let n = 0; n < inputs; n++) {
      await frame();
      slider.value = String(1 + ((n * 37) % 900));
      at.push(performance.now());
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    }
    await new Promise((done) => setTimeout(done, 1000));
    const shown = performance.getEntriesByName('update');
    const latencies = at.map((time) => {
      const one = shown.find(({ startTime }) => startTime >= time);
      return one === undefined ? Infinity : one.startTime + one.duration - time;
    });
    return { latencies, updates: shown.length, seconds: (at.at(-1) - at[0]) / 1000 };
  }, INPUTS);
}

/**
 * Milliseconds of processor time that threads of Chromium's pages have taken so far, by Linux's /proc: what an update takes where
 * nothing else runs beside it.
 */
function processorTime() {
  const taken = { page: 0, thread: 0 };
  const parents = new Map();
  const stat = (path) => {
    try {
      const text = readFileSync(path, 'latin1');
      return text.slice(text.lastIndexOf(')') + 2).split(' ');
    } catch {
      return null;
    }
  };
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  for (const pid of pids) parents.set(pid, stat(`/proc/${pid}/stat`)?.[1]);
  const isMine = (pid) => pid === String(process.pid) || (parents.has(pid) && isMine(parents.get(pid)));
  for (const pid of pids.filter(isMine)) {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const name = readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8').trim();
      const [user, system] = (stat(`/proc/${pid}/task/${task}/stat`) ?? []).slice(11, 13).map(Number);
      const role = name.startsWith('DedicatedWorker')
        ? 'thread'
        : /^(CrRendererMain|chromium)$/.test(name) && pid === task
          ? 'page'
          : null;
      if (role !== null) taken[role] += 10 * (user + system);
    }
  }
  return taken;
}

for (const kernel of ['rmsNorm', 'layerNorm', 'softmax']) {
  const { page, leave } = await site.visit(`kernel.html#k=${kernel}&d=normal&n=4096&w=64&s=2&o=60`);
  await page.waitForSelector('[data-error]');
  await drag(page);
  const before = processorTime();
  const { latencies, updates, seconds } = await drag(page);
  const after = processorTime();
  const each = (role) => ((after[role] - before[role]) / updates).toFixed(1);
  const told = [0.5, 0.95, 1].map((share) => quantile(latencies, share));
  const below = (100 * latencies.filter((time) => time < 50).length) / latencies.length;
  console.log(
    `${kernel} 4096 x 64: ${INPUTS} inputs in ${seconds.toFixed(1)} s, ${updates} updates; from input to shown: median ${told[0]} ms, 95 % ${told[1]} ms, most ${told[2]} ms; ${below.toFixed(1)} % below 50 ms; processor time an update: ${each('thread')} ms in the kernel's thread, ${each('page')} ms in the page and the browser`,
  );
  await leave();
}

const first = {
  'number.html': '[data-value]',
  'two.html': '[data-verdict]',
  'steps.html': '[data-step]',
  'kernel.html': '[data-verdict]',
  'accumulator.html': '[data-cells] td',
};
const RUNS = 7;
/** In the page: when its controls are there, and its first result. */
function notice(result) {
  globalThis.seen = {};
  const look = () => {
    if (document.querySelector('.playground') !== null) globalThis.seen.controls ??= performance.now();
    if (document.querySelector(result) !== null) globalThis.seen.result ??= performance.now();
    if (!('result' in globalThis.seen)) requestAnimationFrame(look);
  };
  look();
}
for (const [path, result] of Object.entries(first)) {
  const [controls, results] = [[], []];
  for (let n = 0; n < RUNS; n++) {
    const { page, leave } = await site.visit(path, { before: [notice, result] });
    await page.waitForFunction(() => 'result' in globalThis.seen);
    const seen = await page.evaluate(() => globalThis.seen);
    controls.push(seen.controls);
    results.push(seen.result);
    await leave();
  }
  console.log(
    `${path}: controls after ${quantile(controls, 0.5)} ms, first result after ${quantile(results, 0.5)} ms (median of ${RUNS})`,
  );
}
await site.close();
