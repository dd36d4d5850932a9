/**
 * Spectra and what audio models make of them (Operators.md of github.com/onnx/onnx: DFT, STFT, the windows, MelWeightMatrix). Sums
 * are those of the definitions, in binary64, in order; no fast transform, whose roundings are others.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { numberOf } from '../graphs/attributes.ts';
import { elementTypeOf } from '../graphs/elementTypes.ts';
import { elementCount } from '../graphs/graph.ts';
import type { Node, TypedTensor } from '../graphs/index.ts';
import { around, axisAt, misfit, needed, type Operator, reals } from './tensors.ts';

/** cos and sin of 2πk/n for every k: the angle is reduced among integers. */
function circle(n: number): readonly [cosines: Float64Array, sines: Float64Array] {
  const angle = (k: number): number => (2 * Math.PI * k) / n;
  return [
    Float64Array.from({ length: n }, (_, k) => Math.cos(angle(k))),
    Float64Array.from({ length: n }, (_, k) => Math.sin(angle(k))),
  ];
}

/**
 * Σ x(t)·e^(∓2πi·kt/n) of complex numbers that lie `step` pairs apart.
 *
 * @param sign - −1: forward; 1: inverse, without the division
 */
function transform(
  read: (t: number) => readonly [re: number, im: number],
  n: number,
  bins: number,
  sign: 1 | -1,
  [cosines, sines]: readonly [Float64Array, Float64Array],
  write: (k: number, re: number, im: number) => void,
): void {
  const values = new Float64Array(2 * n);
  for (let t = 0; t < n; t++) values.set(read(t), 2 * t);
  for (let k = 0; k < bins; k++) {
    let [real, imaginary] = [0, 0];
    for (let t = 0; t < n; t++) {
      const at = (k * t) % n;
      const re = values[2 * t];
      const im = values[2 * t + 1];
      const c = cosines[at];
      const s = sign * sines[at];
      real += re * c - im * s;
      imaginary += re * s + im * c;
    }
    write(k, real, imaginary);
  }
}

/** An integer that an input of one element holds. */
function whole(node: Node, input: TypedTensor | undefined, usual: number): number {
  if (input === undefined) return usual;
  const value = Number(input.data[0]);
  if (input.data.length !== 1 || !Number.isSafeInteger(value)) throw misfit(node, input.shape);
  return value;
}

const dft: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const rank = x.shape.length;
  const parts = x.shape[rank - 1];
  const axis = axisAt(node, whole(node, inputs[2], -2), rank);
  const isInverse = numberOf(node, 'inverse', 0) !== 0;
  const isOneSided = numberOf(node, 'onesided', 0) !== 0;
  if (axis === rank - 1 || (parts !== 1 && parts !== 2)) throw misfit(node, x.shape);
  if (isOneSided && (parts === 2) !== isInverse)
    throw new BittrueError(
      'shape',
      node.name,
      `[${x.shape.join(', ')}]`,
      'real numbers forward, complex ones back, for one side',
    );
  const { before, length, after } = around(x.shape.slice(0, -1), axis);
  const isHalf = isOneSided && isInverse;
  const n = whole(node, inputs[1], isHalf ? 2 * (length - 1) : length);
  if (!(n >= 1)) throw new BittrueError('range', node.name, `a length of ${n}`, 'a length of at least 1');
  const bins = isOneSided && !isInverse ? Math.floor(n / 2) + 1 : n;
  const kept = isHalf ? 1 : 2;
  const shape = [...x.shape.slice(0, -1).map((size, i) => (i === axis ? bins : size)), kept];
  const [data, out] = [reals(node, x), new Float64Array(elementCount(shape))];
  const turns = circle(n);
  for (let b = 0; b < before; b++) {
    for (let a = 0; a < after; a++) {
      const value = (t: number, part: number): number =>
        t < length && part < parts ? data[((b * length + t) * after + a) * parts + part] : 0;
      // The other half of a real signal's spectrum is the conjugate of the first, whose ends are real.
      const read = (t: number): readonly [number, number] => {
        if (!isHalf) return [value(t, 0), value(t, 1)];
        const mirrored = t > n / 2;
        const from = mirrored ? n - t : t;
        const isEnd = from === 0 || 2 * from === n;
        return [value(from, 0), isEnd ? 0 : mirrored ? -value(from, 1) : value(from, 1)];
      };
      transform(read, n, bins, isInverse ? 1 : -1, turns, (k, re, im) => {
        const at = ((b * bins + k) * after + a) * kept;
        out[at] = isInverse ? re / n : re;
        if (kept === 2) out[at + 1] = isInverse ? im / n : im;
      });
    }
  }
  return [{ type: x.type, shape, data: out }];
};

/** Transforms of the frames of a signal, each times a window. */
const stft: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const [batch, length, parts = 1] = x.shape;
  const step = whole(node, needed(node, inputs, 1), 0);
  const window = inputs[2] === undefined ? null : reals(node, inputs[2], 'a window');
  const n = whole(node, inputs[3], window?.length ?? length);
  const isOneSided = numberOf(node, 'onesided', 1) !== 0;
  if (x.shape.length < 2 || x.shape.length > 3 || (parts !== 1 && parts !== 2)) throw misfit(node, x.shape);
  if (window !== null && window.length !== n) throw misfit(node, [n], [window.length]);
  if (!(step >= 1 && n >= 1 && n <= length)) throw misfit(node, x.shape, [step, n]);
  if (isOneSided && parts === 2)
    throw new BittrueError('unsupported', node.name, 'one side of complex numbers', 'onesided 0');
  const frames = Math.floor((length - n) / step) + 1;
  const bins = isOneSided ? Math.floor(n / 2) + 1 : n;
  const [data, out] = [reals(node, x), new Float64Array(batch * frames * bins * 2)];
  const turns = circle(n);
  for (let b = 0; b < batch; b++) {
    for (let f = 0; f < frames; f++) {
      const at = (t: number): number => (b * length + f * step + t) * parts;
      const weight = (t: number): number => window?.[t] ?? 1;
      const read = (t: number): readonly [number, number] => [
        data[at(t)] * weight(t),
        parts === 2 ? data[at(t) + 1] * weight(t) : 0,
      ];
      transform(read, n, bins, -1, turns, (k, re, im) => {
        const to = ((b * frames + f) * bins + k) * 2;
        out[to] = re;
        out[to + 1] = im;
      });
    }
  }
  return [{ type: x.type, shape: [batch, frames, bins, 2], data: out }];
};

/** The type that an attribute names by its number; float where it names none. */
function outputType(node: Node): TypedTensor['type'] {
  const type = elementTypeOf(numberOf(node, 'output_datatype', 1));
  if (type === undefined || !/float|double/.test(type))
    throw new BittrueError(
      'unsupported',
      node.name,
      `output_datatype ${numberOf(node, 'output_datatype', 1)}`,
      'a float type',
    );
  return type;
}

/** Σ (−1)^j·c(j)·cos(2πjk/n): n is the window's length where it is periodic, else one less. */
function cosineWindow(...coefficients: readonly number[]): Operator {
  return (node, inputs) => {
    const size = whole(node, needed(node, inputs, 0), 0);
    if (!(size >= 0)) throw new BittrueError('range', node.name, size, 'a length from 0 on');
    const n = numberOf(node, 'periodic', 1) !== 0 ? size : size - 1;
    const value = (k: number): number =>
      coefficients.reduce((sum, c, j) => sum + (j % 2 === 0 ? c : -c) * Math.cos((2 * Math.PI * j * k) / n), 0);
    return [{ type: outputType(node), shape: [size], data: Float64Array.from({ length: size }, (_, k) => value(k)) }];
  };
}

/** Triangles over the bins of a spectrum, evenly apart on the mel scale; their corners are bins. */
const melWeights: Operator = (node, inputs) => {
  const [bands, length, rate] = [0, 1, 2].map((place) => whole(node, needed(node, inputs, place), 0));
  const [low, high] = [3, 4].map((place) => Number(needed(node, inputs, place).data[0]));
  if (!(bands >= 1 && length >= 1 && rate >= 1 && low >= 0 && high >= low))
    throw new BittrueError(
      'range',
      node.name,
      [bands, length, rate, low, high].join(', '),
      'bands, a length, a rate and two edges',
    );
  const mel = (hertz: number): number => (2595 * Math.log1p(hertz / 700)) / Math.LN10;
  const bins = Math.floor(length / 2) + 1;
  const step = (mel(high) - mel(low)) / (bands + 2);
  const corner = (i: number): number => {
    const hertz = 700 * Math.expm1(((i * step + mel(low)) / 2595) * Math.LN10);
    return Math.floor(((length + 1) * hertz) / rate);
  };
  const data = new Float64Array(bins * bands);
  const put = (bin: number, band: number, value: number): void => {
    if (bin < bins) data[bin * bands + band] = value;
  };
  for (let band = 0; band < bands; band++) {
    const [left, centre, right] = [corner(band), corner(band + 1), corner(band + 2)];
    for (let bin = left; bin <= centre; bin++) put(bin, band, centre === left ? 1 : (bin - left) / (centre - left));
    for (let bin = centre; bin < right; bin++) put(bin, band, (right - bin) / (right - centre));
  }
  return [{ type: outputType(node), shape: [bins, bands], data }];
};

/** The operators of this file. */
export const signals: Readonly<Record<string, Operator>> = {
  DFT: dft,
  STFT: stft,
  HannWindow: cosineWindow(0.5, 0.5),
  HammingWindow: cosineWindow(25 / 46, 21 / 46),
  BlackmanWindow: cosineWindow(0.42, 0.5, 0.08),
  MelWeightMatrix: melWeights,
};
