/**
 * GELU as exporters spell it out: x/2 · (1 + erf(x/√2)), the factors in any order, and its approximation by tanh.
 *
 * @module
 */
import type { Node } from '../graph.ts';
import { type Replacement, standingFor, type View } from './view.ts';

/** A product taken apart: its factors that are no numbers, the product of those that are, and the nodes. */
interface Product {
  readonly factors: readonly string[];
  readonly scale: number;
  readonly nodes: readonly Node[];
}

/** The constants of a GELU may be those of binary16: so close is meant. */
const CLOSE = 1e-3;

const isAbout = (value: number, wanted: number): boolean => Math.abs(value - wanted) <= CLOSE * wanted;

/** Recognises GELU at the last product. The constants that it is written with stay with it: they are its arithmetic. */
export function recogniseGelu(view: View, node: Node): Replacement | null {
  if (node.op !== 'Mul' && node.op !== 'Div') return null;
  const { factors, scale, nodes } = productOf(view, node.outputs[0], node);
  if (scale !== 0.5 || factors.length !== 2) return null;
  for (const [x, gate] of [factors, [...factors].reverse()]) {
    const sum = view.maker(gate, 'Add');
    const place = sum === null ? -1 : sum.inputs.findIndex((input) => view.scalar(input) === 1);
    if (sum === null || place < 0) continue;
    const curve = view.maker(sum.inputs[1 - place], 'Erf', 'Tanh');
    if (curve === null) continue;
    const inner = curve.op === 'Erf' ? erfOperand(view, curve.inputs[0], x) : tanhOperand(view, curve.inputs[0], x);
    if (inner === null) continue;
    const removed = [...nodes, sum, curve, ...inner.nodes];
    if (!view.isClosed(removed, node)) continue;
    const attributes = { approximate: curve.op === 'Erf' ? 'none' : 'tanh', ...inner.constants };
    return { nodes: [standingFor(removed, node, 'Gelu', [x], attributes)], removed };
  }
  return null;
}

interface Operand {
  readonly nodes: readonly Node[];
  readonly constants: Readonly<Record<string, number>>;
}

/** x/√2 */
function erfOperand(view: View, value: string, x: string): Operand | null {
  const { factors, scale, nodes } = productOf(view, value, null);
  const isIt = factors.length === 1 && factors[0] === x && isAbout(scale, Math.SQRT1_2);
  return isIt ? { nodes, constants: { innerScale: scale } } : null;
}

/** √(2/π)·(x + 0.044715·x³) */
function tanhOperand(view: View, value: string, x: string): Operand | null {
  const outer = productOf(view, value, null);
  if (outer.factors.length !== 1 || !isAbout(outer.scale, Math.sqrt(2 / Math.PI))) return null;
  const sum = view.maker(outer.factors[0], 'Add');
  const cubic = sum === null ? null : view.other(sum, x);
  if (sum === null || cubic === null) return null;
  const inner = productOf(view, cubic, null);
  const nodes = [...outer.nodes, sum, ...inner.nodes];
  const isCube =
    inner.factors.length === 3
      ? inner.factors.every((factor) => factor === x)
      : inner.factors.length === 1 && isPower(view, inner.factors[0], x, 3, nodes);
  const isIt = isCube && isAbout(inner.scale, 0.044715);
  return isIt ? { nodes, constants: { innerScale: outer.scale, cubicScale: inner.scale } } : null;
}

function isPower(view: View, value: string, x: string, exponent: number, nodes: Node[]): boolean {
  const power = view.maker(value, 'Pow');
  if (power === null || power.inputs[0] !== x || view.scalar(power.inputs[1]) !== exponent) return false;
  nodes.push(power);
  return true;
}

/** A value as a product, through those products that nothing else reads. */
function productOf(view: View, value: string, root: Node | null): Product {
  const node = root ?? (view.onlyReader(value, 'Mul', 'Div', 'Add', 'Erf', 'Tanh') && view.maker(value, 'Mul', 'Div'));
  if (node === null) return { factors: [value], scale: 1, nodes: [] };
  const [a, b] = node.inputs;
  if (node.op === 'Div') {
    const divisor = view.scalar(b);
    if (divisor === null) return { factors: [value], scale: 1, nodes: [] };
    const left = productOf(view, a, null);
    return { factors: left.factors, scale: left.scale / divisor, nodes: [node, ...left.nodes] };
  }
  const [left, right] = [part(view, a), part(view, b)];
  return {
    factors: [...left.factors, ...right.factors],
    scale: left.scale * right.scale,
    nodes: [node, ...left.nodes, ...right.nodes],
  };
}

function part(view: View, value: string): Product {
  const scale = view.scalar(value);
  return scale === null ? productOf(view, value, null) : { factors: [], scale, nodes: [] };
}
