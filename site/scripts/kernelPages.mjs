/**
 * Every kernel with the stages that its reports tell of, as pictures.
 *
 * @module
 */

import { catalogue } from '../../dist/formats/index.js';
import * as kernels from '../../dist/kernels/index.js';
import { fp16Fp32Accumulate, h100 } from '../../dist/targets/index.js';
import { stagesSvg } from './svg.mjs';

const x = Float64Array.from({ length: 8 }, (_, i) => 1 + i / 8);
const ones = new Float64Array(8).fill(1);
const record = { magnitudes: true };
const given = { ...record, rows: 1, width: 8, target: fp16Fp32Accumulate };
const norm = { ...given, gamma: ones };
const attend = { ...record, heads: 1, queries: 1, keys: 8, width: 1, target: fp16Fp32Accumulate };
const q = ones.subarray(0, 1);
const linear = { activation: { function: 'gelu' }, bias: 'columns', alpha: 2, output: { format: 'binary16' } };

/** A small run of each kernel and its variants, told by a name, a variant and its report. */
const runs = () => [
  ['layerNorm', 'two passes', kernels.layerNorm(x, { ...norm, beta: ones }).report],
  ['layerNorm', 'one pass', kernels.layerNorm(x, { ...norm, beta: ones, variance: 'onePass' }).report],
  ['layerNorm', 'Welford', kernels.layerNorm(x, { ...norm, beta: ones, variance: 'welford' }).report],
  ['layerNorm', 'with a residual and SLaNC’s scale', kernels.layerNorm(x, { ...norm, residual: x, scale: 0.5 }).report],
  ['rmsNorm', '', kernels.rmsNorm(x, norm).report],
  [
    'rmsNorm',
    'each row divided by its largest',
    kernels.rmsNorm(x, { ...norm, rowScale: kernels.rowScale('maximum') }).report,
  ],
  ['softmax', 'divides', kernels.softmax(x, given).report],
  ['softmax', 'multiplies by the reciprocal', kernels.softmax(x, { ...given, normalize: 'reciprocal' }).report],
  ['sum', '', kernels.sum(x, given).report],
  [
    'dot, matmul',
    'exact products, as in the tensor cores of an H100',
    kernels.dot(x, x, { ...given, target: h100, unit: 'f16' }).report,
  ],
  ['dot, matmul', 'rounded products', kernels.dot(x, x, given).report],
  [
    'gemm, epilogue',
    'GELU, behind α and a bias',
    kernels.epilogue(x, { ...record, rows: 1, width: 8, bias: ones, epilogue: linear }).report,
  ],
  ['add', '', kernels.add(x, x, given).report],
  ['multiply', '', kernels.multiply(x, x, given).report],
  ['unary', 'GELU', kernels.unary(x, { ...given, function: 'gelu' }).report],
  ['cast', 'to e4m3fn', kernels.cast(x, { ...record, rows: 1, width: 8, format: 'e4m3fn' }).report],
  ['attention', 'unfused', kernels.attention(q, x, x, attend).report],
  [
    'attention',
    'online, tiles of 4',
    kernels.attention(q, x, x, { ...attend, method: { kind: 'flash', tile: 4 } }).report,
  ],
];

/** What a stage does, in a few signs. Of kernels that call the same name another thing, by `kernel stage`. */
const words = {
  ...{
    load: 'x̂',
    loadX: 'a',
    loadY: 'b',
    residualAdd: 'x + residual',
    rowScale: 'ε / max²',
    scale: 'x̂ · s',
    sum: 'Σ x̂',
    mean: 'Σ · 1/d = μ',
  },
  ...{ center: 'c = x̂ − μ', welford: 'μ, Σ c² in one pass', square: 'c²', squareSum: 'Σ c²', variance: 'Σ c² · 1/d' },
  ...{
    'layerNorm,one pass square': 'x̂²',
    'layerNorm,one pass squareSum': 'Σ x̂²',
    'layerNorm,one pass variance': 'x̂² mean − μ²',
  },
  ...{ epsilon: 'v + ε', reciprocalSqrt: 'r = 1/√', normalize: 'c · r', gamma: '· γ', beta: '+ β', store: 'y' },
  ...{
    'rmsNorm square': 'x̂²',
    'rmsNorm squareSum': 'Σ x̂²',
    'rmsNorm variance': 'Σ x̂² · 1/d',
    'rmsNorm normalize': 'x̂ · r',
  },
  ...{ max: 'm', subtract: 'x̂ − m', exp: 'e^', divide: '/ Σ', reciprocal: '1 / Σ', multiply: '· 1/Σ' },
  ...{
    'softmax sum': 'Σ e^',
    product: 'a · b',
    accumulate: 'Σ a · b',
    'multiply multiply': 'a · b',
    add: 'a + b',
    function: 'f(x̂)',
  },
  ...{
    'sum accumulate': 'Σ x̂',
    cast: 'rounded',
    bias: '+ bias',
    activation: 'f',
    'gemm, epilogue scale': '· α',
    'gemm, epilogue load': 'C',
  },
  ...{
    scoreProduct: 'q · k',
    score: 'Σ q · k',
    scoreStore: 'S',
    scores: 'S as read',
    'attention scale': 'S · 1/√d',
    'attention load': 'Q, K, V',
  },
  ...{
    'attention subtract': 'S − m',
    'attention sum': 'Σ P',
    'attention exp': 'P = e^',
    rescale: 'α = e^(m − m′)',
    rescaleSum: 'α · l + Σ P',
  },
  ...{
    share: 'P / l',
    probabilities: 'P as stored',
    loadProbabilities: 'P as read',
    rescaleOutput: 'α · O',
    valueProduct: 'P · v',
  },
  ...{
    value: 'O = α·O + P·V',
    valueStore: 'O',
    'attention normalize': 'O / l',
    logSumExp: 'm + ln l',
    'attention store': 'y',
  },
};

/** Formats by the exponents of their normal numbers, as a report has them. */
const formats = new Map(
  ['binary64', 'e4m3fn', 'bfloat16', 'binary16', 'binary32'].map((name) => [
    `${catalogue[name].emin}…${catalogue[name].emax}`,
    name,
  ]),
);

/** @returns {{ pages: [string, string][], pictures: Map<string, string> }} */
export function kernelPages() {
  const pictures = new Map();
  const parts = [];
  let last = '';
  runs().forEach(([kernel, variant, { stages, magnitudes }], i) => {
    if (kernel !== last) parts.push(`## ${kernel}`);
    last = kernel;
    const file = `stages-${i}.svg`;
    const own = stages
      .filter((stage) => stage !== 'constants')
      .map((stage) => {
        const range = magnitudes[stage]?.range;
        return {
          stage,
          words: words[`${kernel},${variant} ${stage}`] ?? words[`${kernel} ${stage}`] ?? words[stage] ?? '',
          format: range == null ? '' : (formats.get(`${range.least}…${range.most}`) ?? ''),
        };
      });
    const title = `stages of ${kernel}${variant === '' ? '' : `, ${variant}`}: ${own.map(({ stage, format }) => `${stage}${format === '' ? '' : ` (${format})`}`).join(', ')}`;
    pictures.set(file, stagesSvg(title, own));
    if (variant !== '') parts.push(`${variant[0].toUpperCase()}${variant.slice(1)}:`);
    parts.push(`![${title}](./pictures/${file})`);
  });
  const text = `# Kernels and their stages

A report counts events by stage, and names the first of each kind. These are the stages of real runs, in their order. A colour is the
format that a stage rounds to, here on the target [fp16Fp32Accumulate](./target-fp16Fp32Accumulate.md) where nothing else is said: which
of them are wide is what chips differ in. \`constants\` (1/d, ε, a scale), which stands in front of many, is rounded once a call.

${parts.join('\n\n')}

The options of each kernel stand in [the API](./api-kernels.md); [steps](./steps.md) draws a row's stages against the limits of their
formats, and [a kernel on a chip](./kernel.md) runs them on rows of yours.
`;
  return { pages: [['list-kernels.md', text]], pictures };
}
