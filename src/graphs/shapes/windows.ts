/**
 * Shapes of operators that move a window over space: convolutions, pooling, resizing.
 *
 * @module
 */
import { numberOf, numbersOf, textOf } from '../attributes.ts';
import type { Node } from '../graph.ts';
import { type Dim, type Known, numbersKnown, type Rule } from './known.ts';

/** How a window moves along the axes of space, as attributes say it. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

/** Attributes of a window over an input of some size; padding that `auto_pad` asks for made numbers. */
export function windowsOf(node: Node, space: readonly number[], kernel: readonly number[]): Windows {
  const axes = space.length;
  const ones = Array<number>(axes).fill(1);
  const strides = numbersOf(node, 'strides') ?? ones;
  const dilations = numbersOf(node, 'dilations') ?? ones;
  const auto = textOf(node, 'auto_pad', 'NOTSET');
  const pads = numbersOf(node, 'pads') ?? Array<number>(2 * axes).fill(0);
  if (auto === 'NOTSET') return { kernel, strides, dilations, begins: pads.slice(0, axes), ends: pads.slice(axes) };
  const none = Array<number>(axes).fill(0);
  if (auto === 'VALID') return { kernel, strides, dilations, begins: none, ends: none };
  const total = space.map((size, i) => {
    const span = (kernel[i] - 1) * dilations[i] + 1;
    return Math.max(0, (Math.ceil(size / strides[i]) - 1) * strides[i] + span - size);
  });
  const less = total.map((pad) => Math.floor(pad / 2));
  const more = total.map((pad, i) => pad - less[i]);
  return auto === 'SAME_LOWER'
    ? { kernel, strides, dilations, begins: more, ends: less }
    : { kernel, strides, dilations, begins: less, ends: more };
}

/** Places of a window along each axis; with `ceil` those too that begin within the input and end beyond it. */
export function windowPlaces(windows: Windows, space: readonly number[], ceil = false): number[] {
  const { kernel, strides, dilations, begins, ends } = windows;
  return space.map((size, i) => {
    const room = size + begins[i] + ends[i] - ((kernel[i] - 1) * dilations[i] + 1);
    const places = (ceil ? Math.ceil(room / strides[i]) : Math.floor(room / strides[i])) + 1;
    // A window that would begin in the padding behind the input is left out (opset 22 and reference code).
    const isBeyond = ceil && (places - 1) * strides[i] >= size + begins[i];
    return Math.max(0, isBeyond ? places - 1 : places);
  });
}

function outputSpace(node: Node, shape: readonly Dim[], kernel: readonly number[] | null, ceil: boolean): Dim[] {
  const space = shape.slice(2);
  if (kernel === null) return space.map(() => null);
  return space.map((dim, i) => {
    if (typeof dim !== 'number') return null;
    // Axes do not touch each other: one is computed as if all had its length.
    return windowPlaces(
      windowsOf(
        node,
        space.map(() => dim),
        kernel,
      ),
      space.map(() => dim),
      ceil,
    )[i];
  });
}

function kernelOf(node: Node, weights: Known | undefined): readonly number[] | null {
  const said = numbersOf(node, 'kernel_shape');
  if (said !== null) return said;
  const dims = weights?.shape?.slice(2);
  return dims?.every((dim) => typeof dim === 'number') ? (dims as readonly number[]) : null;
}

const convolved: Rule = (node, [x, w]) => {
  if (x?.shape == null) return [{ type: x?.type ?? null, shape: null }];
  const space = outputSpace(node, x.shape, kernelOf(node, w), false);
  return [{ type: x.type, shape: [x.shape[0], w?.shape?.[0] ?? null, ...space] }];
};

const pooled: Rule = (node, [x]) => {
  if (x?.shape == null) return node.outputs.map(() => ({ type: x?.type ?? null, shape: null }));
  const ceil = numberOf(node, 'ceil_mode', 0) !== 0;
  const shape = [x.shape[0], x.shape[1], ...outputSpace(node, x.shape, kernelOf(node, undefined), ceil)];
  return node.outputs.map((_, i) => ({ type: i === 0 ? x.type : 'int64', shape }));
};

const globallyPooled: Rule = (_, [x]) => {
  const shape = x?.shape?.map((dim, i) => (i < 2 ? dim : 1)) ?? null;
  return [{ type: x?.type ?? null, shape }];
};

const transposedConvolution: Rule = (node, [x, w]) => {
  if (x?.shape == null) return [{ type: x?.type ?? null, shape: null }];
  const channels = w?.shape?.[1];
  const group = numberOf(node, 'group', 1);
  const kernel = kernelOf(node, w);
  const space = x.shape.slice(2).map((dim, i): Dim => {
    const told = numbersOf(node, 'output_shape')?.[i];
    if (told !== undefined) return told;
    if (typeof dim !== 'number' || kernel === null) return null;
    const stride = numbersOf(node, 'strides')?.[i] ?? 1;
    if (textOf(node, 'auto_pad', 'NOTSET').startsWith('SAME')) return dim * stride;
    const pads = numbersOf(node, 'pads') ?? [];
    const axes = kernel.length;
    const span = (kernel[i] - 1) * (numbersOf(node, 'dilations')?.[i] ?? 1) + 1;
    return (
      stride * (dim - 1) + (numbersOf(node, 'output_padding')?.[i] ?? 0) + span - (pads[i] ?? 0) - (pads[i + axes] ?? 0)
    );
  });
  return [{ type: x.type, shape: [x.shape[0], typeof channels === 'number' ? channels * group : null, ...space] }];
};

const resized: Rule = (node, [x, , scales, sizes]) => {
  if (x?.shape == null) return [{ type: x?.type ?? null, shape: null }];
  // Sizes that keep an aspect ratio are bounds: a run decides.
  const isBound = textOf(node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch';
  const told = isBound ? null : numbersKnown(sizes);
  // Scales are no integers, so none are known here: a run decides.
  const whole = told !== null && told.length === x.shape.length ? told : x.shape.map(() => null);
  return [
    { type: x.type, shape: (scales === undefined && !isBound) || told !== null ? whole : x.shape.map(() => null) },
  ];
};

/** The rules, by operator. */
export const windowRules: Readonly<Record<string, Rule>> = /* @__PURE__ */ Object.freeze({
  Conv: convolved,
  ConvTranspose: transposedConvolution,
  MaxPool: pooled,
  AveragePool: pooled,
  LpPool: pooled,
  GlobalAveragePool: globallyPooled,
  GlobalMaxPool: globallyPooled,
  GlobalLpPool: globallyPooled,
  Resize: resized,
});
