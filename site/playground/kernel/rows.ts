/**
 * Rows for a kernel: drawn, pasted, or from a file.
 *
 * @module
 */
import { memorySource, readNpy, readSafetensors, readTensor } from 'bittrue/files';
import { numbersIn } from '../shared/numbers';

/** A matrix of rows. */
export interface Rows {
  readonly data: Float32Array;
  readonly rows: number;
  readonly width: number;
}

/** How rows are drawn: normal numbers times `scale`, and every row one outlier of `outlier` standard deviations. */
export interface Drawn {
  readonly rows: number;
  readonly width: number;
  readonly scale: number;
  readonly outlier: number;
}

/** Normal numbers, the same for the same shape; made once. */
let normals: Float32Array = new Float32Array(0);

/** 32 random bits of a counter: the same everywhere. */
function hash(i: number): number {
  let x = Math.imul(i ^ 0x9e3779b9, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

function normalsOf(length: number): Float32Array {
  if (normals.length < length) {
    normals = Float32Array.from({ length }, (_, i) => {
      const [p, q] = [hash(2 * i) / 2 ** 32, hash(2 * i + 1) / 2 ** 32];
      return Math.sqrt(-2 * Math.log(p + 2 ** -33)) * Math.cos(2 * Math.PI * q);
    });
  }
  return normals;
}

/** Draws rows into `out`. */
export function draw({ rows, width, scale, outlier }: Drawn, out: Float32Array): void {
  const from = normalsOf(rows * width);
  for (let i = 0; i < out.length; i++) out[i] = (from[i] as number) * scale;
  if (outlier !== 0) for (let r = 0; r < rows; r++) out[r * width + (r % width)] = outlier * scale;
}

/** Lines of numbers; a text without line ends is one row. */
export function pasted(text: string): Rows {
  const lines = text
    .split(/\n|;/)
    .map(numbersIn)
    .filter(({ length }) => length > 0);
  const width = lines[0]?.length ?? 0;
  if (width === 0) throw new Error('paste numbers, a row a line');
  const odd = lines.findIndex(({ length }) => length !== width);
  if (odd > 0) throw new Error(`row ${odd} has ${lines[odd]?.length} numbers, the first has ${width}`);
  return { data: Float32Array.from(lines.flat()), rows: lines.length, width };
}

/** What a file holds: tensors by name. */
export function fileRows(name: string, bytes: Uint8Array): ReadonlyMap<string, () => Rows> {
  const source = memorySource(bytes, name);
  if (/\.npy$/i.test(name)) {
    const { data, shape } = readNpy(source);
    return new Map([[name, () => shaped(data, shape)]]);
  }
  if (/\.safetensors$/i.test(name)) {
    const checkpoint = readSafetensors(source);
    const names = [...checkpoint.entries.keys()];
    return new Map(
      names.map((one) => [
        one,
        () => {
          const { data, shape } = readTensor(checkpoint, one, 'float32');
          return shaped(data, shape);
        },
      ]),
    );
  }
  throw new Error(`${name}: .npy, .safetensors and .onnx are read`);
}

function shaped(data: ArrayLike<number>, shape: readonly number[]): Rows {
  const width = shape.at(-1) ?? 1;
  return { data: Float32Array.from(data), rows: data.length / width, width };
}
