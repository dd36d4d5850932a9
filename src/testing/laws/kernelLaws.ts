/**
 * What softmax, LayerNorm and all-reduce obey in any arithmetic that rounds symmetrically.
 *
 * @module
 */
import { checkBoolean, checkInteger, checkObject, checkPositive } from '../../errors/index.ts';
import { spell } from '../check/conversionWords.ts';
import type { Next } from '../conformance/sample.ts';
import type { Law } from './law.ts';

/** A kernel over one row. */
export type RowKernel = (row: readonly number[]) => ArrayLike<number>;

/** A sum over devices: what each sends, to what each receives. */
export type AllReduce = (sent: readonly (readonly number[])[]) => readonly ArrayLike<number>[];

const complexity = (row: readonly number[]): number => row.reduce((sum, x) => sum + 4 + String(x).length, 0);

/** Rows of small integers over a power of two: exact in every format of a few bits. */
function rows(width: number, scale: number): (next: Next) => Generator<number[]> {
  return function* (next) {
    for (;;) yield Array.from({ length: width }, () => ((next(33) - 16) / 8) * scale);
  };
}

const told = (row: ArrayLike<number>): string => `[${Array.from(row, spell).join(', ')}]`;

/**
 * The laws of softmax: shares between 0 and 1; equal inputs share equally; larger inputs never get less; adding a number that
 * rounds nothing changes nothing; the shares add up to 1 within half a unit in the last place each.
 *
 * @param options - `width`: numbers of a row, default 8; `ulp`: the distance of the output format's numbers below 1
 * @throws {@link BittrueError} for options out of range
 * @example
 * import { softmax } from 'bittrue/kernels';
 * import { checkLaws, softmaxLaws } from 'bittrue/testing';
 * import { fp16 } from 'bittrue/targets';
 * const kernel = (row: readonly number[]) => softmax(Float64Array.from(row), { rows: 1, width: row.length, target: fp16 }).output;
 * checkLaws(kernel, softmaxLaws({ ulp: 2 ** -11 }), { runs: 50 }).ok; // true
 */
export function softmaxLaws(options: {
  readonly width?: number;
  readonly ulp: number;
}): Law<RowKernel, readonly number[]>[] {
  checkObject('options', options, ['width', 'ulp']);
  const width = checkInteger('options.width', options.width ?? 8, 1, 2 ** 20);
  const ulp = checkPositive('options.ulp', options.ulp);
  const cases = rows(width, 1);
  return [
    {
      name: 'shares',
      text: 'every result lies between 0 and 1',
      cases,
      complexity,
      broken: (kernel, row) => (Array.from(kernel(row)).every((y) => y >= 0 && y <= 1) ? null : told(kernel(row))),
    },
    {
      name: 'order',
      text: 'a larger number never gets a smaller share, equal numbers get equal ones',
      cases,
      complexity,
      broken(kernel, row) {
        const y = kernel(row);
        for (let i = 0; i < row.length; i++) {
          for (let j = 0; j < row.length; j++) {
            const [a, b] = [row[i] as number, row[j] as number];
            const [s, t] = [y[i] as number, y[j] as number];
            if ((a > b && s < t) || (a === b && s !== t))
              return `${spell(a)} gets ${spell(s)}, ${spell(b)} gets ${spell(t)}`;
          }
        }
        return null;
      },
    },
    {
      name: 'shift',
      text: 'adding 1 to every number changes nothing',
      cases,
      complexity,
      broken(kernel, row) {
        const [y, moved] = [kernel(row), kernel(row.map((x) => x + 1))];
        const at = row.findIndex((_, i) => y[i] !== moved[i]);
        return at < 0
          ? null
          : `${told(row)} gives ${spell(y[at] as number)} at ${at}, moved ${spell(moved[at] as number)}`;
      },
    },
    {
      name: 'total',
      text: 'the shares add up to 1 within a unit in the last place each',
      cases,
      complexity,
      broken(kernel, row) {
        const total = Array.from(kernel(row)).reduce((sum, y) => sum + y, 0);
        return Math.abs(total - 1) <= row.length * ulp ? null : `the shares of ${told(row)} add up to ${total}`;
      },
    },
  ];
}

/**
 * The laws of LayerNorm without γ and β: minus the row gives minus the result; a constant row gives zeros; with ε = 0 a row
 * times a power of two gives the same; every result is finite while the row's magnitudes stay below a bound; with `epsilon` the
 * results' squares add up to width · variance / (variance + ε), for rows of size 1 and √ε: a variance divided by width − 1, or ε beside
 * the root, breaks it. That one is for kernels whose squares of √ε are no underflow.
 *
 * @param options - `width`, default 8; `epsilonIsZero`, default false; `bound`: magnitudes that must raise nothing, default 8;
 * `epsilon`: what is added to the variance
 * @throws {@link BittrueError} for options out of range
 * @example
 * import { layerNorm } from 'bittrue/kernels';
 * import { checkLaws, layerNormLaws } from 'bittrue/testing';
 * import { fp16 } from 'bittrue/targets';
 * const kernel = (row: readonly number[]) => layerNorm(Float64Array.from(row), { rows: 1, width: row.length, target: fp16 }).output;
 * checkLaws(kernel, layerNormLaws({ bound: 64 }), { runs: 50 }).ok; // true
 * checkLaws(kernel, layerNormLaws({ bound: 2 ** 15 }), { runs: 50 }).broken; // ['bounded']
 */
export function layerNormLaws(
  options: {
    readonly width?: number;
    readonly epsilonIsZero?: boolean;
    readonly bound?: number;
    readonly epsilon?: number;
  } = {},
): Law<RowKernel, readonly number[]>[] {
  checkObject('options', options, ['width', 'epsilonIsZero', 'bound', 'epsilon']);
  const width = checkInteger('options.width', options.width ?? 8, 1, 2 ** 20);
  const epsilonIsZero = checkBoolean('options.epsilonIsZero', options.epsilonIsZero ?? false);
  const bound = checkPositive('options.bound', options.bound ?? 8);
  const epsilon = options.epsilon === undefined ? null : checkPositive('options.epsilon', options.epsilon);
  const cases = rows(width, 1);
  const equal = (a: ArrayLike<number>, b: ArrayLike<number>, sign: number): number =>
    Array.from(a).findIndex((x, i) => x !== sign * (b[i] as number));
  return [
    {
      name: 'sign',
      text: 'minus the row gives minus the result',
      cases,
      complexity,
      broken(kernel, row) {
        const [y, minus] = [kernel(row), kernel(row.map((x) => -x))];
        const at = equal(y, minus, -1);
        return at < 0
          ? null
          : `${told(row)} gives ${spell(y[at] as number)} at ${at}, minus it ${spell(minus[at] as number)}`;
      },
    },
    {
      name: 'constant',
      text: 'a constant row gives zeros',
      cases: function* (next) {
        for (;;) yield new Array<number>(width).fill((next(33) - 16) / 8);
      },
      complexity,
      broken: (kernel, row) =>
        Array.from(kernel(row)).every((y) => y === 0) ? null : `${told(row)} gives ${told(kernel(row))}`,
    },
    ...(epsilonIsZero
      ? [
          {
            name: 'scaling',
            text: 'twice the row gives the same result',
            cases,
            complexity,
            broken(kernel: RowKernel, row: readonly number[]) {
              if (row.every((x) => x === row[0])) return null;
              const [y, twice] = [kernel(row), kernel(row.map((x) => 2 * x))];
              const at = equal(y, twice, 1);
              return at < 0
                ? null
                : `${told(row)} gives ${spell(y[at] as number)} at ${at}, twice it ${spell(twice[at] as number)}`;
            },
          },
        ]
      : []),
    ...(epsilon === null ? [] : [lengthLaw(width, epsilon)]),
    {
      name: 'bounded',
      text: `rows of magnitudes up to ${bound} stay finite and are not lost: the results' squares add up to about the width`,
      cases: rows(width, bound / 2),
      complexity,
      broken(kernel, row) {
        const y = Array.from(kernel(row));
        const squares = y.reduce((sum, one) => sum + one * one, 0);
        const isConstant = row.every((x) => x === row[0]);
        return y.every(Number.isFinite) && (isConstant || Math.abs(squares / width - 1) < 0.25)
          ? null
          : `${told(row)} gives ${told(y)}`;
      },
    },
  ];
}

/** How far the sum of squares may be off, relative: what rounding in binary16 leaves of it. */
const SLACK = 2 ** -7;

function lengthLaw(width: number, epsilon: number): Law<RowKernel, readonly number[]> {
  const small = Math.sqrt(epsilon);
  return {
    name: 'length',
    text: "the results' squares add up to width · variance / (variance + ε)",
    cases: function* (next) {
      const [ones, roots] = [rows(width, 1)(next), rows(width, small)(next)];
      for (;;) {
        yield ones.next().value as number[];
        yield roots.next().value as number[];
      }
    },
    complexity,
    broken(kernel, row) {
      const mean = row.reduce((sum, x) => sum + x, 0) / width;
      const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / width;
      const wanted = (width * variance) / (variance + epsilon);
      const squares = Array.from(kernel(row)).reduce((sum, y) => sum + y * y, 0);
      return Math.abs(squares - wanted) <= SLACK * wanted
        ? null
        : `${told(row)}: the squares add up to ${spell(squares)}; right is ${spell(wanted)}`;
    },
  };
}

/**
 * The laws of an all-reduce: every device receives the same; devices that send zeros change nothing; where promised, the order
 * of the devices does not matter.
 *
 * @param options - `devices`, default 4; `width`, default 8; `permutable`: any order of devices gives the same, default false
 * @throws {@link BittrueError} for options out of range
 * @example
 * import { allReduceLaws, checkLaws } from 'bittrue/testing';
 * const exact = (sent: readonly (readonly number[])[]) =>
 *   sent.map(() => sent[0]!.map((_, i) => sent.reduce((sum, row) => sum + row[i]!, 0)));
 * checkLaws(exact, allReduceLaws({ permutable: true })).ok; // true
 */
export function allReduceLaws(
  options: { readonly devices?: number; readonly width?: number; readonly permutable?: boolean } = {},
): Law<AllReduce, readonly (readonly number[])[]>[] {
  checkObject('options', options, ['devices', 'width', 'permutable']);
  const devices = checkInteger('options.devices', options.devices ?? 4, 1, 1024);
  const width = checkInteger('options.width', options.width ?? 8, 1, 2 ** 20);
  const permutable = checkBoolean('options.permutable', options.permutable ?? false);
  const one = rows(width, 1);
  const cases = function* (next: Next): Generator<number[][]> {
    const drawn = one(next);
    for (;;) yield Array.from({ length: devices }, () => drawn.next().value as number[]);
  };
  const cost = (sent: readonly (readonly number[])[]): number => sent.reduce((sum, row) => sum + complexity(row), 0);
  const differ = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
    Array.from(a).some((x, i) => x !== b[i]) || a.length !== b.length;
  return [
    {
      name: 'agreement',
      text: 'every device receives the same',
      cases,
      complexity: cost,
      broken(reduce, sent) {
        const received = reduce(sent);
        const at = received.findIndex((row) => differ(row, received[0] as ArrayLike<number>));
        return at < 0
          ? null
          : `device 0 receives ${told(received[0] as ArrayLike<number>)}, device ${at} ${told(received[at] as ArrayLike<number>)}`;
      },
    },
    {
      name: 'zeros',
      text: 'what one device alone sends is received, the others sending zeros, the same whichever device it is',
      cases,
      complexity: cost,
      broken(reduce, sent) {
        const alone = (at: number): ArrayLike<number> =>
          reduce(
            sent.map((_, i) => (i === at ? (sent[0] as number[]) : new Array<number>(width).fill(0))),
          )[0] as ArrayLike<number>;
        const [first, last] = [alone(0), alone(devices - 1)];
        return differ(first, last) ? `sent by device 0: ${told(first)}; by device ${devices - 1}: ${told(last)}` : null;
      },
    },
    ...(permutable
      ? [
          {
            name: 'permutation',
            text: 'the order of the devices does not matter',
            cases,
            complexity: cost,
            broken(reduce: AllReduce, sent: readonly (readonly number[])[]) {
              const [plain, turned] = [reduce(sent)[0], reduce([...sent].reverse())[0]] as [
                ArrayLike<number>,
                ArrayLike<number>,
              ];
              return differ(plain, turned) ? `${told(plain)}, backward ${told(turned)}` : null;
            },
          },
        ]
      : []),
  ];
}
