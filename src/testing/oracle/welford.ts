/**
 * Welford's update in lanes, written down as lists of numbers and trees of merges: no lane has a number, none is re-used.
 *
 * @module
 */
import type { Reduction } from '../../accumulators/reduction.ts';
import { BittrueError } from '../../errors/index.ts';

type Operation = OracleWelfordStep[1];
/** `[to, operation, ...operands]`, an operation of add, subtract, multiply, divide, fusedMultiplyAdd; operands are names, or 1. */
export type OracleWelfordStep = readonly [
  to: string,
  operation: 'add' | 'subtract' | 'multiply' | 'divide' | 'fusedMultiplyAdd',
  ...operands: (string | 1)[],
];
/** As `WelfordForm` of `bittrue/kernels`. */
export interface OracleWelfordForm {
  readonly update: readonly OracleWelfordStep[];
  readonly merge: readonly OracleWelfordStep[];
  readonly empty: 'skip' | 'merge';
}

/** δ = x − m, m += δ·(1/n), M2 += δ·(x − m); merged by δ·n_b / n and δ²·n_a·n_b / n. */
export const chan: OracleWelfordForm = {
  update: [
    ['d', 'subtract', 'x', 'mean'],
    ['t', 'multiply', 'd', 'reciprocal'],
    ['mean', 'add', 'mean', 't'],
    ['e', 'subtract', 'x', 'mean'],
    ['square', 'multiply', 'd', 'e'],
    ['m2', 'add', 'm2', 'square'],
  ],
  merge: [
    ['d', 'subtract', 'meanB', 'meanA'],
    ['t', 'multiply', 'd', 'nB'],
    ['u', 'divide', 't', 'n'],
    ['mean', 'add', 'meanA', 'u'],
    ['m2', 'add', 'm2A', 'm2B'],
    ['square', 'multiply', 'd', 'd'],
    ['square', 'multiply', 'square', 'nA'],
    ['square', 'multiply', 'square', 'nB'],
    ['square', 'divide', 'square', 'n'],
    ['m2', 'add', 'm2', 'square'],
  ],
  empty: 'skip',
};

/** One rounded operation of a form; `isSquare`: it rounds as sums of squares do. */
export type WelfordOperate = (
  operation: Operation,
  isSquare: boolean,
  operands: readonly number[],
  index: number | null,
  step: number,
) => number;

interface Lane {
  readonly mean: number;
  readonly m2: number;
  readonly count: number;
}
const EMPTY: Lane = { mean: 0, m2: 0, count: 0 };
/** The number of an element, or a lane to be found. */
type Item = number | (() => Lane);

/** Refuses what elements cannot update one after the other. */
export function checkOracleWelford(reduction: Reduction): void {
  if ('across' in reduction) {
    const inner = reduction.kind === 'split' ? [reduction.head, reduction.tail] : [reduction.within];
    for (const part of inner) checkOracleWelford(part);
    return;
  }
  const { kind, start, accumulator } = reduction;
  const isRounded = (accumulator.kind === 'float' || accumulator.kind === 'fixed') && accumulator.fused !== true;
  if (kind === 'sequential' && start !== 'first' && isRounded) return;
  const wanted = 'another variance, or a reduction whose elements enter chains by rounded additions';
  throw new BittrueError('unsupported', 'options.variance', 'welford', wanted);
}

/** Mean and sum of squares of x along a reduction; `reciprocals`: 1/n at n − 1. */
export function oracleWelford(
  reduction: Reduction,
  form: OracleWelfordForm,
  x: readonly number[],
  reciprocals: readonly number[],
  operate: WelfordOperate,
): { mean: number; m2: number } {
  let merges = 0;
  const evaluate = (steps: readonly OracleWelfordStep[], given: object, index: number | null, first: number) => {
    const names: Record<string, number> = { ...given, 1: 1 };
    steps.forEach(([to, operation, ...operands], k) => {
      const values = operands.map((name) => names[name] as number);
      names[to] = operate(operation, ['square', 'm2'].includes(to), values, index, first + k);
    });
    return { mean: names.mean as number, m2: names.m2 as number };
  };
  const update = (lane: Lane, i: number): Lane => {
    const n = lane.count + 1;
    const given = { x: x[i], mean: lane.mean, m2: lane.m2, n, reciprocal: reciprocals[lane.count] };
    return { ...evaluate(form.update, given, i, form.update.length * i), count: n };
  };
  const merge = (a: Lane, b: Lane, number: number): Lane => {
    const n = a.count + b.count;
    if (n === 0) return EMPTY;
    if (form.empty === 'skip' && a.count * b.count === 0) return a.count > 0 ? a : b;
    const given = { meanA: a.mean, m2A: a.m2, nA: a.count, meanB: b.mean, m2B: b.m2, nB: b.count, n };
    const first = form.update.length * x.length + form.merge.length * number;
    return { ...evaluate(form.merge, given, null, first), count: n };
  };
  const chain = (items: readonly Item[], start: Lane | null, takesFirst: boolean): Lane => {
    let own = start ?? EMPTY;
    let rest = items;
    if (start === null && takesFirst) {
      own = (items[0] as () => Lane)();
      rest = items.slice(1);
    }
    // All parts are found before the first of them enters, and numbered as they come.
    const found = rest.map((item) => (typeof item === 'number' ? item : { lane: item(), number: merges++ }));
    for (const item of found) own = typeof item === 'number' ? update(own, item) : merge(own, item.lane, item.number);
    return own;
  };
  const join = (left: () => Lane, right: () => Lane): (() => Lane) => {
    return () => {
      const [a, b] = [left(), right()];
      return merge(a, b, merges++);
    };
  };
  const reduce = (node: Reduction, items: readonly Item[], start: Lane | null): Lane => {
    if (items.length === 0) return start ?? EMPTY;
    if (!('across' in node)) {
      if (node.kind === 'sequential') {
        return chain(node.order === 'descending' ? [...items].reverse() : items, start, node.start === 'first');
      }
      const leaves = items.map(
        (item) => () => (node.leaf === 'element' ? (item as () => Lane)() : chain([item], null, false)),
      );
      if (node.lanes !== undefined) {
        let width = node.lanes;
        while (width < leaves.length) width *= 2;
        while (leaves.length < width) leaves.push(() => EMPTY);
      }
      return (node.kind === 'pairwise' ? neighbours(leaves, join) : halves(leaves, join))();
    }
    const parts = partsOf(node, items).filter(([, own]) => own.length > 0);
    if (node.across === 'chain') {
      return parts.reduce<Lane | null>((lane, [within, own]) => reduce(within, own, lane), start) ?? EMPTY;
    }
    return reduce(
      node.across,
      parts.map(
        ([within, own]) =>
          () =>
            reduce(within, own, null),
      ),
      start,
    );
  };
  const { mean, m2 } = reduce(reduction, [...x.keys()], null);
  return { mean, m2 };
}

type Join<T> = (left: T, right: T) => T;

function neighbours<T>(level: readonly T[], join: Join<T>): T {
  if (level.length === 1) return level[0] as T;
  const next = level.flatMap((left, i) => {
    if (i % 2 === 1) return [];
    return [i + 1 < level.length ? join(left, level[i + 1] as T) : left];
  });
  return neighbours(next, join);
}

function halves<T>(level: readonly T[], join: Join<T>): T {
  if (level.length === 1) return level[0] as T;
  const h = Math.ceil(level.length / 2);
  const next = level.slice(0, h).map((left, i) => (i + h < level.length ? join(left, level[i + h] as T) : left));
  return halves(next, join);
}

function partsOf<T>(node: Extract<Reduction, { across: unknown }>, items: readonly T[]): (readonly [Reduction, T[]])[] {
  if (node.kind === 'split') {
    const cut = items.length - (items.length % node.multipleOf);
    return [
      [node.head, items.slice(0, cut)],
      [node.tail, items.slice(cut)],
    ];
  }
  if (node.kind === 'strided') {
    const { lanes, run = 1, within } = node;
    return Array.from({ length: lanes }, (_, l) => [within, items.filter((_, i) => Math.floor(i / run) % lanes === l)]);
  }
  const { size, short, within } = node;
  const lead = short === 'first' ? items.length % size : 0;
  const tiles = Array.from({ length: Math.ceil((items.length - lead) / size) }, (_, t) =>
    items.slice(lead + t * size, lead + (t + 1) * size),
  );
  return [items.slice(0, lead), ...tiles].map((tile) => [within, tile]);
}
