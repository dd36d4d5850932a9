/**
 * Operators of object detection (Operators.md of github.com/onnx/onnx): NonMaxSuppression, RoiAlign.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { numberOf, textOf } from '../graphs/attributes.ts';
import { misfit, needed, numbersIn, type Operator, reals } from './tensors.ts';

/** A box by its sides. */
type Box = readonly [top: number, left: number, bottom: number, right: number];

function areaOf([top, left, bottom, right]: Box): number {
  return Math.max(0, bottom - top) * Math.max(0, right - left);
}

/** The area that two boxes share over the area that they cover. */
function overlap(a: Box, b: Box): number {
  const shared = areaOf([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
  const covered = areaOf(a) + areaOf(b) - shared;
  return shared > 0 ? shared / covered : 0;
}

/** Of each class the boxes of highest score, without those that overlap a chosen one more than a threshold. */
const nonMaxSuppression: Operator = (node, inputs) => {
  const [boxes, scores] = [needed(node, inputs, 0), needed(node, inputs, 1)];
  const [batch, count, sides] = boxes.shape;
  const [scored, classes, each] = scores.shape;
  if (sides !== 4 || scored !== batch || each !== count) throw misfit(node, boxes.shape, scores.shape);
  const scalar = (place: number, usual: number): number => Number(inputs[place]?.data[0] ?? usual);
  const [most, limit, least] = [scalar(2, 0), scalar(3, 0), scalar(4, -Infinity)];
  const isCentred = numberOf(node, 'center_point_box', 0) !== 0;
  const [data, score] = [reals(node, boxes), reals(node, scores)];
  const boxAt = (b: number, i: number): Box => {
    const [p, q, r, s] = data.subarray((b * count + i) * 4, (b * count + i) * 4 + 4);
    if (isCentred) return [q - s / 2, p - r / 2, q + s / 2, p + r / 2];
    return [Math.min(p, r), Math.min(q, s), Math.max(p, r), Math.max(q, s)];
  };
  const found: number[] = [];
  for (let b = 0; b < batch; b++) {
    const all = Array.from({ length: count }, (_, i) => boxAt(b, i));
    for (let c = 0; c < classes; c++) {
      const at = (i: number): number => score[(b * classes + c) * count + i];
      const order = [...all.keys()].filter((i) => at(i) >= least).sort((i, j) => at(j) - at(i) || i - j);
      const chosen: number[] = [];
      for (const i of order) {
        if (chosen.length >= most) break;
        if (!chosen.some((j) => overlap(all[i], all[j]) > limit)) chosen.push(i);
      }
      for (const i of chosen) found.push(b, c, i);
    }
  }
  return [{ type: 'int64', shape: [found.length / 3, 3], data: BigInt64Array.from(found, BigInt) }];
};

/** A value between four places: their weights times what they hold. */
type Sample = readonly (readonly [place: number, weight: number])[];

/** The sample at a point of a plane; none beyond its edges by more than one. */
function sampleAt(y: number, x: number, height: number, width: number): Sample {
  if (y < -1 || y > height || x < -1 || x > width) return [];
  const near = (value: number, size: number): readonly [low: number, high: number, part: number] => {
    const inside = Math.max(value, 0);
    const low = Math.floor(inside);
    return low >= size - 1 ? [size - 1, size - 1, 0] : [low, low + 1, inside - low];
  };
  const [[top, bottom, v], [left, right, u]] = [near(y, height), near(x, width)];
  return [
    [top * width + left, (1 - v) * (1 - u)],
    [top * width + right, (1 - v) * u],
    [bottom * width + left, v * (1 - u)],
    [bottom * width + right, v * u],
  ];
}

/** The sum of numbers; 0 of none. */
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** The largest of numbers; 0 of none. */
const largestOf = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, value), values[0] ?? 0);

/** Regions of feature maps, pooled over points of a grid in each cell; `max` takes the largest of the weighted corners. */
const roiAlign: Operator = (node, inputs) => {
  const [x, regions] = [needed(node, inputs, 0), needed(node, inputs, 1)];
  const images = numbersIn(needed(node, inputs, 2));
  if (x.shape.length !== 4 || regions.shape[1] !== 4 || images.length !== regions.shape[0])
    throw misfit(node, x.shape, regions.shape, [images.length]);
  const [, channels, height, width] = x.shape;
  const [rows, columns] = [numberOf(node, 'output_height', 1), numberOf(node, 'output_width', 1)];
  const [scale, ratio] = [numberOf(node, 'spatial_scale', 1), numberOf(node, 'sampling_ratio', 0)];
  const transformation = textOf(node, 'coordinate_transformation_mode', 'half_pixel');
  const mode = textOf(node, 'mode', 'avg');
  if (!['half_pixel', 'output_half_pixel'].includes(transformation))
    throw new BittrueError('name', node.name, transformation, 'half_pixel or output_half_pixel');
  if (mode !== 'avg' && mode !== 'max') throw new BittrueError('name', node.name, mode, 'avg or max');
  const fold = mode === 'avg' ? sumOf : largestOf;
  const isShifted = transformation === 'half_pixel';
  const [data, corners] = [reals(node, x), reals(node, regions)];
  const out = new Float64Array(images.length * channels * rows * columns);
  images.forEach((image, r) => {
    if (!(image >= 0 && image < x.shape[0]))
      throw new BittrueError('range', node.name, `image ${image}`, `one of ${x.shape[0]}`);
    const [left, top, right, bottom] = [...corners.subarray(4 * r, 4 * r + 4)].map(
      (side) => side * scale - (isShifted ? 0.5 : 0),
    );
    const atLeast = isShifted ? -Infinity : 1;
    const [high, wide] = [Math.max(bottom - top, atLeast) / rows, Math.max(right - left, atLeast) / columns];
    const [down, across] = [ratio > 0 ? ratio : Math.ceil(high), ratio > 0 ? ratio : Math.ceil(wide)];
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const points = Array.from({ length: down * across }, (_, p) =>
          sampleAt(
            top + i * high + ((Math.floor(p / across) + 0.5) * high) / down,
            left + j * wide + (((p % across) + 0.5) * wide) / across,
            height,
            width,
          ),
        );
        for (let c = 0; c < channels; c++) {
          const plane = (image * channels + c) * height * width;
          const values = points.map((sample) => fold(sample.map(([place, weight]) => weight * data[plane + place])));
          const count = mode === 'avg' ? Math.max(values.length, 1) : 1;
          out[((r * channels + c) * rows + i) * columns + j] = fold(values) / count;
        }
      }
    }
  });
  return [{ type: x.type, shape: [images.length, channels, rows, columns], data: out }];
};

/** The operators of this file. */
export const boxes: Readonly<Record<string, Operator>> = {
  NonMaxSuppression: nonMaxSuppression,
  RoiAlign: roiAlign,
};
