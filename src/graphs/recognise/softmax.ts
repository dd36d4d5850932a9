/**
 * Softmax as exporters spell it out: e^(x − max) over the sum of these.
 *
 * @module
 */
import { numberOf } from '../attributes.ts';
import type { Node } from '../graph.ts';
import { type Replacement, standingFor, type View } from './view.ts';

/** Recognises softmax at the quotient. */
export function recogniseSoftmax(view: View, node: Node): Replacement | null {
  if (node.op !== 'Div') return null;
  const [powers, total] = node.inputs;
  const exp = view.maker(powers, 'Exp');
  const sum = view.maker(total, 'ReduceSum');
  if (exp === null || sum === null || sum.inputs[0] !== powers) return null;
  const difference = view.maker(exp.inputs[0], 'Sub');
  if (difference === null) return null;
  const [x, top] = difference.inputs;
  const max = view.maker(top, 'ReduceMax');
  if (max === null || max.inputs[0] !== x) return null;
  const [axis, other] = [axisOf(view, sum), axisOf(view, max)];
  if (axis === null || axis !== other) return null;
  const removed = [node, sum, exp, difference, max];
  if (!view.isClosed(removed, node)) return null;
  return { nodes: [standingFor(removed, node, 'Softmax', [x], { axis, normalize: 'divide' })], removed };
}

/** The one axis that is reduced and stays. */
function axisOf(view: View, node: Node): number | null {
  const axes = view.integers(node.inputs[1] ?? '');
  return axes?.length === 1 && numberOf(node, 'keepdims', 1) !== 0 ? axes[0] : null;
}
