/**
 * Encoders: what becomes of texts, images and sounds before the layers, and which rows come out.
 *
 * @module
 */
import type { Value } from '../../graphs/index.ts';
import type { EncoderPlan, FramesPlan, OutputPlan, PixelsPlan, TowerPlan } from '../plan.ts';
import { type Frame, unfolded } from './attention.ts';
import type { Builder } from './builder.ts';
import { activation, linear, norm } from './pieces.ts';
import { embedded, stack, tokens } from './stack.ts';

/** What goes into a graph, and the names of what comes out. */
export interface Ends {
  readonly inputs: readonly Value[];
  readonly outputs: readonly string[];
}

/** All towers; `positions` is how many tokens tables are made for. */
export function encoder(build: Builder, plan: EncoderPlan, positions: number): Ends {
  const inputs: Value[] = [];
  const outputs: string[] = [];
  for (const tower of plan.towers) {
    const { input, frame, stream } = opened(build, tower, positions);
    inputs.push(input);
    const last = stack(build, tower.stack, tower.at, stream, frame);
    for (const output of tower.outputs) outputs.push(produced(build, output, last, frame));
  }
  if (plan.contrast !== null) {
    const { text, image, scale } = plan.contrast;
    const [a, b] = [image, text].map(({ of, as }) => {
      const length = build.node(`${of}/norm`, 'ReduceL2', [of, build.integers('last axis', [1], -1)], { keepdims: 1 });
      return build.node(as, 'Div', [of, length]);
    });
    outputs.push(b, a);
    const cosines = build.node('cosines', 'Gemm', [a, b], { transB: 1 });
    const factor = build.node('logit_scale/exp', 'Exp', [build.weight(scale, [])]);
    outputs.push(build.node('logits_per_image', 'Mul', [cosines, factor]));
  }
  return { inputs, outputs };
}

interface Opened {
  readonly input: Value;
  readonly frame: Frame;
  readonly stream: string;
}

function opened(build: Builder, { input }: TowerPlan, positions: number): Opened {
  if (input.kind === 'pixels') return pixels(build, input);
  if (input.kind === 'frames') return frames(build, input);
  const { ids, frame, input: value } = tokens(build, true, positions);
  return { input: value, frame, stream: embedded(build, input.embedding, ids, frame) };
}

/** The frame of [sequences, rows, width], and its rows. */
function framed(
  build: Builder,
  name: string,
  x: string,
  width: number,
  rows: number,
): { frame: Frame; stream: string } {
  const shape = build.node(`${name}/shape`, 'Shape', [x], { start: 0, end: 2 });
  const length = build.node(`${name}/length`, 'Gather', [shape, build.integers('second', [], 1)], { axis: 0 });
  const range = build.node(`${name}/range`, 'Range', [
    build.integers('zero', [], 0),
    length,
    build.integers('one', [], 1),
  ]);
  const stream = build.node(`${name}/rows`, 'Reshape', [x, build.integers(`rows of ${width}`, [2], -1, width)]);
  return { frame: { shape, range, places: range, positions: rows }, stream };
}

function pixels(build: Builder, plan: PixelsPlan): Opened {
  const { channels, image, square, width, first, positions } = plan;
  const name = 'pixel_values';
  const kernel = build.weight(plan.weight, [width, channels, ...square]);
  const operands = plan.bias === null ? [name, kernel] : [name, kernel, build.weight(plan.bias, [width])];
  const squares = build.node('squares', 'Conv', operands, { kernel_shape: square, strides: square });
  const flat = build.node('squares/flat', 'Reshape', [squares, build.integers('squares/shape', [3], 0, width, -1)]);
  const rows = build.node('squares/rows', 'Transpose', [flat], { perm: [0, 2, 1] });
  const one = build.node('first/row', 'Reshape', [
    build.weight(first.weight, first.shape),
    build.integers('first/shape', [3], 1, 1, width),
  ]);
  const count = build.node('images', 'Shape', [name], { start: 0, end: 1 });
  const many = build.node('first/shapes', 'Concat', [count, build.integers('first/rest', [2], 1, width)], { axis: 0 });
  const all = build.node('first/rows', 'Expand', [one, many]);
  const joined = build.node('image/embedding', 'Concat', [all, rows], { axis: 1 });
  const placed = build.node('image/embedding/sum', 'Add', [joined, build.weight(positions.weight, positions.shape)]);
  const total = 1 + (image[0] / square[0]) * (image[1] / square[1]);
  const { frame, stream } = framed(build, 'image', placed, width, total);
  return {
    input: { name, type: 'double', shape: ['images', channels, ...image] },
    frame,
    stream: plan.norm === null ? stream : norm(build, plan.norm, stream),
  };
}

function frames(build: Builder, plan: FramesPlan): Opened {
  const { bins, width, positions } = plan;
  const name = 'input_features';
  let stream = name;
  for (const { name: own, inputs, stride } of plan.convolutions) {
    const operands = [stream, build.weight(`${own}.weight`, [width, inputs, 3]), build.weight(`${own}.bias`, [width])];
    const summed = build.node(own, 'Conv', operands, { kernel_shape: [3], strides: [stride], pads: [1, 1] });
    stream = activation(build, 'gelu', own, summed);
  }
  const turned = build.node('frames', 'Transpose', [stream], { perm: [0, 2, 1] });
  const placed = build.node('sound/embedding', 'Add', [
    turned,
    build.weight(positions.weight, [positions.rows, width]),
  ]);
  const { frame, stream: rows } = framed(build, 'sound', placed, width, positions.rows);
  const stride = plan.convolutions.reduce((product, one) => product * one.stride, 1);
  return { input: { name, type: 'double', shape: ['sounds', bins, stride * positions.rows] }, frame, stream: rows };
}

function produced(build: Builder, { name, rows, steps, width }: OutputPlan, stream: string, frame: Frame): string {
  let x = stream;
  if (rows !== 'all') {
    const count = build.node(`${name}/count`, 'Gather', [frame.shape, build.integers('zero', [], 0)], { axis: 0 });
    const length = build.node(`${name}/length`, 'Gather', [frame.shape, build.integers('second', [], 1)], { axis: 0 });
    const numbers = [build.integers('zero', [], 0), count, build.integers('one', [], 1)];
    const from = build.node(`${name}/from`, 'Mul', [build.node(`${name}/sequences`, 'Range', numbers), length]);
    const place =
      rows === 'first'
        ? from
        : build.node(`${name}/places`, 'Add', [
            from,
            build.node(`${name}/end`, 'ArgMax', ['input_ids'], { axis: 1, keepdims: 0 }),
          ]);
    x = build.node(`${name}/row`, 'Gather', [stream, place], { axis: 0 });
  }
  for (const step of steps) {
    if ('linear' in step) x = linear(build, step.linear, x);
    else if ('norm' in step) x = norm(build, step.norm, x);
    else x = activation(build, step.activation, name, x);
  }
  return rows === 'all' ? unfolded(build, name, x, width, frame.shape) : build.node(name, 'Identity', [x]);
}
