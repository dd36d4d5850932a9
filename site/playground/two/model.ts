/**
 * Two sides on the same data: what each gives, the bits that differ, and the first step that does.
 *
 * @module
 */
import { parseFormat } from 'bittrue/formats';
import { explain } from 'bittrue/rounding';
import { defineTarget, type Target } from 'bittrue/targets';
import { distinguish, type SumTrace } from 'bittrue/testing';
import { codeList, listText, numbersIn } from '../shared/numbers';
import { type Data, operandsCode, operandsFor, type Texts, type Told, tellSum } from '../shared/sums';
import { blockScale, operandText } from '../shared/units';

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

/** A side: a chip by its name, or an order. */
function sideOf(kind: Kind, name: string): Target | string {
  return kind === 'orders' ? orderTarget(name) : name;
}

/** One side's sum. */
export function traceSide(kind: Kind, name: string, data: Data): Told {
  return tellSum(sideOf(kind, name), data);
}

/** What a side reads, in words. */
export function readText(kind: Kind, name: string): string {
  return operandText(sideOf(kind, name));
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
export function smallest(kind: Kind, left: string, right: string): Texts | string {
  const found = distinguish(sideOf(kind, left), sideOf(kind, right), 'dot', { rows: 4096 });
  if (found.verdict === 'different') {
    const [a, b, c] = [found.a, found.b ?? [], [found.c ?? 0]].map(listText) as [string, string, string];
    return { a, b, c, p: listText(found.scaleA ?? []), q: listText(found.scaleB ?? []) };
  }
  if (found.verdict === 'equivalent') return `They compute the same on all operands: ${found.reason}.`;
  return 'No difference was found on structured operands and 4,096 random rows.';
}

/** Numbers in two formats. */
export function formatRows(left: string, right: string, text: string) {
  const [p, q] = [parseFormat(left), parseFormat(right)];
  const numbers = numbersIn(text);
  if (numbers.length === 0) throw new Error('type numbers, between commas');
  return numbers.map((given) => {
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
  if (kind === 'formats') {
    const code = `import { explain, parseFormat } from 'bittrue';

for (const x of ${codeList(data.a)}) {
  console.log(x, ...['${left}', '${right}'].map((name) => explain(parseFormat(name), x).result.value));
}`;
    return { code, command: '' };
  }
  const name = (side: string): string =>
    kind === 'chips' ? `'${side}'` : `defineTarget(${JSON.stringify(orderDefinition(side))})`;
  const [p, q] = [left, right].map((side) => operandsCode(operandsFor(sideOf(kind, side), data)));
  const sides =
    p === q
      ? `const operands = ${p};
for (const target of [${name(left)}, ${name(right)}]) {`
      : `for (const [target, operands] of [
  [${name(left)}, ${p}],
  [${name(right)}, ${q}],
] as const) {`;
  const code = `${kind === 'orders' ? "import { defineTarget } from 'bittrue';\n" : ''}import { traceSum } from 'bittrue/testing';

${sides}
  const { value, code, steps } = traceSum(target, operands);
  console.log(value, code);
  for (const { words } of steps) console.log('  ' + words);
}`;
  // `compare` takes no scales of blocks.
  const isComparable = kind === 'chips' && readText(kind, left) === readText(kind, right) && blockScale(left) === null;
  return { code, command: isComparable ? `npx bittrue compare ${left} ${right}` : '' };
}
