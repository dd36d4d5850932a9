/**
 * What stands before a norm, as matrices. Weights are [out, in] and act as W · y; γ belongs to the norm that
 * *feeds* the block, not to the one whose input is scaled.
 *
 * @module
 */
import { BittrueError, checkInteger, checkName, checkObject, isReadable } from '../errors/index.ts';
import { checkTensor } from '../tensors/check.ts';
import type { Tensor } from '../tensors/index.ts';

/** Where a norm stands: what produced its input. */
export type Position = 'first' | 'attention' | 'mlp' | 'gatedMlp';

/** No block: the norm reads the embedding. */
export interface FirstBlock {
  readonly position: 'first';
  /** [vocabulary, d]; only the variant `residual` needs it. */
  readonly embedding?: Tensor;
}

/** Attention with its output projection. Queries and keys never matter. */
export interface AttentionBlock {
  readonly position: 'attention';
  /** [d] */
  readonly gamma: Tensor;
  /** W_V, [keyValueHeads · headWidth, d] */
  readonly value: Tensor;
  /** W_O, [d, heads · headWidth] */
  readonly output: Tensor;
  /** Query heads. Needed only when value has fewer rows than output has columns (grouped queries). */
  readonly heads?: number;
  readonly keyValueHeads?: number;
}

/** W₂ · act(W₁ · y). */
export interface MlpBlock {
  readonly position: 'mlp';
  /** [d] */
  readonly gamma: Tensor;
  /** W₁, [intermediate, d] */
  readonly up: Tensor;
  /** W₂, [d, intermediate] */
  readonly down: Tensor;
}

/** W_down · (SiLU(W_gate · y) ⊙ W_up · y). */
export interface GatedMlpBlock {
  readonly position: 'gatedMlp';
  /** [d] */
  readonly gamma: Tensor;
  /** [intermediate, d] */
  readonly gate: Tensor;
  /** [intermediate, d] */
  readonly up: Tensor;
  /** [d, intermediate] */
  readonly down: Tensor;
}

/** The block before a norm. */
export type Block = FirstBlock | AttentionBlock | MlpBlock | GatedMlpBlock;

const fields = {
  first: ['embedding'],
  attention: ['gamma', 'value', 'output', 'heads', 'keyValueHeads'],
  mlp: ['gamma', 'up', 'down'],
  gatedMlp: ['gamma', 'gate', 'up', 'down'],
} as const;

/**
 * Checks a block but for the numbers of its matrices, which are checked where they are read: the `data` of a
 * matrix may be a getter that reads it, and is asked for once.
 *
 * @throws {@link BittrueError} `name` for an unknown position or field, `type`, `shape`, `value` for NaN or Inf
 */
export function checkBlock(argument: string, block: Block): void {
  if (!isReadable(block)) throw new BittrueError('type', argument, block, 'a block');
  const position = checkName(`${argument}.position`, block.position, ['first', 'attention', 'mlp', 'gatedMlp']);
  checkObject(argument, block, ['position', ...fields[position]]);
  if (block.position !== 'first') checkVector(`${argument}.gamma`, block.gamma);
  else if (block.embedding !== undefined) checkMatrix(`${argument}.embedding`, held(block.embedding));
}

/** A matrix in memory: its numbers may be read anew whenever they are asked for. */
function held(matrix: Tensor): Tensor {
  return isReadable(matrix) ? { data: matrix.data, shape: matrix.shape } : matrix;
}

/** W_V and W_O of attention, checked. */
export function attentionMatrices(argument: string, block: AttentionBlock): { value: Tensor; output: Tensor } {
  const [value, output] = [held(block.value), held(block.output)];
  const [width] = block.gamma.shape;
  checkMatrix(`${argument}.value`, value, undefined, width);
  checkMatrix(`${argument}.output`, output, width);
  checkHeads(argument, value, output, block);
  return { value, output };
}

/** The matrices of an MLP but for its gate, checked. */
export function mlpMatrices(argument: string, block: MlpBlock | GatedMlpBlock): { up: Tensor; down: Tensor } {
  const [up, down] = [held(block.up), held(block.down)];
  const [width] = block.gamma.shape;
  const [inner] = checkMatrix(`${argument}.up`, up, undefined, width);
  checkMatrix(`${argument}.down`, down, width, inner);
  return { up, down };
}

/** The gate of an MLP, checked. */
export function gateMatrix(argument: string, block: GatedMlpBlock, inner: number): Tensor {
  const gate = held(block.gate);
  checkMatrix(`${argument}.gate`, gate, inner, block.gamma.shape[0]);
  return gate;
}

/** Grouped queries: the columns of W_O and the rows of W_V must be the same head width times their heads. */
function checkHeads(
  argument: string,
  value: Tensor,
  output: Tensor,
  { heads, keyValueHeads }: Pick<AttentionBlock, 'heads' | 'keyValueHeads'>,
): void {
  const rows = value.shape[0];
  const columns = output.shape[1];
  if (heads === undefined || keyValueHeads === undefined) {
    if (heads !== keyValueHeads || rows !== columns) {
      throw new BittrueError(
        'shape',
        `${argument}.heads`,
        heads,
        'heads and keyValueHeads where W_V has fewer rows than W_O columns',
      );
    }
    return;
  }
  checkInteger(`${argument}.heads`, heads, 1, columns);
  checkInteger(`${argument}.keyValueHeads`, keyValueHeads, 1, heads);
  if (heads % keyValueHeads !== 0 || columns % heads !== 0 || rows !== (columns / heads) * keyValueHeads) {
    const expected = `${columns} / heads × keyValueHeads rows, heads a multiple of keyValueHeads`;
    throw new BittrueError(
      'shape',
      `${argument}.value`,
      `${rows} rows for ${heads} and ${keyValueHeads} heads`,
      expected,
    );
  }
}

/**
 * A matrix of finite numbers, not empty, of the size given where one is given.
 *
 * @returns [rows, columns]
 */
export function checkMatrix(argument: string, matrix: Tensor, rows?: number, columns?: number): [number, number] {
  checkFinite(argument, matrix);
  const { shape } = matrix;
  if (
    shape.length !== 2 ||
    (rows ?? shape[0]) !== shape[0] ||
    (columns ?? shape[1]) !== shape[1] ||
    matrix.data.length === 0
  ) {
    throw new BittrueError('shape', argument, `[${shape.join(', ')}]`, `[${rows ?? 'rows'}, ${columns ?? 'columns'}]`);
  }
  return [shape[0], shape[1]];
}

/**
 * A vector of finite numbers, not empty, of the length given if one is given.
 *
 * @returns its length
 */
export function checkVector(argument: string, vector: Tensor, length?: number): number {
  checkFinite(argument, vector);
  const { shape } = vector;
  if (shape.length !== 1 || shape[0] === 0 || (length ?? shape[0]) !== shape[0]) {
    throw new BittrueError('shape', argument, `[${shape.join(', ')}]`, `[${length ?? 'd'}]`);
  }
  return shape[0];
}

function checkFinite(argument: string, value: Tensor): void {
  const { data, shape } = checkTensor(argument, value);
  if (shape.reduce((size: number, axis: number) => size * axis, 1) !== data.length) {
    throw new BittrueError(
      'shape',
      argument,
      `[${shape.join(', ')}] for ${data.length} numbers`,
      'axes whose product is their number',
    );
  }
  let largest = 0;
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i]))
      throw new BittrueError('value', `${argument}.data[${i}]`, data[i], 'a finite number');
    largest = Math.max(largest, Math.abs(data[i]));
  }
  // Then squares of products of three entries stay normal in binary64, however many are added.
  if (largest !== 0 && !(largest >= 2 ** -120 && largest <= 2 ** 120)) {
    throw new BittrueError('range', argument, `a largest magnitude of ${largest}`, 'zero, or one in 2^-120…2^120');
  }
}
