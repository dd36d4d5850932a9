/**
 * Pages with plots in Chromium: no error, no request, no overlapping labels, axes with titles and units, readable colours, broad and
 * narrow, light and dark.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Pages from real runs, by name. */
async function pages() {
  const { defineSweep, runCell } = await import('bittrue/sweeps');
  const { minimalAccumulator } = await import('bittrue/bounds');
  const { accumulatorHtml, graphCheckHtml, sweepHtml } = await import('bittrue/reports');
  const { memorySource, readSafetensors, writeSafetensors } = await import('bittrue/files');
  const { checkCaptured } = await import('bittrue/studies');
  const made = /** @type {const} */ ({ inputs: { kind: 'normal' }, weights: { kind: 'normal' } });
  const sweep = defineSweep({
    kernels: ['dot'],
    data: [64, 256, 1024].map((width) => ({ name: `normal ${width}`, rows: 16, width, ...made })),
    formats: ['int8', 'e4m3fn'],
    accumulators: ['int14..int24:saturate', 'binary16', 'bfloat16', 'float:e8m13', 'kahan:binary16'],
    orders: ['sequential', 'pairwise'],
    fit: 'max',
  });
  const cells = Array.from({ length: sweep.cells }, (_, i) => runCell(sweep, i));
  const weights = Array.from({ length: 64 * 12 }, (_, i) => ((i * 37) % (3 + (i % 12) * 9)) - 20);
  const answer = minimalAccumulator({
    weights,
    n: 12,
    inputs: { kind: 'format', format: 'uint8' },
    target: 'avx512Vnni:vpdpbusd',
    data: Array.from({ length: 64 * 4 }, (_, i) => (i * 61) % 200),
    floats: ['e4m3fn', 'binary16', 'bfloat16', 'binary32'],
  });
  const rows = Float32Array.from({ length: 8 * 256 }, (_, i) => (i % 2 ? 1 : -1) * 2 ** (((i * 7) % 28) - 14));
  const bytes = writeSafetensors({ 'h.0.ln_1.input': { data: rows, shape: [8, 256] } });
  const captured = readSafetensors(memorySource(bytes, 'acts.safetensors'));
  const targets = /** @type {const} */ (['fp16', 'fp32']);
  const check = await checkCaptured(captured, { targets, kernel: 'layerNorm', magnitudes: true });
  return { sweep: sweepHtml(cells), accumulator: accumulatorHtml(answer), check: graphCheckHtml(check) };
}

/**
 * What of a page's visible plots overlaps, whether an axis has no title or no unit, what stands out too little from its ground, and
 * whether the page is wider than its window.
 */
function faults() {
  const found = [];
  // Of WCAG 2.2: relative luminance, and 4.5:1 for text, 3:1 for graphics.
  const luminance = (/** @type {string} */ color) => {
    const parts = (color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
    const [r = 0, g = 0, b = 0] = parts.map((part) =>
      part <= 10 ? part / 3294 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (/** @type {string} */ p, /** @type {string} */ q) => {
    const [a, b] = [luminance(p), luminance(q)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  // What is counted or named has no unit.
  const unitless = ['stage', 'format', 'results', 'channels', 'exponent, ⌊log2 |x|⌋', 'K', 'layer', 'codec'];
  if (document.documentElement.scrollWidth > innerWidth) found.push('wider than the window');
  for (const svg of document.querySelectorAll('svg')) {
    const frame = svg.getBoundingClientRect();
    if (frame.width === 0) continue;
    const axes = [...svg.querySelectorAll('text.axis')].map(({ textContent }) => textContent ?? '');
    if (axes.length !== 2) found.push(`${axes.length} titles of axes`);
    for (const title of axes) {
      if (!/\(.+\)/.test(title) && !unitless.includes(title)) found.push(`an axis without a unit: ${title}`);
    }
    const ground = getComputedStyle(/** @type {Element} */ (svg.querySelector('.bg'))).fill;
    for (const text of svg.querySelectorAll('text')) {
      if (contrast(getComputedStyle(text).fill, ground) < 4.5) found.push(`faint: ${text.textContent}`);
    }
    for (const series of svg.querySelectorAll('g[class^="s"]')) {
      if (contrast(getComputedStyle(series).color, ground) < 3)
        found.push(`a faint series: ${series.getAttribute('class')}`);
    }
    const boxes = [...svg.querySelectorAll('text')].map((text) => ({
      text: text.textContent,
      ...text.getBoundingClientRect().toJSON(),
    }));
    boxes.forEach((p, i) => {
      if (p.left < frame.left - 1 || p.right > frame.right + 1) found.push(`beyond the picture: ${p.text}`);
      for (const q of boxes.slice(i + 1)) {
        const isApart = p.right <= q.left || q.right <= p.left || p.bottom - 3 <= q.top || q.bottom - 3 <= p.top;
        if (!isApart) found.push(`${p.text} | ${q.text}`);
      }
    });
  }
  return found.slice(0, 5);
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {(name: string, holds: boolean) => void} check
 * @param {string | undefined} shots - a folder for screenshots
 */
export async function checkPages(browser, check, shots) {
  const folder = mkdtempSync(join(tmpdir(), 'bittrue-pages-'));
  if (shots !== undefined) mkdirSync(shots, { recursive: true });
  try {
    for (const [name, html] of Object.entries(await pages())) {
      const path = join(folder, `${name}.html`);
      writeFileSync(path, html);
      for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
        for (const width of [1280, 400]) {
          const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
          const /** @type {string[]} */ told = [];
          page.on('pageerror', ({ message }) => told.push(message));
          page.on('console', (message) => told.push(message.text()));
          page.on('request', (request) => {
            if (!request.url().startsWith('file:') && !request.url().startsWith('data:')) told.push(request.url());
          });
          await page.goto(pathToFileURL(path).href);
          const wrong = [...told, ...(await page.evaluate(faults))];
          check(`page of ${name}, ${colorScheme}, ${width} px: ${wrong.join('; ') || 'whole'}`, wrong.length === 0);
          if (shots !== undefined) {
            await page.screenshot({
              path: join(shots, `${name}-${colorScheme}-${width}.png`),
              clip: { x: 0, y: 0, width, height: 2400 },
              fullPage: true,
            });
          }
          await page.close();
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
