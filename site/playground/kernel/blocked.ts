/**
 * Operands of a unit with block scales, in blocks along K.
 *
 * @module
 */
import { blockName, defineBlock, type FloatFormat, formatName, parseBlock } from 'bittrue/formats';
import { quantizeBlocks } from 'bittrue/quantization';
import { decode } from 'bittrue/rounding';
import type { BlockScale, MatrixUnit } from 'bittrue/targets';
import { spell } from '../shared/numbers';
import type { Preparation } from './prepare';

/** A matrix unit whose operands come in blocks. */
export type ScaledUnit = MatrixUnit & { readonly scale: BlockScale };

function transposed(data: ArrayLike<number>, rows: number, columns: number): Float32Array {
  return Float32Array.from(
    { length: rows * columns },
    (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] ?? 0,
  );
}

/** Both operands in blocks along K, as simulations put them: a scale by the block's largest number. `columns`: of B; null: B has A's rows. */
export function blocked({ a, scale }: ScaledUnit, rows: number, width: number, columns: number | null): Preparation {
  const element = a[0] as FloatFormat;
  const name = blockName(defineBlock({ name: '', element, scale: scale.format as FloatFormat, size: scale.block }));
  const block = parseBlock(name);
  const blocks = Math.ceil(width / scale.block);
  const inBlocks = (data: Float32Array, of: number) => {
    const { codes, scaleCodes } = quantizeBlocks({ data, shape: [of, data.length / of] }, block);
    return {
      values: Float32Array.from(codes, (code) => decode(element, code)),
      scales: Float32Array.from(scaleCodes, (code) => decode(block.scale, code)),
    };
  };
  const apply: Preparation['apply'] = (x, second) => {
    const left = inBlocks(x, rows);
    const other = second as Float32Array;
    const right = columns === null ? inBlocks(other, rows) : inBlocks(transposed(other, width, columns), columns);
    const isTurned = columns !== null;
    return {
      operands: [left.values, isTurned ? transposed(right.values, columns, width) : right.values],
      options: { scaleA: left.scales, scaleB: isTurned ? transposed(right.scales, columns, blocks) : right.scales },
      scales: `${name}; scales of the first operand ${spread(left.scales)}, of the second ${spread(right.scales)}`,
    };
  };
  const turn = `function transposed(data: ArrayLike<number>, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)] ?? 0);
}`;
  return {
    apply,
    lines: [
      `const [block, element] = [parseBlock('${name}'), parseFormat('${formatName(element)}')];
function inBlocks(data: Float32Array, rows: number) {
  const { codes, scaleCodes } = quantizeBlocks({ data, shape: [rows, data.length / rows] }, block);
  return {
    values: Float32Array.from(codes, (code) => decode(element, code)),
    scales: Float32Array.from(scaleCodes, (code) => decode(block.scale, code)),
  };
}`,
      ...(columns === null ? [] : [turn]),
      `const left = inBlocks(x, ${rows});`,
      columns === null
        ? `const right = inBlocks(second, ${rows});`
        : `const right = inBlocks(transposed(second, ${width}, ${columns}), ${columns});`,
    ],
    names: ['decode', 'parseBlock', 'parseFormat', 'quantizeBlocks'],
    operands: ['left.values', columns === null ? 'right.values' : `transposed(right.values, ${columns}, ${width})`],
    options: [
      'scaleA: left.scales',
      `scaleB: ${columns === null ? 'right.scales' : `transposed(right.scales, ${columns}, ${blocks})`}`,
    ],
  };
}

/** How many there are, and between which they lie. */
function spread(scales: Float32Array): string {
  const sorted = scales.toSorted();
  const [least, most] = [sorted[0] ?? 1, sorted.at(-1) ?? 1];
  return least === most ? `all ${spell(least)}` : `${spell(least)} … ${spell(most)}`;
}
