/**
 * Units of the algebra drawn at random, written apart from the hypotheses of a search: a reduction is put together directly from
 * kinds, widths and modes.
 *
 * @module
 */
import type { Accumulator, AlignedAccumulator, Reduction } from '../../src/accumulators/index.ts';
import { parseFormat } from '../../src/formats/index.ts';
import { type RoundingMode, roundTo } from '../../src/rounding/index.ts';
import { defineTarget, type Target } from '../../src/targets/index.ts';
import { generator } from '../random.ts';

/** Kinds of sums, drawn alike. */
export const kinds = ['rounded', 'multiplyAdd', 'aligned', 'late', 'exact', 'kahan', 'neumaier', 'integer'] as const;

export interface Drawn {
  readonly text: string;
  readonly k: number;
  readonly target: Target;
}

const modes: readonly RoundingMode[] = [
  ...(['tiesToEven', 'towardZero', 'tiesToAway', 'toOdd', 'towardNegative', 'towardPositive'] as const),
];

/** Unit number n of a seed. */
export function drawUnit(seed: string, n: number): Drawn {
  const random = generator(`${seed} ${n}`);
  const below = (most: number): number => Math.floor(random() * most);
  const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;
  const kind = pick(kinds);
  const block = 1 + below(64);
  const k = Math.max(2, Math.min(96, block + 1 + below(block + 1)));
  const sequence = (accumulator: Accumulator): Reduction => ({ kind: 'sequential', accumulator });
  const tiled = (accumulator: Accumulator): Reduction =>
    block >= k ? sequence(accumulator) : { kind: 'tiled', size: block, within: sequence(accumulator), across: 'chain' };
  if (kind === 'integer') {
    const bits = pick([16, 20, 24, 32]);
    const overflow = pick(['saturate', 'wrap'] as const);
    const reduction = tiled({ kind: 'integer', bits, overflow, when: pick(['everyStep', 'atEnd'] as const) });
    return made(`int8, ${bits} bits, ${overflow}`, k, 'int8', reduction, 'int32');
  }
  const output = pick(['binary32', 'binary32', 'binary16', 'bfloat16']);
  const a = pick(['binary16', 'bfloat16', 'e4m3fn', 'e5m2']);
  const rounding = roundTo(parseFormat(output), { rounding: pick(modes) });
  const lost = pick(['truncate', 'floor', 'odd'] as const);
  const fractionBits = 4 + below(33);
  const head = { kind: 'aligned', fractionBits, lost, output: rounding } as const;
  const late = { sumBits: 20 + below(16), addendBits: 20 + below(10), lost: pick(['truncate', 'floor'] as const) };
  const accumulators: Record<Exclude<(typeof kinds)[number], 'integer'>, () => Accumulator> = {
    rounded: () => ({ kind: 'float', rounding }),
    multiplyAdd: () => ({ kind: 'float', rounding, fused: true }),
    aligned: (): AlignedAccumulator => {
      const zeroRule = pick(['out', 'out', 'mmasim1'] as const);
      return { ...head, zeroRule, leastExponent: zeroRule === 'out' && below(3) === 0 ? -30 - below(110) : null };
    },
    late: () => ({ ...head, addend: { ...late, far: pick(['cut', 'zero'] as const), settle: null } }),
    exact: () => ({ kind: 'exact', output: rounding }),
    kahan: () => ({ kind: 'kahan', rounding }),
    neumaier: () => ({ kind: 'neumaier', rounding }),
  };
  const isFused = kind === 'aligned' || kind === 'late' || kind === 'exact';
  const accumulator = accumulators[kind]();
  const tree = pick(['pairwise', 'butterfly'] as const);
  const reduction =
    isFused || below(3) > 0 || kind !== 'rounded'
      ? tiled(accumulator)
      : ({ kind: tree, accumulator, leaf: 'element' } as const);
  const product = isFused || kind === 'multiplyAdd' ? null : rounding;
  return made(
    `${kind} of ${a}, ${isFused ? `F ${fractionBits} ${lost}, ` : ''}${output}`,
    k,
    a,
    reduction,
    output,
    product,
  );
}

function made(
  text: string,
  k: number,
  a: string,
  reduction: Reduction,
  output: string,
  product: ReturnType<typeof roundTo> | null = null,
): Drawn {
  const [format, result] = [parseFormat(a), roundTo(parseFormat(output))];
  const target = defineTarget({
    name: 'drawn',
    matrixUnits: { unit: { a: [format], b: [format], k, product, reduction, output: result, addend: result } },
  });
  return { text: `${text}, K ${k}`, k, target };
}
