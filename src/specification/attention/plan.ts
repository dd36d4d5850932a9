/**
 * The options of attention, checked and resolved.
 *
 * @module
 */
import {
  BittrueError,
  checkBoolean,
  checkFinite,
  checkInteger,
  checkName,
  checkObject,
  checkPositive,
  checkText,
  isOf,
  isReadable,
} from '../../errors/index.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { VectorUnit } from '../../targets/target.ts';
import { vectorUnitOf } from '../../targets/units.ts';
import { type Plan, planRecord, recordKeys } from '../contract.ts';
import { madeRounding, madeTarget } from '../made.ts';
import { type Numbers, numbers } from '../operands.ts';
import { type ProductPlan, planProduct } from '../products/plan.ts';
import { refuseWrap } from '../refuseWrap.ts';
import { planMethod, type UnaryPlan } from '../unary/plan.ts';
import { type AttentionOptions, type AttentionRoundings, type AttentionStage, attentionStages } from './options.ts';

/** A function with its method, on one rounding. */
export type Formed = Pick<UnaryPlan, 'function' | 'cap' | 'method'>;

/** A checked attention; a row is a query of a head. */
export interface AttentionPlan extends Plan {
  readonly kernel: 'attention';
  readonly stages: readonly AttentionStage[];
  readonly heads: number;
  readonly sharedHeads: number;
  readonly queries: number;
  readonly keys: number;
  readonly depth: number;
  readonly scoring: ProductPlan;
  readonly valuing: ProductPlan;
  readonly unit: VectorUnit;
  readonly roundings: Required<AttentionRoundings>;
  /** 1: none. */
  readonly scale: number;
  readonly softcap: Formed | null;
  readonly mask: Float64Array | null;
  readonly causal: boolean;
  readonly window: number;
  readonly sinks: Float64Array | null;
  /** Keys a tile; all of them where there are no tiles. */
  readonly tile: number;
  readonly isFlash: boolean;
  readonly threshold: number;
  readonly divide: 'before' | 'after';
  readonly exponential: Formed;
  readonly maximumOffset: number;
  readonly sumOf: 'computed' | 'rounded';
  readonly normalize: 'divide' | 'reciprocal';
  readonly emptyRow: 'nan' | 'zero';
  readonly logSumExp: Float64Array | null;
}

const sizes = ['heads', 'sharedHeads', 'queries', 'keys', 'width', 'valueWidth'];
const shape = ['scale', 'softcap', 'softcapMethod', 'mask', 'causal', 'window', 'sinks'];
const way = ['method', 'exponential', 'exponentialMethod', 'maximumOffset', 'sumOf', 'normalize', 'emptyRow'];
const keys = [
  'target',
  'unit',
  'vectorUnit',
  'scores',
  'values',
  'roundings',
  'logSumExp',
  ...sizes,
  ...shape,
  ...way,
  ...recordKeys,
];
const productKeys = ['unit', 'a', 'b', 'splitK', 'promoteEvery', 'partial'];
const roundingKeys = ['scores', 'probabilities', 'sum', 'maximum'] as const;

/** Checks the options of attention. */
export function planAttention(options: AttentionOptions): AttentionPlan {
  checkObject('options', options, keys);
  const count = (name: 'heads' | 'queries' | 'keys' | 'width', least: number): number =>
    checkInteger(`options.${name}`, options[name], least, 2 ** 31);
  const [heads, queries, keyCount, depth] = [
    count('heads', 1),
    count('queries', 0),
    count('keys', 1),
    count('width', 1),
  ];
  const width = checkInteger('options.valueWidth', options.valueWidth ?? depth, 0, 2 ** 31);
  const sharedHeads = checkInteger('options.sharedHeads', options.sharedHeads ?? heads, 1, heads);
  if (heads % sharedHeads !== 0) {
    throw new BittrueError('shape', 'options.sharedHeads', sharedHeads, `a divisor of ${heads} heads`);
  }
  const rows = heads * queries;
  const target = madeTarget(options.target);
  if (options.vectorUnit !== undefined)
    checkText('options.vectorUnit', options.vectorUnit, 'the name of a vector unit');
  const unit = vectorUnitOf('options.vectorUnit', target, options.vectorUnit);
  const scoring = product(options, 'scores', rows * keyCount, depth, keyCount);
  const valuing = product(options, 'values', rows * width, keyCount, width);
  const roundings = planRoundings(options.roundings, unit);
  const base = checkName('options.exponential', options.exponential ?? 'exp', ['exp', 'exp2'] as const);
  const given = checkPositive('options.scale', options.scale ?? 1 / Math.sqrt(depth));
  const exponential: Formed = {
    function: base,
    cap: 1,
    method: planMethod(options.exponentialMethod, 'options.exponentialMethod'),
  };
  const softcap = planSoftcap(options);
  refuseWrap(`options.target.vectorUnits.${unit.name}.compute`, unit.compute);
  const sequence = planMethodOf(options.method, keyCount);
  const { causal = false, window, mask, sinks } = options;
  const logSumExp = options.logSumExp ?? null;
  if (logSumExp !== null && !(isOf(logSumExp, Float64Array) && logSumExp.length === rows)) {
    throw new BittrueError('shape', 'options.logSumExp', logSumExp, `a Float64Array of ${rows} numbers`);
  }
  if (logSumExp !== null) refuseWrap('options.roundings.sum', roundings.sum, 'logarithms');
  const settled = {
    scale: base === 'exp2' ? given * Math.LOG2E : given,
    softcap,
    mask: planMask(mask, heads, queries * keyCount),
    causal: checkBoolean('options.causal', causal),
    window: window === undefined ? Infinity : checkInteger('options.window', window, 1, 2 ** 31),
    sinks: sinks === undefined ? null : Float64Array.from(numbers('options.sinks', sinks, heads)),
    ...sequence,
    exponential,
    maximumOffset: checkFinite('options.maximumOffset', options.maximumOffset ?? 0),
    sumOf: checkName('options.sumOf', options.sumOf ?? 'computed', ['computed', 'rounded'] as const),
    normalize: checkName('options.normalize', options.normalize ?? 'divide', ['divide', 'reciprocal'] as const),
    emptyRow: checkName('options.emptyRow', options.emptyRow ?? 'nan', ['nan', 'zero'] as const),
    logSumExp,
  };
  if (settled.sumOf === 'rounded' && settled.divide === 'before') {
    const wanted = "'computed': shares are rounded when they have been divided by the sum";
    throw new BittrueError('unsupported', 'options.sumOf', settled.sumOf, wanted);
  }
  const made = { scoring, valuing, unit, roundings, ...settled };
  const { mask: _, sinks: __, logSumExp: ___, ...told } = settled;
  return {
    kernel: 'attention',
    rows,
    width,
    work: rows * keyCount * (depth + width),
    stages: stagesOf(made),
    ...planRecord(options),
    size: rows * width,
    span: width,
    outputFormat: unit.store.format,
    configuration: {
      target,
      heads,
      sharedHeads,
      queries,
      keys: keyCount,
      depth,
      vectorUnit: unit.name,
      scores: scoring.configuration.unit,
      values: valuing.configuration.unit,
      roundings,
      ...told,
      window: settled.window === Infinity ? null : settled.window,
      exponential: base,
      softcap: softcap === null ? null : softcap.cap,
      isMasked: settled.mask !== null,
      hasSinks: settled.sinks !== null,
    },
    heads,
    sharedHeads,
    queries,
    keys: keyCount,
    depth,
    ...made,
  };
}

function product(
  options: AttentionOptions,
  which: 'scores' | 'values',
  rows: number,
  width: number,
  columns: number,
): ProductPlan {
  const given = options[which];
  const own = given === undefined ? {} : checkObject(`options.${which}`, given, productKeys);
  const { target, unit } = options;
  const plan = planProduct('matmul', { target, ...(unit === undefined ? {} : { unit }), ...own }, rows, width, {
    kind: 'all',
    columns,
  });
  if (plan.scale !== null) {
    // Shares are made within the kernel: their scales, along the keys, would be of its own choice.
    const plain = Object.values(madeTarget(target).matrixUnits).filter((one) => one.scale === null);
    const ways = plain
      .filter(({ a: [format] }) => format?.kind === 'float' && format.bits >= 16)
      .map(({ name }) => name);
    const such = ways.length === 0 ? '' : `, such as ${ways.slice(0, 2).join(' or ')}`;
    throw new BittrueError(
      'unsupported',
      own.unit === undefined ? 'options.unit' : `options.${which}.unit`,
      plan.configuration.unit,
      `a unit without block scales${such}: no source says which scales shares get between the products (matmul with scaleA and ` +
        'scaleB computes either product on blocks)',
    );
  }
  return plan;
}

function planRoundings(given: unknown, unit: VectorUnit): Required<AttentionRoundings> {
  const own = given === undefined ? {} : checkObject('options.roundings', given, roundingKeys);
  const of = (name: (typeof roundingKeys)[number], usual: Rounding): Rounding =>
    own[name] === undefined ? usual : madeRounding(`options.roundings.${name}`, own[name]);
  return {
    scores: of('scores', unit.load),
    probabilities: of('probabilities', unit.store),
    sum: of('sum', unit.statistics),
    maximum: of('maximum', unit.compute),
  };
}

function planSoftcap({ softcap, softcapMethod }: AttentionOptions): Formed | null {
  if (softcap !== undefined) {
    const cap = checkPositive('options.softcap', softcap);
    return { function: 'softcap', cap, method: planMethod(softcapMethod, 'options.softcapMethod') };
  }
  if (softcapMethod === undefined) return null;
  throw new BittrueError('unsupported', 'options.softcapMethod', softcapMethod, 'none: there is no soft cap');
}

function planMask(mask: Numbers | undefined, heads: number, each: number): Float64Array | null {
  if (mask === undefined) return null;
  const isShared = isReadable(mask) && mask.length === each;
  // A copy: a plan is not changed by who changes its options later.
  return Float64Array.from(numbers('options.mask', mask, isShared ? each : heads * each));
}

function planMethodOf(
  method: unknown,
  count: number,
): Pick<AttentionPlan, 'tile' | 'isFlash' | 'threshold' | 'divide'> {
  const given = checkObject('options.method', method === undefined ? { kind: 'unfused' } : method, [
    'kind',
    'divide',
    'tile',
    'threshold',
  ]);
  const kind = checkName('options.method.kind', given.kind, ['unfused', 'flash'] as const);
  if (kind === 'unfused') {
    const { divide = 'before' } = checkObject('options.method', method ?? { kind }, ['kind', 'divide']);
    return {
      tile: Math.max(count, 1),
      isFlash: false,
      threshold: 0,
      divide: checkName('options.method.divide', divide, ['before', 'after'] as const),
    };
  }
  const { tile, threshold = 0 } = checkObject('options.method', method, ['kind', 'tile', 'threshold']);
  const most = checkFinite('options.method.threshold', threshold);
  if (most < 0) throw new BittrueError('range', 'options.method.threshold', threshold, 'at least 0');
  return {
    tile: checkInteger('options.method.tile', tile, 1, 2 ** 31),
    isFlash: true,
    threshold: most,
    divide: 'after',
  };
}

type Made = Omit<AttentionPlan, keyof Plan | 'heads' | 'sharedHeads' | 'queries' | 'keys' | 'depth'>;

/** The stages that a plan has. */
function stagesOf(made: Made): AttentionStage[] {
  const { scoring, valuing, scale, softcap, mask, isFlash, sinks, divide, normalize, logSumExp } = made;
  const continues = isFlash || sinks !== null;
  const has: Partial<Record<AttentionStage, boolean>> = {
    scoreProduct: scoring.product !== null,
    scale: scale !== 1,
    softcap: softcap !== null,
    mask: mask !== null,
    rescale: continues,
    rescaleSum: continues,
    rescaleOutput: isFlash,
    reciprocal: normalize === 'reciprocal',
    share: divide === 'before',
    valueProduct: valuing.product !== null,
    normalize: divide === 'after',
    logSumExp: logSumExp !== null,
  };
  return attentionStages.filter((stage) => has[stage] ?? true);
}
