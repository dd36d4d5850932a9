/**
 * The data of a sweep: numbers from .npy, .npz and .safetensors files, or how to make them up.
 *
 * @module
 */
import { BittrueError, checkList, checkName, checkObject, checkText } from '../errors/index.ts';
import { readNpy } from '../files/index.ts';
import { readJsonObject } from '../files/json.ts';
import { openFile } from '../node/index.ts';
import type { SweepData, SweepGrid, Synthetic } from '../sweeps/index.ts';
import type { FloatArray } from '../tensors/index.ts';
import { transposed } from '../tensors/transposed.ts';
import { namedTensor, namedTensors } from './namedTensor.ts';
import { targetOrName } from './options.ts';

/** A matrix from a file. */
interface Matrix {
  readonly data: FloatArray;
  readonly rows: number;
  readonly width: number;
  /** Whether it is a checkpoint's: [out, in], each row a channel. */
  readonly isCheckpoint: boolean;
}

const distributions = ['normal', 'logUniform', 'outliers'];

/** Numbers of a file: `x.npy`, or a tensor of one by its name. */
function readMatrix(argument: string, text: string): Matrix {
  const named = namedTensor(text);
  if (named === null && !text.endsWith('.npy')) {
    throw new BittrueError('type', argument, text, `x.npy, ${namedTensors}, or one of ${distributions.join(', ')}`);
  }
  const { tensor, isCheckpoint } = named ?? { tensor: readNpy(openFile(text)), isCheckpoint: false };
  const { data, shape } = tensor;
  const width = shape[shape.length - 1] ?? 0;
  if (width === 0 || data.length === 0) {
    throw new BittrueError('shape', text, `[${shape.join(', ')}]`, 'at least one row of at least one number');
  }
  return { data, rows: data.length / width, width, isCheckpoint };
}

/** What a data set is, before its files are read. */
export interface DataText {
  readonly name?: string;
  readonly inputs?: string | Synthetic;
  readonly weights?: string | Synthetic;
  readonly rows?: number;
  readonly width?: number;
  readonly channels?: number;
  /** A number a channel, for plans whose epilogue adds a bias. */
  readonly bias?: string | Synthetic;
  /** [rows, channels], for plans whose epilogue has `beta`. */
  readonly c?: string | Synthetic;
  /** Of weights from a file: [K, N] (`kn`), or [N, K] (`nk`); default `nk` of a checkpoint, else `kn`. */
  readonly layout?: 'kn' | 'nk';
}

const usual = { rows: 256, width: 4096, channels: 1 };

/** Reads the files of a data set. What is made up has the shape of what is read, else the one that is given. */
export function readData(argument: string, given: unknown): SweepData {
  const keys = ['name', 'inputs', 'weights', 'rows', 'width', 'channels', 'layout', 'bias', 'c'];
  const {
    name,
    inputs = 'normal',
    weights,
    rows,
    width,
    channels,
    layout,
    ...added
  } = checkObject(argument, given, keys) as DataText;
  const own = sourceOf(`${argument}.inputs`, inputs);
  const other = weights === undefined ? null : sourceOf(`${argument}.weights`, weights);
  const matrix = 'data' in own ? own : null;
  const weightMatrix = other !== null && 'data' in other ? other : null;
  const isTransposed = isRows(argument, layout, weightMatrix, matrix?.width ?? width);
  const [k, n] =
    weightMatrix === null
      ? []
      : isTransposed
        ? [weightMatrix.width, weightMatrix.rows]
        : [weightMatrix.rows, weightMatrix.width];
  const shape = {
    rows: agreed(`${argument}.rows`, rows, matrix?.rows) ?? usual.rows,
    width: agreed(`${argument}.width`, agreed(`${argument}.width`, width, matrix?.width), k, n) ?? usual.width,
    channels: agreed(`${argument}.channels`, channels, n) ?? usual.channels,
  };
  const columns = (found: Matrix): FloatArray =>
    isTransposed ? transposed(found.data, found.rows, found.width) : found.data;
  return {
    name: checkText(`${argument}.name`, name ?? (typeof inputs === 'string' ? inputs : inputs.kind)),
    ...shape,
    inputs: 'data' in own ? own.data : own,
    ...(other === null ? {} : { weights: 'data' in other ? columns(other) : other }),
    ...addedOf(argument, added),
  };
}

/** What epilogues add. */
function addedOf(argument: string, { bias, c }: Pick<DataText, 'bias' | 'c'>): Pick<SweepData, 'bias' | 'c'> {
  const read = (part: string, given: string | Synthetic): FloatArray | Synthetic => {
    const found = sourceOf(`${argument}.${part}`, given);
    return 'data' in found ? found.data : found;
  };
  return {
    ...(bias === undefined ? {} : { bias: read('bias', bias) }),
    ...(c === undefined ? {} : { c: read('c', c) }),
  };
}

function sourceOf(argument: string, given: string | Synthetic): Matrix | Synthetic {
  if (typeof given !== 'string') {
    if (typeof given === 'object' && given !== null && !('data' in given)) return given;
    throw new BittrueError('type', argument, given, 'the name of a file, or how to make numbers up');
  }
  return distributions.includes(given) ? ({ kind: given } as Synthetic) : readMatrix(argument, given);
}

function isRows(
  argument: string,
  layout: string | undefined,
  matrix: Matrix | null,
  width: number | undefined,
): boolean {
  if (layout !== undefined) return checkName(`${argument}.layout`, layout, ['kn', 'nk'] as const) === 'nk';
  // Arrays are [K, N]; a checkpoint's weights [N, K], unless only the other way fits.
  if (matrix === null || matrix.rows === matrix.width || width === undefined) return matrix?.isCheckpoint ?? false;
  return matrix.isCheckpoint ? matrix.width === width || matrix.rows !== width : false;
}

/** What two parts say; where the other axis of the weights would fit, its layout is the way on. */
function agreed(
  argument: string,
  one: number | undefined,
  other: number | undefined,
  axis?: number,
): number | undefined {
  if (one !== undefined && other !== undefined && one !== other) {
    const way = one === axis ? '; the weights fit in the other layout (kn, nk)' : '';
    throw new BittrueError('shape', argument, one, `${other}, as another part has it${way}`);
  }
  return one ?? other;
}

/** A grid from a JSON file: as `defineSweep` takes it, with files in place of numbers, and of targets. */
export function readGrid(path: string): SweepGrid {
  const { data, targets, ...rest } = readJsonObject(openFile(path));
  return {
    ...rest,
    data: checkList('grid.data', data).map((one, i) => readData(`grid.data[${i}]`, one)),
    ...(targets === undefined
      ? {}
      : {
          targets: checkList('grid.targets', targets).map((one) => (typeof one === 'string' ? targetOrName(one) : one)),
        }),
  } as unknown as SweepGrid;
}
