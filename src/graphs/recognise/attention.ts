/**
 * Attention as exporters spell it out: softmax(Q·Kᵀ·scale + mask)·V over four axes (batch, head, position, feature).
 *
 * @module
 */
import { numberOf, numbersOf } from '../attributes.ts';
import type { Node } from '../graph.ts';
import { type Replacement, standingFor, type View } from './view.ts';

/** Recognises attention at its second product. */
export function recogniseAttention(view: View, node: Node): Replacement | null {
  if (node.op !== 'MatMul') return null;
  const [weights, v] = node.inputs;
  const softmax = view.maker(weights, 'Softmax');
  if (softmax === null || view.rank(v) !== 4) return null;
  if (![-1, 3].includes(numberOf(softmax, 'axis', -1))) return null;
  const removed: Node[] = [node, softmax];
  let [scores] = softmax.inputs;
  let mask = '';
  const masked = view.maker(scores, 'Add');
  if (masked !== null) {
    const place = masked.inputs.findIndex((input) => isScores(view, input));
    if (place < 0) return null;
    removed.push(masked);
    scores = masked.inputs[place];
    mask = masked.inputs[1 - place];
  }
  let scale = 1;
  let scaledOn = 'none';
  const scaled = view.maker(scores, 'Mul', 'Div');
  if (scaled !== null) {
    const place = scaled.inputs.findIndex((input) => view.scalar(input) !== null);
    if (place < 0 || (scaled.op === 'Div' && place === 0)) return null;
    const factor = view.scalar(scaled.inputs[place]) as number;
    scale = scaled.op === 'Mul' ? factor : 1 / factor;
    scaledOn = scaled.op === 'Mul' ? 'scores' : 'scoresDivided';
    removed.push(scaled);
    scores = scaled.inputs[1 - place];
  }
  const product = view.maker(scores, 'MatMul');
  if (product === null || view.rank(product.inputs[0]) !== 4 || view.rank(product.inputs[1]) !== 4) return null;
  removed.push(product);
  if (!view.isClosed(removed, node)) return null;
  const [q, turned] = product.inputs;
  const key = keyOf(view, turned, node.name);
  const inputs = mask === '' ? [q, key.value, v] : [q, key.value, v, mask];
  const attention = standingFor(removed, node, 'Attention', inputs, { scale, scaledOn });
  return { nodes: [...key.nodes, attention], removed };
}

/** A product of two values with four axes, scaled or not. */
function isScores(view: View, value: string): boolean {
  if (view.maker(value, 'MatMul') !== null) return true;
  const scaled = view.maker(value, 'Mul', 'Div');
  return scaled?.inputs.some((input) => view.maker(input, 'MatMul') !== null) ?? false;
}

/** K: what was transposed for the product, or the transpose of what entered it. */
function keyOf(view: View, turned: string, name: string): { value: string; nodes: Node[] } {
  const transpose = view.maker(turned, 'Transpose');
  if (transpose !== null && numbersOf(transpose, 'perm')?.join() === '0,1,3,2')
    return { value: transpose.inputs[0], nodes: [] };
  const value = `${name}/key`;
  const back: Node = {
    name: `${name}/transpose`,
    op: 'Transpose',
    inputs: [turned],
    outputs: [value],
    attributes: { perm: [0, 1, 3, 2] },
    from: [],
  };
  return { value, nodes: [back] };
}
