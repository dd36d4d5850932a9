/**
 * Checks a reduction given as data, and freezes it.
 *
 * @module
 */
import { BittrueError, checkInteger, checkMade, checkName, checkObject, checkText, fieldsOf } from '../errors/index.ts';
import { markMade } from '../errors/made.ts';
import { defineAccumulator } from './defineAccumulator.ts';
import type { Reduction } from './reduction.ts';
import { lastTree } from './walk.ts';

/**
 * Reductions within each other. Levels of a machine (an instruction's tile, its lanes, a block, a tree) are fewer; a
 * description that holds itself is deeper than any, and one that shares its parts doubles with every level.
 */
const DEEPEST = 8;

/** The fields of every kind, beside `kind`. */
export const reductionFields = {
  sequential: ['accumulator', 'order', 'start'],
  pairwise: ['accumulator', 'leaf'],
  butterfly: ['accumulator', 'leaf', 'lanes'],
  tiled: ['size', 'short', 'within', 'across'],
  strided: ['lanes', 'run', 'within', 'across'],
  split: ['multipleOf', 'head', 'tail', 'across'],
} as const satisfies Readonly<Record<Reduction['kind'], readonly string[]>>;

const kinds = Object.keys(reductionFields) as Reduction['kind'][];

/**
 * A reduction from plain data, as a JSON file would hold it: formats may be notations, policies partial.
 *
 * @param argument - the argument's name, for errors
 * @throws {@link BittrueError} for unknown kinds and keys, widths out of range, a `chain` across trees, and more than
 * 8 reductions within each other
 * @example
 * import { defineReduction } from 'bittrue/accumulators';
 * const reduction = defineReduction({
 *   kind: 'tiled',
 *   size: 128,
 *   within: { kind: 'sequential', accumulator: { kind: 'float', rounding: { format: 'binary16' } } },
 *   across: { kind: 'sequential', accumulator: { kind: 'float', rounding: { format: 'binary32' } } },
 * });
 * reduction.kind; // 'tiled'
 */
export function defineReduction(value: unknown, argument = 'reduction'): Reduction {
  checkText('argument', argument);
  return defineAt(value, argument, 1);
}

/** The same at a depth, the outermost being 1. */
function defineAt(value: unknown, argument: string, depth: number): Reduction {
  return markMade(checkedAt(value, argument, depth));
}

function checkedAt(value: unknown, argument: string, depth: number): Reduction {
  checkDepth(argument, depth);
  if (typeof value !== 'object' || value === null) {
    const wanted =
      'a reduction such as { "kind": "sequential", "accumulator": { "kind": "float", "rounding": { "format": "binary32" } } }';
    throw new BittrueError('type', argument, value, wanted);
  }
  const kind = checkName(`${argument}.kind`, fieldsOf(value).kind, kinds);
  const given = checkObject(argument, value, ['kind', ...reductionFields[kind]]);
  if (kind === 'split') return definedSplit(given, argument, depth);
  if (kind === 'tiled' || kind === 'strided') {
    const { size, short, lanes, run, within } = given;
    const inner = defineAt(within, `${argument}.within`, depth + 1);
    const across = definedAcross(given.across, argument, depth);
    if (across === 'chain') checkChains(inner, `${argument}.within`);
    const shared = { within: inner, across } as const;
    const isFirst = checkName(`${argument}.short`, short ?? 'last', ['last', 'first']) === 'first';
    return kind === 'tiled'
      ? Object.freeze({
          kind,
          size: checkInteger(`${argument}.size`, size, 1, 2 ** 31),
          ...(isFirst ? { short: 'first' as const } : {}),
          ...shared,
        })
      : Object.freeze({
          kind,
          lanes: checkInteger(`${argument}.lanes`, lanes, 1, 2 ** 31),
          ...(run === undefined || run === 1 ? {} : { run: checkInteger(`${argument}.run`, run, 1, 2 ** 31) }),
          ...shared,
        });
  }
  const { accumulator, order, leaf, start, lanes } = given;
  const descends = checkName(`${argument}.order`, order ?? 'ascending', ['ascending', 'descending']) === 'descending';
  const isBare = checkName(`${argument}.leaf`, leaf ?? 'chain', ['chain', 'element']) === 'element';
  const isTaken = checkName(`${argument}.start`, start ?? 'zero', ['zero', 'first']) === 'first';
  const defined = {
    kind: kind as 'sequential' | 'pairwise' | 'butterfly',
    accumulator: defineAccumulator(accumulator, `${argument}.accumulator`),
    ...(descends ? { order: 'descending' as const } : {}),
    ...(isBare ? { leaf: 'element' as const } : {}),
    ...(isTaken ? { start: 'first' as const } : {}),
    ...(lanes === undefined ? {} : { lanes: checkPowerOfTwo(`${argument}.lanes`, lanes) }),
  };
  if ((isBare || isTaken) && takesProducts(defined)) {
    const [field, got] = isBare ? ['leaf', leaf] : ['start', start];
    throw new BittrueError('unsupported', `${argument}.${field}`, got, 'an accumulator of rounded terms');
  }
  return Object.freeze(defined);
}

function definedAcross(across: unknown, argument: string, depth: number): Reduction | 'chain' {
  if (across === 'chain') return across;
  return ofResults(defineAt(across, `${argument}.across`, depth + 1), `${argument}.across`);
}

function definedSplit(given: Readonly<Record<string, unknown>>, argument: string, depth: number): Reduction {
  const head = defineAt(given.head, `${argument}.head`, depth + 1);
  const tail = defineAt(given.tail, `${argument}.tail`, depth + 1);
  const across = definedAcross(given.across, argument, depth);
  if (across === 'chain') checkChains(tail, `${argument}.tail`);
  if (takesProducts(head) !== takesProducts(tail)) {
    const wanted = 'an accumulator that takes exact products where the head does, and only there';
    throw new BittrueError('unsupported', `${argument}.tail`, tail.kind, wanted);
  }
  const multipleOf = checkInteger(`${argument}.multipleOf`, given.multipleOf, 1, 2 ** 31);
  return Object.freeze({ kind: 'split', multipleOf, head, tail, across });
}

/** What chains must be able to start from an earlier result. */
function checkChains(inner: Reduction, argument: string): void {
  if (lastTree(inner) === null) return;
  throw new BittrueError('unsupported', argument, inner.kind, `a sequential reduction, to chain its results`);
}

function checkPowerOfTwo(argument: string, value: unknown): number {
  const found = checkInteger(argument, value, 1, 2 ** 20);
  if ((found & (found - 1)) !== 0) throw new BittrueError('range', argument, found, 'a power of two');
  return found;
}

function checkDepth(argument: string, depth: number): void {
  if (depth > DEEPEST) {
    throw new BittrueError('range', argument, `level ${depth}`, `at most ${DEEPEST} reductions within each other`);
  }
}

/** A reduction of results, which form no groups: only products do, whose sums are exact. */
function ofResults(reduction: Reduction, argument: string): Reduction {
  if ('across' in reduction) {
    if (reduction.kind === 'split') {
      ofResults(reduction.head, `${argument}.head`);
      ofResults(reduction.tail, `${argument}.tail`);
    } else ofResults(reduction.within, `${argument}.within`);
    if (reduction.across !== 'chain') ofResults(reduction.across, `${argument}.across`);
  } else if (reduction.accumulator.kind === 'aligned' && (reduction.accumulator.group ?? 1) > 1) {
    const { group } = reduction.accumulator;
    throw new BittrueError('unsupported', `${argument}.accumulator.group`, group, '1, to sum results of other sums');
  }
  return reduction;
}

/** Whether a reduction's elements enter as exact products: its innermost accumulators take such. */
export function takesProducts(reduction: Reduction): boolean {
  let inner = reduction;
  for (let depth = 1; ; depth++) {
    checkDepth('reduction', depth);
    checkMade('reduction', inner, ['kind'], 'a reduction, as defineReduction gives it');
    if (!('across' in inner)) break;
    inner = inner.kind === 'split' ? inner.head : inner.within;
  }
  const { accumulator } = inner;
  checkMade('reduction.accumulator', accumulator, ['kind'], 'an accumulator, as defineReduction gives it');
  switch (accumulator.kind) {
    case 'float':
    case 'fixed':
      return accumulator.fused === true;
    case 'kahan':
    case 'neumaier':
      return false;
    default:
      return true;
  }
}
