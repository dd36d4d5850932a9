/**
 * What an `If` gives, whose branches are nodes of the graph: the operands are its condition, what the first branch makes, and what the
 * second one does, of which one is absent.
 *
 * @module
 */
import { BittrueError } from '../errors/error.ts';
import type { TypedTensor } from '../graphs/index.ts';
import type { Operator } from './tensors.ts';

/** Whether a truth value of one element is true. */
export function isTrue(condition: TypedTensor | undefined): boolean {
  if (condition?.data.length !== 1) {
    const received = condition === undefined ? 'nothing' : `${condition.data.length} elements`;
    throw new BittrueError('shape', 'a condition', received, 'one truth value');
  }
  return Number(condition.data[0]) !== 0;
}

const choose: Operator = ({ name }, [condition, ...made]) => {
  const count = made.length / 2;
  const taken = isTrue(condition) ? made.slice(0, count) : made.slice(count);
  return taken.map((one, i) => {
    if (one === undefined)
      throw new BittrueError('unsupported', name, `output ${i}`, 'outputs of the branch that is taken');
    return one;
  });
};

/** The operators of this file. */
export const choices: Readonly<Record<string, Operator>> = { If: choose };
