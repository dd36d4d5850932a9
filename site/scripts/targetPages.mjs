/**
 * A page a target: its units, each with what it computes, how that is known, and its source.
 *
 * @module
 */
import { reductionText, stepText } from '../../dist/accumulators/describe.js';
import { catalogue, formatName } from '../../dist/formats/index.js';
import { accumulatorText } from '../../dist/reports/text/matrixUnits.js';
import { targets } from '../../dist/targets/index.js';
import { table } from './markdown.mjs';

const link = (format) => {
  const name = formatName(format);
  return name in catalogue ? `[${name}](./format-${name}.md)` : `\`${name}\``;
};
const known = ({ verified, confidence }) =>
  confidence?.startsWith(verified) ? confidence : [verified, confidence].filter((one) => one).join(', ');

function matrixUnit(target, unit) {
  const { name, instructions, a, b, mixes, scale, product, k, reduction, addend, output, disputed, source } = unit;
  const rows = [
    ...(instructions === '' ? [] : [['instructions', `\`${instructions}\``]]),
    ['A', a.map(link).join(', ')],
    ['B', mixes === 'same' ? 'the format of A' : b.map(link).join(', ')],
    ...(scale === null ? [] : [['scales', `${link(scale.format)}, one to ${scale.block} operands`]]),
    ['products', product === null ? 'exact' : stepText(product, true)],
    ['products an instruction', k],
    ['accumulator', accumulatorText(unit)],
    ['sum', reductionText(reduction, true)],
    ['addend, output', `${link(addend.format)}, ${link(output.format)}`],
    ['known by', known(unit)],
    ...disputed.map(({ model, sums }) => ['disputed', `${model} has \`${JSON.stringify(sums)}\``]),
    ...(source === '' ? [] : [['source', source]]),
  ];
  const tries =
    scale === null
      ? [
          `[One sum step by step](./steps.md#t=${target}:${name})`,
          `[side by side with another](./two.md#l=${target}:${name})`,
          `[a matmul on it](./kernel.md#k=matmul&t=${target}:${name}&d=normal&n=64&w=64&s=1)`,
        ]
      : [];
  return [`## ${name}, a matrix unit`, ...(tries.length > 0 ? [tries.join(' · ')] : []), table(['step', 'how'], rows)];
}

function vectorUnit(target, unit) {
  const {
    name,
    instructions,
    load,
    compute,
    accumulate,
    statistics,
    store,
    reduction,
    mean,
    reciprocalSqrt: root,
    source,
  } = unit;
  const rows = [
    ...(instructions === '' ? [] : [['instructions', `\`${instructions}\``]]),
    ['load, store', `${link(load.format)}, ${link(store.format)}`],
    ['compute', stepText(compute, true)],
    ['accumulate', stepText(accumulate, true)],
    ['statistics', stepText(statistics, true)],
    ['order of sums', reductionText(reduction, true)],
    ['mean', mean === 'reciprocal' ? 'sum times the rounded 1/d' : 'sum divided by d'],
    ['1/√', root.kind],
    ['known by', known(unit)],
    ...(source === '' ? [] : [['source', source]]),
  ];
  return [
    `## ${name}, a vector unit`,
    `[A LayerNorm on it](./kernel.md#t=${target}${name === 'vector' ? '' : `:${name}`})`,
    table(['step', 'how'], rows),
  ];
}

function page({ name, vendor, summary, sameAs, matrixUnits, vectorUnits, defaults, source, verified }) {
  const head = [`# ${name}`, `${vendor === '' ? '' : `${vendor}: `}${summary || 'no summary'}.`];
  if (sameAs !== undefined)
    return [...head, `It has the units of [${sameAs}](./target-${sameAs}.md), and gives the same bits.`];
  const alike = Object.values(targets).filter((one) => one.sameAs === name);
  const usual = [
    ...(defaults.vector === undefined ? [] : [`norms, softmax and sums run on \`${defaults.vector}\``]),
    ...(defaults.matrix === undefined ? [] : [`products on \`${defaults.matrix}\``]),
  ];
  return [
    ...head,
    ...(usual.length === 0 ? [] : [`Where no unit is named, ${usual.join(', ')}.`]),
    ...(alike.length === 0
      ? []
      : [`The same units: ${alike.map((one) => `[${one.name}](./target-${one.name}.md)`).join(', ')}.`]),
    `Known by: ${verified}${source ? `; source: ${source}` : ''}. [What that means](./targets.md)`,
    ...Object.values(vectorUnits).flatMap((unit) => vectorUnit(name, unit)),
    ...Object.values(matrixUnits).flatMap((unit) => matrixUnit(name, unit)),
  ];
}

/** @returns {[string, string][]} names of pages and their text */
export function targetPages() {
  return Object.values(targets).map((target) => [`target-${target.name}.md`, `${page(target).join('\n\n')}\n`]);
}
