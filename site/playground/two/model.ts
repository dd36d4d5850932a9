/**
 * Two sides on the same data: what each gives, the bits that differ, and the first step that does.
 *
 * @module
 */
import { parseFormat } from 'bittrue/formats';
import { explain } from 'bittrue/rounding';
import { defineTarget, type Target } from 'bittrue/targets';
import { distinguish, type SumTrace, traceSum } from 'bittrue/testing';
import { codeList, codeNumber, listText, numbersIn } from '../shared/numbers';

export type Kind = 'chips' | 'orders' | 'formats';

/** Orders of additions, as data of the library. */
export const orders: Readonly<Record<string, object>> = {
  ascending: { kind: 'sequential' },
  descending: { kind: 'sequential', order: 'descending' },
  pairwise: { kind: 'pairwise' },
  'four lanes': { kind: 'strided', lanes: 4, within: { kind: 'sequential' }, across: { kind: 'sequential' } },
  'tiles of 4': { kind: 'tiled', size: 4, within: { kind: 'sequential' }, across: { kind: 'sequential' } },
};
export const accumulatorNames = ['float', 'kahan', 'neumaier', 'exact'] as const;

/** The target of an order such as `pairwise:float:binary16`, as a user would write it. */
function orderDefinition(name: string): object {
  const [order = '', kind = '', ...rest] = name.split(':');
  const format = rest.join(':');
  const shape = orders[order];
  if (shape === undefined) throw new Error(`“${order}” is none of ${Object.keys(orders).join(', ')}`);
  const rounding = { format };
  const accumulator = kind === 'exact' ? { kind, output: rounding } : { kind, rounding };
  const fill = (node: object): object =>
    'within' in node && 'across' in node
      ? { ...node, within: fill(node.within as object), across: fill(node.across as object) }
      : { ...node, accumulator };
  // All but exact sums take products that are rounded.
  const product = kind === 'exact' ? {} : { product: rounding };
  const sum = { a: [format], k: 1, ...product, reduction: fill(shape), addend: rounding, output: rounding };
  return { name: 'mine', matrixUnits: { sum } };
}

export function orderTarget(name: string): Target {
  return defineTarget(orderDefinition(name));
}

/** Operands of one sum. */
export interface Data {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly c: number;
}

export function dataOf(a: string, b: string, c: string): Data {
  const [left, right] = [numbersIn(a), numbersIn(b)];
  if (left.length !== right.length) throw new Error(`a has ${left.length} numbers, b has ${right.length}`);
  return { a: left, b: right, c: numbersIn(c === '' ? '0' : c)[0] ?? 0 };
}

/** One side's sum. */
export function traceSide(kind: Kind, name: string, { a, b, c }: Data): SumTrace {
  return traceSum(kind === 'orders' ? orderTarget(name) : name, { a, b, c });
}

/** The first element after which both have added the same elements and differ; where they never have, the end. */
export function firstDifference(left: SumTrace, right: SumTrace): readonly [number, number] | null {
  if (Object.is(left.value, right.value) && left.code === right.code) return null;
  const reached = ({ steps }: SumTrace): Map<number, number> => {
    let last = -1;
    const found = new Map<number, number>();
    steps.forEach(({ elements }, i) => {
      last = Math.max(last, ...(elements ?? []));
      found.set(last, i);
    });
    return found;
  };
  const [p, q] = [reached(left), reached(right)];
  for (const [element, i] of p) {
    const j = q.get(element);
    if (j !== undefined && !Object.is(left.steps[i]?.result, right.steps[j]?.result)) return [i, j];
  }
  return [left.steps.length - 1, right.steps.length - 1];
}

/** The bits of both codes, from the left, and whether they differ there; only for results of one format. */
export function differingBits(left: SumTrace, right: SumTrace): readonly (readonly [string, string, boolean])[] | null {
  if (left.format !== right.format) return null;
  const { bits } = parseFormat(left.format);
  const [p, q] = [left, right].map(({ code }) => BigInt(code).toString(2).padStart(bits, '0')) as [string, string];
  return Array.from(p, (bit, i) => [bit, q[i] as string, bit !== q[i]] as const);
}

/** The smallest operands that tell two apart; or why there are none. */
export function smallest(
  kind: Kind,
  left: string,
  right: string,
): { readonly a: string; readonly b: string; readonly c: string } | string {
  const side = (name: string): Target | string => (kind === 'orders' ? orderTarget(name) : name);
  const found = distinguish(side(left), side(right), 'dot', { rows: 4096 });
  if (found.verdict === 'different') {
    return { a: listText(found.a), b: listText(found.b ?? []), c: listText([found.c ?? 0]) };
  }
  if (found.verdict === 'equivalent') return `They compute the same on all operands: ${found.reason}.`;
  return 'No difference was found on structured operands and 4,096 random rows.';
}

/** Numbers in two formats. */
export function formatRows(left: string, right: string, text: string) {
  const [p, q] = [parseFormat(left), parseFormat(right)];
  return numbersIn(text).map((given) => {
    const [one, other] = [explain(p, given), explain(q, given)];
    return { given, left: one.result, right: other.result, differs: !Object.is(one.result.value, other.result.value) };
  });
}

export function asCode(
  kind: Kind,
  left: string,
  right: string,
  data: Data,
): { readonly code: string; readonly command: string } {
  const operands = `{ a: ${codeList(data.a)}, b: ${codeList(data.b)}, c: ${codeNumber(data.c)} }`;
  if (kind === 'formats') {
    const code = `import { explain, parseFormat } from 'bittrue';

for (const x of ${codeList(data.a)}) {
  console.log(x, ...['${left}', '${right}'].map((name) => explain(parseFormat(name), x).result.value));
}`;
    return { code, command: '' };
  }
  const name = (side: string): string =>
    kind === 'chips' ? `'${side}'` : `defineTarget(${JSON.stringify(orderDefinition(side))})`;
  const code = `${kind === 'orders' ? "import { defineTarget } from 'bittrue';\n" : ''}import { traceSum } from 'bittrue/testing';

const operands = ${operands};
for (const target of [${name(left)}, ${name(right)}]) {
  const { value, code, steps } = traceSum(target, operands);
  console.log(value, code);
  for (const { words } of steps) console.log('  ' + words);
}`;
  return { code, command: kind === 'chips' ? `npx bittrue compare ${left} ${right}` : '' };
}
