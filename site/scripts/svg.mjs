/**
 * Pictures of the data pages, in the colours of the reports' plots.
 *
 * @module
 */
import { grounds, seriesColors } from '../../dist/reports/plots/svg.js';
import { escaped, widthOf } from '../../dist/reports/plots/words.js';

const rules = (look) =>
  `.bg{fill:${grounds[look][0]}}text{fill:${grounds[look][1]}}.ink{stroke:${grounds[look][1]};fill:none}.soft{opacity:.7}` +
  seriesColors[look].map((color, i) => `.s${i}{stroke:${color}}.f${i}{fill:${color}}`).join('');

function picture(width, height, title, parts) {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" ` +
    `aria-label="${escaped(title)}" font-family="sans-serif" font-size="12"><style>${rules('light')}` +
    `@media(prefers-color-scheme:dark){${rules('dark')}}</style><rect class="bg" width="${width}" height="${height}"/>${parts.join('')}</svg>`
  );
}

/** Narrow enough to be read on a phone. */
const WIDTH = 560;
const BOX = 44;
const GAP = 22;

/**
 * Stages in their order, each with what it does, coloured by the format that it rounds to.
 *
 * @param {string} title
 * @param {readonly { stage: string, words: string, format: string }[]} stages
 */
export function stagesSvg(title, stages) {
  const formats = [...new Set(stages.map(({ format }) => format))];
  const parts = [];
  let [x, y] = [8, 8];
  stages.forEach(({ stage, words, format }, i) => {
    const wide = Math.ceil(Math.max(widthOf(stage, 12) * 1.08, widthOf(words, 11))) + 18;
    const isFirst = i === 0;
    if (!isFirst && x + GAP + wide > WIDTH - 8) {
      parts.push(`<path class="ink soft" d="M${x} ${y + BOX / 2}h8v${BOX / 2 + 11}H4v${BOX / 2 + 11}h4"/>`);
      [x, y] = [8, y + BOX + 22];
    } else if (!isFirst) {
      parts.push(`<path class="ink" d="M${x + 3} ${y + BOX / 2}h${GAP - 8}m-5 -4l5 4l-5 4"/>`);
      x += GAP;
    }
    const color = formats.indexOf(format) % seriesColors.light.length;
    parts.push(
      `<rect x="${x}" y="${y}" width="${wide}" height="${BOX}" rx="4" fill="none" class="s${color}" stroke-width="2"/>` +
        `<text x="${x + wide / 2}" y="${y + 18}" text-anchor="middle" font-weight="600">${escaped(stage)}</text>` +
        `<text x="${x + wide / 2}" y="${y + 34}" text-anchor="middle" font-size="11">${escaped(words)}</text>`,
    );
    x += wide;
  });
  y += BOX + 24;
  let at = 8;
  for (const [i, format] of formats.entries()) {
    const words = format === '' ? 'nothing is rounded' : format;
    parts.push(
      `<rect x="${at}" y="${y - 10}" width="11" height="11" rx="2" class="f${i % seriesColors.light.length}"/><text x="${at + 16}" y="${y}">${escaped(words)}</text>`,
    );
    at += 16 + widthOf(words, 12) + 22;
  }
  return picture(WIDTH, y + 12, title, parts);
}

/**
 * Every finite value of a format on a line, by sign and magnitude: logarithmic towards the ends.
 *
 * @param {string} title
 * @param {readonly number[]} values ascending
 */
export function valueLineSvg(title, values) {
  const sizes = values.map(Math.abs).filter((x) => x > 0);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const isSigned = values[0] < 0;
  const of = (x) => (Math.sign(x) * Math.log2(1 + Math.abs(x) / least)) / Math.log2(1 + most / least);
  const place = (x) => Number((isSigned ? WIDTH / 2 + of(x) * (WIDTH / 2 - 30) : 30 + of(x) * (WIDTH - 60)).toFixed(1));
  const parts = [`<path class="ink soft" d="M${place(values[0])} 30H${place(values.at(-1))}"/>`];
  const labels = new Set([values[0], values.at(-1), 0, ...values]);
  const taken = [];
  for (const x of values) {
    parts.push(`<path class="s0" d="M${place(x)} 22v16"><title>${x}</title></path>`);
  }
  for (const x of labels) {
    if (!values.includes(x)) continue;
    const short = Math.abs(x) >= 1e6 ? x.toExponential(1) : String(Number(x.toPrecision(3)));
    const words = short.replaceAll('-', '−');
    const half = widthOf(words, 11) / 2 + 5;
    const at = Math.max(half, Math.min(WIDTH - half, place(x)));
    if (taken.some(([from, to]) => at + half > from && at - half < to)) continue;
    taken.push([at - half, at + half]);
    parts.push(`<text x="${at}" y="56" text-anchor="middle" font-size="11">${words}</text>`);
  }
  return picture(WIDTH, 66, title, parts);
}
