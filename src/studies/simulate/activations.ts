/**
 * Which function an activation node is.
 *
 * @module
 */
import { numberOf, textOf } from '../../graphs/attributes.ts';
import type { Node } from '../../graphs/index.ts';
import type { UnaryFunction } from '../../kernels/index.ts';

/** The function that an activation is; null: one that no kernel has; undefined: no activation. */
export function activationOf(node: Node): UnaryFunction | null | undefined {
  switch (node.op) {
    case 'Swish':
      return numberOf(node, 'alpha', 1) === 1 ? 'silu' : null;
    case 'Gelu':
      return textOf(node, 'approximate', 'none') === 'tanh' ? 'geluTanh' : 'gelu';
    case 'Tanh':
    case 'Sigmoid':
    case 'Relu':
    case 'Softplus':
    case 'Erf':
      return node.op.toLowerCase() as UnaryFunction;
    default:
      return undefined;
  }
}
