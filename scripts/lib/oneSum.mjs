/**
 * The picture of the README: one sum, many answers. Table 8 of MMA-Sim 2's paper, computed by our targets.
 *
 * @module
 */

/** 2^23 − 2^23 − 0.5 − 0.25 − 0.125, the first as the addend; the second is a product of these two. */
const [X, Y] = [2 ** 13, 2 ** 10];
export const exact = -0.875;

/** A row: what it is called, the target's unit, and the format of its operands. */
export const rows = /** @type {const} */ ([
  ['NVIDIA V100, f16', 'v100', 'f16', 'binary16'],
  ['NVIDIA A100, f16', 'a100', 'f16', 'binary16'],
  ['NVIDIA H100, f16', 'h100', 'f16', 'binary16'],
  ['NVIDIA H100, fp8', 'h100', 'fp8Wgmma', 'e5m2'],
  ['NVIDIA B200, fp8', 'b200', 'fp8', 'e5m2'],
  ['AMD MI300, f16', 'mi300', 'f16', 'binary16'],
  ['AMD MI300, fp8', 'mi300', 'fp8', 'e5m2fnuz'],
  ['AMD MI250, bf16', 'mi250', 'bf16', 'bfloat16'],
  ['AMD MI250, f16', 'mi250', 'f16', 'binary16'],
]);

/**
 * The sum on each unit.
 *
 * @param {{ dot: Function, targets: Readonly<Record<string, unknown>>, parseFormat: (name: string) => unknown }} library
 * @returns {number[]}
 */
export function answers({ dot, targets, parseFormat }) {
  return rows.map(([, target, unit, name]) => {
    const format = parseFormat(name);
    const options = { rows: 1, width: 4, target: targets[target], unit, a: format, b: format, c: [2 ** 23] };
    return dot([-X, -0.5, -0.25, -0.125], [Y, 1, 1, 1], options).output[0];
  });
}

const looks = {
  light: { text: '#1f2328', dim: '#656d76', wrong: '#cf222e', right: '#1a7f37', rule: '#d0d7de' },
  dark: { text: '#e6edf3', dim: '#8d96a0', wrong: '#ff7b72', right: '#3fb950', rule: '#30363d' },
};
const [WIDTH, TOP, ROW, LEFT, PER_ONE] = [720, 64, 26, 190, 440];

/**
 * The answers as bars from 0, the exact one as a line.
 *
 * @param {readonly number[]} values
 * @param {'light' | 'dark'} look
 * @returns {string} SVG
 */
export function draw(values, look) {
  const color = looks[look];
  const height = TOP + rows.length * ROW + 34;
  const at = (/** @type {number} */ x) => LEFT + -x * PER_ONE;
  const text = (/** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ words, more = '') =>
    `<text x="${x}" y="${y}" fill="${color.text}"${more}>${words}</text>`;
  const lines = [
    text(16, 28, '2²³ − 2²³ − 0.5 − 0.25 − 0.125', ' font-size="17" font-weight="600"'),
    text(
      16,
      50,
      'as products and addend of one instruction, bit for bit as each chip sums them',
      ` style="fill:${color.dim}"`,
    ),
  ];
  rows.forEach(([name], i) => {
    const y = TOP + i * ROW + 18;
    const value = values[i] ?? NaN;
    const fill = value === exact ? color.right : color.wrong;
    lines.push(text(LEFT - 12, y, name, ' text-anchor="end"'));
    lines.push(
      `<rect x="${LEFT}" y="${y - 13}" width="${Math.max(2, at(value) - LEFT)}" height="16" rx="2" fill="${fill}"/>`,
    );
    lines.push(text(at(value) + 8, y, String(value).replace('-', '−'), ' font-weight="600"'));
  });
  const bottom = TOP + rows.length * ROW + 8;
  lines.push(
    `<path d="M${at(exact)} ${TOP}V${bottom}" stroke="${color.right}" stroke-width="2" stroke-dasharray="4 4"/>`,
  );
  lines.push(text(at(exact), bottom + 18, 'exact: −0.875', ` text-anchor="middle" style="fill:${color.right}"`));
  lines.push(`<path d="M${LEFT} ${TOP}V${bottom}" stroke="${color.rule}"/>`);
  const label = `One sum on ${rows.length} units of chips: ${rows.map(([name], i) => `${name} ${values[i]}`).join('; ')}; exactly ${exact}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="13">\n${lines.join('\n')}\n</svg>\n`;
}
