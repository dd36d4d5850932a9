/**
 * LayerNorm and RMSNorm as exporters spell them out: mean, difference, square, mean, ε, root, quotient, then γ and β.
 *
 * @module
 */
import { numberOf } from '../attributes.ts';
import type { Node } from '../graph.ts';
import { type Replacement, standingFor, type View } from './view.ts';

/** A quotient by a root: what is divided, the root's operand, the nodes, and how it is formed. */
interface Quotient {
  readonly numerator: string;
  readonly radicand: string;
  readonly nodes: readonly Node[];
  /** As the targets call it (`ReciprocalSqrt`). */
  readonly reciprocalSqrt: 'sqrtThenDivide' | 'sqrtThenReciprocal' | 'correctlyRounded';
}

/** Recognises both norms at the node that divides. */
export function recogniseNorm(view: View, node: Node): Replacement | null {
  for (const quotient of quotients(view, node)) {
    const found = normAt(view, node, quotient);
    if (found !== null) return found;
  }
  return null;
}

function quotients(view: View, node: Node): Quotient[] {
  if (node.op === 'Div') {
    const root = view.maker(node.inputs[1], 'Sqrt');
    if (root === null) return [];
    const [numerator] = node.inputs;
    return [{ numerator, radicand: root.inputs[0], nodes: [node, root], reciprocalSqrt: 'sqrtThenDivide' }];
  }
  if (node.op !== 'Mul') return [];
  return [0, 1].flatMap((place): Quotient[] => {
    const numerator = node.inputs[1 - place];
    const power = view.maker(node.inputs[place], 'Pow');
    if (power !== null && view.scalar(power.inputs[1]) === -0.5) {
      return [{ numerator, radicand: power.inputs[0], nodes: [node, power], reciprocalSqrt: 'correctlyRounded' }];
    }
    const inverse = view.maker(node.inputs[place], 'Reciprocal', 'Div');
    if (inverse === null || (inverse.op === 'Div' && view.scalar(inverse.inputs[0]) !== 1)) return [];
    const root = view.maker(inverse.inputs[inverse.op === 'Div' ? 1 : 0], 'Sqrt');
    if (root === null) return [];
    const nodes = [node, inverse, root];
    return [{ numerator, radicand: root.inputs[0], nodes, reciprocalSqrt: 'sqrtThenReciprocal' }];
  });
}

function normAt(view: View, last: Node, quotient: Quotient): Replacement | null {
  const { numerator, radicand, reciprocalSqrt } = quotient;
  const nodes = [...quotient.nodes];
  const sum = view.maker(radicand, 'Add');
  if (sum === null) return null;
  const place = sum.inputs.findIndex((input) => view.scalar(input) !== null);
  if (place < 0) return null;
  const epsilon = view.scalar(sum.inputs[place]) as number;
  const mean = view.maker(sum.inputs[1 - place], 'ReduceMean');
  if (mean === null) return null;
  const square = squareOf(view, mean.inputs[0]);
  const axis = lastAxis(view, mean);
  if (square === null || axis === null) return null;
  nodes.push(sum, mean, square.node);
  // Both differences from the mean may be one node, or two that compute the same.
  const difference = view.maker(numerator, 'Sub');
  const attributes = { axis, epsilon, stash_type: 1, square: square.op, reciprocalSqrt };
  const center = difference === null ? null : centerOf(view, difference, square.operand, axis);
  if (center !== null) {
    return withAffine(view, last, [...nodes, ...center.nodes], 'LayerNormalization', center.x, attributes);
  }
  if (square.operand !== numerator) return null;
  return withAffine(view, last, nodes, 'RMSNormalization', numerator, attributes);
}

function centerOf(view: View, difference: Node, squared: string, axis: number): { x: string; nodes: Node[] } | null {
  const [x] = difference.inputs;
  const isMeanOf = (value: string): Node | null => {
    const mean = view.maker(value, 'ReduceMean');
    return mean !== null && mean.inputs[0] === x && lastAxis(view, mean) === axis ? mean : null;
  };
  const mean = isMeanOf(difference.inputs[1]);
  if (mean === null) return null;
  if (squared === difference.outputs[0]) return { x, nodes: [difference, mean] };
  const second = view.maker(squared, 'Sub');
  const other = second !== null && second.inputs[0] === x ? isMeanOf(second.inputs[1]) : null;
  return second === null || other === null ? null : { x, nodes: [...new Set([difference, mean, second, other])] };
}

function squareOf(view: View, value: string): { node: Node; operand: string; op: 'Pow' | 'Mul' } | null {
  const node = view.maker(value, 'Pow', 'Mul');
  if (node === null) return null;
  const [a, b] = node.inputs;
  if (node.op === 'Pow') return view.scalar(b) === 2 ? { node, operand: a, op: 'Pow' } : null;
  return a === b ? { node, operand: a, op: 'Mul' } : null;
}

/** −1 where a mean is that of the last axis, which stays; else null. */
function lastAxis(view: View, mean: Node): number | null {
  const axes = view.integers(mean.inputs[1] ?? '');
  if (axes?.length !== 1 || numberOf(mean, 'keepdims', 1) === 0) return null;
  const rank = view.rank(mean.inputs[0]);
  return axes[0] === -1 || (rank !== null && axes[0] === rank - 1) ? -1 : null;
}

/** γ and β where they follow; weights of another shape than a row's stay nodes of their own. */
function withAffine(
  view: View,
  root: Node,
  nodes: readonly Node[],
  op: string,
  x: string,
  attributes: Readonly<Record<string, number | string>>,
): Replacement | null {
  if (!view.isClosed(nodes, root)) return null;
  const removed = [...nodes];
  let last = root;
  let [gamma, beta] = ['', ''];
  const weight = (node: Node | null): string => {
    const value = node === null ? null : view.other(node, last.outputs[0]);
    return value !== null && isRow(view, value, x) ? value : '';
  };
  const scaled = view.onlyReader(last.outputs[0], 'Mul');
  gamma = weight(scaled);
  if (gamma !== '') {
    last = scaled as Node;
    removed.push(last);
    const shifted = op === 'LayerNormalization' ? view.onlyReader(last.outputs[0], 'Add') : null;
    beta = weight(shifted);
    if (beta !== '') {
      last = shifted as Node;
      removed.push(last);
    }
  }
  const inputs = beta !== '' ? [x, gamma, beta] : gamma !== '' ? [x, gamma] : [x];
  return { nodes: [standingFor(removed, last, op, inputs, attributes)], removed };
}

/** A constant with one number for each of a row of x. */
function isRow(view: View, value: string, x: string): boolean {
  if (!Object.hasOwn(view.graph.constants, value)) return false;
  const { shape } = view.graph.constants[value];
  const width = view.known(x)?.shape?.at(-1);
  return shape.length === 1 && (typeof width !== 'number' || shape[0] === width) && shape[0] > 1;
}
