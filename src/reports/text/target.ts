/**
 * Targets as text.
 *
 * @module
 */
import { orderText, reductionText, stepText } from '../../accumulators/describe.ts';
import { printableData } from '../../errors/index.ts';
import { formatName } from '../../formats/index.ts';
import { checkMadeTarget, checkTargets } from '../../targets/check.ts';
import type { MatrixUnit, Target, VectorUnit } from '../../targets/index.ts';
import { checkLook, type RenderOptions, table, wrap } from './layout.ts';

/**
 * One target in full: its vector units, its matrix units.
 *
 * @example
 * import { formatTarget } from 'bittrue/reports';
 * import { fp16 } from 'bittrue/targets';
 * formatTarget(fp16).split('\n')[0]; // 'fp16: binary16 everywhere'
 */
export function formatTarget(target: Target, options: RenderOptions = {}): string {
  checkLook(options);
  checkMadeTarget('target', target);
  const { name, vendor, summary, sameAs, vectorUnits, matrixUnits, source, verified } = printableData(target);
  const by = vendor === '' ? '' : ` (${vendor})`;
  const head = wrap(`${name}${by}: ${summary || 'no summary'}`, '  ', options);
  const hasChoice = Object.keys(vectorUnits).length + Object.keys(matrixUnits).length > 1;
  const known = factLines(options, [
    ...(sameAs === undefined ? [] : [['same as', sameAs] as const]),
    ['known by', verified],
    ['source', source || 'not stated'],
  ]);
  const units = [
    ...Object.values(vectorUnits).map((unit) => vectorLines(unit, options)),
    ...Object.values(matrixUnits).map((unit) => matrixLines(unit, options)),
  ];
  const usual = hasChoice ? factLines(options, [['by default', defaultText(printableData(target))]]) : [];
  return [...head, ...usual, '', ...units.flatMap((unit) => [...unit, '']), ...known].join('\n');
}

/** The units that run where none is named. */
function defaultText({ name, defaults, matrixUnits }: Target): string {
  const { vector, matrix } = defaults;
  const rows = vector === undefined ? 'no vector unit' : `${vector} for norms, softmax and sums`;
  const [first] = Object.keys(matrixUnits);
  if (matrix === undefined && first === undefined) return rows;
  return `${rows}; ${matrix === undefined ? `for products a unit is named, such as ${name}:${first}` : `${matrix} for products`}`;
}

function vectorLines(vector: VectorUnit, options: RenderOptions): string[] {
  const { reciprocalSqrt: root, name, instructions, source } = vector;
  return factLines(options, [
    ['vector unit', instructions === '' ? name : `${name}: ${instructions}`],
    ['load', stepText(vector.load, true)],
    ['compute', stepText(vector.compute, true)],
    ...(vector.center ? [['center', stepText(vector.center, true)] as const] : []),
    ...(vector.normalize ? [['normalize', stepText(vector.normalize, true)] as const] : []),
    ['accumulate', stepText(vector.accumulate, true)],
    ['statistics', stepText(vector.statistics, true)],
    ['store', stepText(vector.store, true)],
    ['reduction', reductionText(vector.reduction, true)],
    ['mean', vector.mean === 'reciprocal' ? 'sum times the rounded 1/d' : 'sum divided by d'],
    ['1/√', root.kind === 'newton' ? `newton, magic ${root.magic}, ${root.steps} steps` : root.kind],
    ['known by', knownBy(vector)],
    ...(source === '' ? [] : [['source', source] as const]),
  ]);
}

function matrixLines(unit: MatrixUnit, options: RenderOptions): string[] {
  const { a, b, mixes, scale, product } = unit;
  return factLines(options, [
    ['matrix unit', unit.instructions === '' ? unit.name : `${unit.name}: ${unit.instructions}`],
    ['a', a.map(formatName).join(', ')],
    ['b', mixes === 'same' ? 'the format of a' : b.map(formatName).join(', ')],
    ...(scale ? [['scales', `${formatName(scale.format)}, one to ${scale.block} operands`] as const] : []),
    ['product', product ? stepText(product, true) : 'exact'],
    ['k', String(unit.k)],
    ['reduction', reductionText(unit.reduction, true)],
    ['addend', stepText(unit.addend, true)],
    ['output', stepText(unit.output, true)],
    ['known by', knownBy(unit)],
    ...unit.disputed.map(({ model, sums }) => ['disputed', `${model} has ${sumsText(sums)}`] as const),
    ...(unit.source === '' ? [] : [['source', unit.source] as const]),
  ]);
}

/** How a unit is known, each thing once. */
function knownBy({ verified, confidence }: Pick<MatrixUnit, 'verified' | 'confidence'>): string {
  if (confidence === '') return verified;
  const same = /^(?:a )?(?:definition|silicon|model|documented)(?=;|$)(.*)$/.exec(confidence);
  return `${verified}${same === null ? `, ${confidence}` : same[1]}`;
}

/** What a model has in place of a unit's own fields. */
function sumsText(sums: object): string {
  return Object.entries(sums)
    .map(([field, value]: [string, unknown]) => `${field} ${typeof value === 'object' ? fieldsText(value) : value}`)
    .join(', ');
}

function fieldsText(fields: object | null): string {
  if (fields === null) return 'none';
  const given = Object.entries(fields).filter(([, value]) => value !== null);
  return `(${given.map(([key, value]) => `${key} ${value}`).join(', ')})`;
}

function factLines(options: RenderOptions, facts: readonly (readonly [string, string])[]): string[] {
  return facts.flatMap(([title, fact]) => wrap(`${title.padEnd(11)} ${fact}`, ' '.repeat(12), options));
}

/**
 * A line a vector unit: its formats and order of sums, and how many matrix units the target has. The default unit stands
 * under the target's name, another under `NAME:UNIT`.
 *
 * @example
 * import { formatTargets } from 'bittrue/reports';
 * import { fp16, fp32 } from 'bittrue/targets';
 * formatTargets([fp16, fp32]).split('\n').length; // 3
 */
export function formatTargets(targets: readonly Target[], options: RenderOptions = {}): string {
  checkLook(options);
  checkTargets(targets);
  const hasMatrix = targets.some(({ matrixUnits }) => Object.keys(matrixUnits).length > 0);
  const rows = printableData(targets).flatMap(({ name, vectorUnits, matrixUnits, defaults }) => {
    const matrix = hasMatrix ? [String(Object.keys(matrixUnits).length)] : [];
    const units = Object.values(vectorUnits);
    if (units.length === 0) return [[name, '–', '–', '–', '–', '–', ...matrix]];
    return units.map((unit) => [
      unit.name === defaults.vector ? name : `${name}:${unit.name}`,
      formatName(unit.load.format),
      formatName(unit.compute.format),
      formatName(unit.accumulate.format),
      formatName(unit.statistics.format),
      orderText(unit.reduction),
      ...matrix,
    ]);
  });
  const columns = ['target', 'load, store', 'compute', 'accumulate', 'statistics', 'order of sums'];
  if (hasMatrix) columns.push('matrix units');
  return table(
    columns.map((title) => ({ title, align: 'left' as const })),
    rows,
    options,
  ).join('\n');
}
