/**
 * Matrix units given as data.
 *
 * @module
 */
import { defineReduction, takesProducts } from '../accumulators/define.ts';
import type { Reduction } from '../accumulators/reduction.ts';
import {
  BittrueError,
  checkAs,
  checkBoolean,
  checkInteger,
  checkName,
  checkObject,
  checkText,
} from '../errors/index.ts';
import type { Format } from '../formats/format.ts';
import { type PartialPolicy, policyKeys, resolvePolicy } from '../rounding/policy.ts';
import { defineFormat, defineRounding } from '../rounding/roundTo.ts';
import { type Dispute, type DisputedFields, disputedFields, models } from './dispute.ts';
import { hasAligned, sumsOf, withSums } from './models.ts';
import { type BlockScale, type MatrixUnit, verifications } from './target.ts';

const keys = [
  'name',
  'instructions',
  'a',
  'b',
  'mixes',
  'load',
  'zeroOperands',
  'k',
  'scale',
  'product',
  'reduction',
  'addend',
  'output',
  'source',
  'verified',
  'confidence',
  'disputed',
];

/** A copy of a checked policy, frozen with what it nests: the caller's own objects stay the caller's. */
function freezePolicy(policy: PartialPolicy): PartialPolicy {
  const { stochastic } = policy;
  return Object.freeze({ ...policy, ...(stochastic && { stochastic: Object.freeze({ ...stochastic }) }) });
}

/**
 * Checks and freezes a matrix unit given as plain data. Left out: `b` is `a`, `mixes` is `any`, `load` {},
 * `zeroOperands` `signed`, `scale` and `product` null, `addend` is `output`, the texts and the list of disputes are empty.
 *
 * @param argument - the argument's name, for errors
 * @throws {@link BittrueError} naming the path of the first thing that is wrong
 * @example
 * import { defineMatrixUnit } from 'bittrue/targets';
 * const single = { format: 'binary32' };
 * const unit = defineMatrixUnit({
 *   name: 'bf16',
 *   a: ['bfloat16'],
 *   k: 16,
 *   reduction: { kind: 'sequential', accumulator: { kind: 'float', rounding: single, fused: true } },
 *   output: single,
 * });
 * unit.addend.format === unit.output.format; // true
 */
export function defineMatrixUnit(value: unknown, argument = 'unit'): MatrixUnit {
  checkText('argument', argument);
  const given = checkObject(argument, value, keys);
  const a = formats(`${argument}.a`, given.a);
  const b = given.b === undefined ? a : formats(`${argument}.b`, given.b);
  const load = checkObject(`${argument}.load`, given.load ?? {}, policyKeys);
  for (const format of [...a, ...b]) {
    checkAs(
      (path) => path.replace(/^policy/, `${argument}.load`),
      () => resolvePolicy(format, load),
    );
  }
  const product =
    given.product === undefined || given.product === null ? null : defineRounding(given.product, `${argument}.product`);
  const reduction = defineReduction(given.reduction, `${argument}.reduction`);
  if ((product === null) !== takesProducts(reduction)) {
    throw new BittrueError(
      'unsupported',
      `${argument}.product`,
      product === null ? 'null' : 'a rounding',
      product === null
        ? 'a rounding: the accumulator takes rounded products'
        : 'null: the accumulator takes exact products',
    );
  }
  const output = defineRounding(given.output, `${argument}.output`);
  const text = (key: string): string => checkText(`${argument}.${key}`, given[key] ?? '');
  return Object.freeze({
    name: checkText(`${argument}.name`, given.name),
    instructions: text('instructions'),
    a,
    b,
    mixes: checkName(`${argument}.mixes`, given.mixes ?? 'any', ['any', 'same'] as const),
    load: freezePolicy(load),
    zeroOperands: checkName(`${argument}.zeroOperands`, given.zeroOperands ?? 'signed', [
      'signed',
      'positive',
    ] as const),
    k: checkInteger(`${argument}.k`, given.k, 1, 2 ** 31),
    scale: given.scale === undefined || given.scale === null ? null : defineScale(given.scale, `${argument}.scale`),
    product,
    reduction,
    addend: given.addend === undefined ? output : defineRounding(given.addend, `${argument}.addend`),
    output,
    source: text('source'),
    verified: checkName(`${argument}.verified`, given.verified ?? 'definition', verifications),
    confidence: text('confidence'),
    disputed: defineDisputes(given.disputed ?? [], reduction, `${argument}.disputed`),
  });
}

/** Disputes are about aligned sums, and what they say must be a reduction too. */
function defineDisputes(value: unknown, reduction: Reduction, argument: string): readonly Dispute[] {
  if (!Array.isArray(value)) throw new BittrueError('type', argument, value, 'a list of models and what they say');
  return Object.freeze(
    value.map((given: unknown, i): Dispute => {
      const path = `${argument}[${i}]`;
      const { model, sums } = checkObject(path, given, ['model', 'sums']);
      const fields = checkObject(`${path}.sums`, sums, disputedFields) as DisputedFields;
      if (!hasAligned(reduction)) {
        throw new BittrueError('unsupported', path, model, 'aligned accumulators: no other sums are disputed');
      }
      const defined = checkAs(
        (inner) => inner.replace(/^.*accumulator/, `${path}.sums`),
        () => defineReduction(withSums(reduction, fields), 'reduction'),
      );
      return Object.freeze({
        model: checkName(`${path}.model`, model, models),
        sums: Object.freeze({ ...fields, ...sumsOf(defined, Object.keys(fields)) }),
      });
    }),
  );
}

function formats(argument: string, value: unknown): readonly Format[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new BittrueError('type', argument, value, 'a list of formats, such as ["e4m3fn", "e5m2"]');
  }
  return Object.freeze(value.map((format: unknown, i) => defineFormat(format, `${argument}[${i}]`)));
}

function defineScale(value: unknown, argument: string): BlockScale {
  const { format, block, ignoreSign } = checkObject(argument, value, ['format', 'block', 'ignoreSign']);
  return Object.freeze({
    format: defineFormat(format, `${argument}.format`),
    block: checkInteger(`${argument}.block`, block, 1, 2 ** 31),
    ignoreSign: checkBoolean(`${argument}.ignoreSign`, ignoreSign ?? false),
  });
}
