/**
 * Pages of the library's data, beside those of docs/: every kernel with the stages that its reports tell of.
 *
 * @module
 */
const x = Float64Array.from({ length: 8 }, (_, i) => 1 + i / 8);
const ones = new Float64Array(8).fill(1);

/** A small run of each kernel, and its variants. */
async function runs() {
  const kernels = await import('../../dist/kernels/index.js');
  const given = { rows: 1, width: 8, target: 'fp16', record: 'counts' };
  const norm = { ...given, gamma: ones };
  const attention = { heads: 1, queries: 1, keys: 8, width: 1, target: 'fp16', record: 'counts' };
  return [
    ['layerNorm', 'two passes', kernels.layerNorm(x, { ...norm, beta: ones })],
    ['layerNorm', 'one pass', kernels.layerNorm(x, { ...norm, beta: ones, variance: 'onePass' })],
    ['layerNorm', 'Welford', kernels.layerNorm(x, { ...norm, beta: ones, variance: 'welford' })],
    ['layerNorm', 'with a residual and a scale', kernels.layerNorm(x, { ...norm, residual: x, scale: 0.5 })],
    ['rmsNorm', '', kernels.rmsNorm(x, norm)],
    ['softmax', 'divides', kernels.softmax(x, given)],
    ['softmax', 'multiplies by the reciprocal', kernels.softmax(x, { ...given, normalize: 'reciprocal' })],
    ['sum', '', kernels.sum(x, given)],
    ['dot', 'exact products', kernels.dot(x, x, { ...given, target: 'h100', unit: 'f16' })],
    ['dot', 'rounded products', kernels.dot(x, x, given)],
    ['add', '', kernels.add(x, x, given)],
    ['multiply', '', kernels.multiply(x, x, given)],
    ['unary', 'GELU', kernels.unary(x, { ...given, function: 'gelu' })],
    ['cast', '', kernels.cast(x, { rows: 1, width: 8, format: 'e4m3fn', record: 'counts' })],
    ['attention', 'unfused', kernels.attention(ones.subarray(0, 1), x, x, attention)],
    [
      'attention',
      'online, tiles of 4',
      kernels.attention(ones.subarray(0, 1), x, x, { ...attention, method: { kind: 'flash', tile: 4 } }),
    ],
  ];
}

/** @returns {Promise<[string, string][]>} names of pages and their text */
export async function dataPages() {
  const rows = (await runs()).map(
    ([kernel, variant, { report }]) =>
      `| \`${kernel}\` | ${variant || '–'} | ${report.stages.map((stage) => `\`${stage}\``).join(' → ')} |`,
  );
  const text = `# Kernels and their stages

A report counts events by stage, and names the first of each kind. The stages here are those of real runs, in their order; \`constants\`
are rounded once a call.

| kernel | variant | stages |
| --- | --- | --- |
${rows.join('\n')}

The options of each kernel stand in [the API](./api-kernels.md); [steps](./steps.md) draws a row's stages against the limits of their
formats.
`;
  return [['list-kernels.md', text]];
}
