/**
 * onnxruntime beside us: it runs a file whose operators are not all evaluated here, and tells the values between its nodes.
 * The runtime is handed in by the caller; nothing here imports it.
 *
 * @module
 */
import { BittrueError, checkFunction, checkList, checkMade, checkRecord } from '../../errors/index.ts';
import { memorySource, readOnnxModel } from '../../files/index.ts';
import { binary16 } from '../../formats/index.ts';
import { arrayKind } from '../../graphs/elementTypes.ts';
import type { ElementArray, OnnxElementType, TypedTensor } from '../../graphs/index.ts';
import { decode, encode, round } from '../../rounding/index.ts';

/** A tensor as onnxruntime-web and onnxruntime-node have it. */
export interface RuntimeTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** A file that a runtime has opened. */
export interface RuntimeSession {
  /** Runs it: outputs by their names. */
  run(feeds: never): Promise<Readonly<Record<string, unknown>>>;
  /** Gives its memory back. */
  release(): Promise<void>;
}

/** What is used of `onnxruntime-web` or `onnxruntime-node`: `import * as ort from 'onnxruntime-web'` is one. */
export interface OnnxRuntime {
  readonly Tensor: new (type: never, data: never, dims: readonly number[]) => RuntimeTensor;
  readonly InferenceSession: {
    /** Opens a file. */
    create(bytes: Uint8Array, options: { readonly graphOptimizationLevel: 'disabled' }): Promise<RuntimeSession>;
  };
}

/** Values between the nodes of a file, as a runtime has them. */
export interface Companion {
  /** The values that it can tell. */
  readonly names: ReadonlySet<string>;
  /** Some of them, for these inputs. */
  values(
    feeds: Readonly<Record<string, TypedTensor>>,
    names: readonly string[],
  ): Promise<ReadonlyMap<string, TypedTensor>>;
}

/** Element types by the names that the runtime has for them, where these differ from ONNX's. */
const types: Readonly<Record<string, OnnxElementType>> = { float32: 'float', float64: 'double' };

/** The fields of ModelProto and GraphProto that a further output takes (onnx.proto). */
const [GRAPH, OUTPUT, NAME] = [7, 12, 1];

/**
 * A runtime as the companion of a check: it runs the file once for each call, all nodes as they are, and tells any value
 * between them.
 *
 * @param runtime - `onnxruntime-web` or `onnxruntime-node`, as it is imported
 * @param bytes - the .onnx file, whole, its weights within
 * @throws {@link BittrueError} as `readOnnxModel`; in a run `value` for inputs that the file's own types do not hold,
 *   `unsupported` for types of elements that are not read from a runtime, and the runtime's own errors as they are
 * @example
 * import { onnxCompanion } from 'bittrue/models';
 * // import * as ort from 'onnxruntime-web'; onnxCompanion(ort, bytes)
 * onnxCompanion({} as never, new Uint8Array(0)); // throws type
 */
export function onnxCompanion(runtime: OnnxRuntime, bytes: Uint8Array): Companion {
  checkMade(
    'runtime',
    runtime,
    ['Tensor', 'InferenceSession'],
    'onnxruntime-web or onnxruntime-node, as it is imported',
  );
  checkFunction('runtime.InferenceSession.create', runtime.InferenceSession.create);
  const model = readOnnxModel(memorySource(bytes, 'bytes'));
  const own = new Set(model.graph.outputs.map(({ name }) => name));
  const made = model.graph.nodes.flatMap(({ outputs }) => outputs).filter((name) => name !== '');
  const names = new Set(made);
  return Object.freeze({
    names,
    async values(feeds: Readonly<Record<string, TypedTensor>>, wanted: readonly string[]) {
      checkRecord('feeds', feeds, 'tensors by the names of inputs');
      for (const name of checkList('names', wanted) as readonly string[]) {
        if (!names.has(name)) throw new BittrueError('name', 'names', name, 'values that nodes of the file make');
      }
      const session = await runtime.InferenceSession.create(
        withOutputs(
          bytes,
          wanted.filter((name) => !own.has(name)),
        ),
        { graphOptimizationLevel: 'disabled' },
      );
      try {
        const given = Object.entries(feeds).map(([name, tensor]) => [name, toRuntime(runtime, name, tensor)]);
        const results = await session.run(Object.fromEntries(given) as never);
        return new Map(wanted.map((name) => [name, fromRuntime(name, results[name] as RuntimeTensor)]));
      } finally {
        await session.release();
      }
    },
  });
}

/** The file with more outputs: in protocol buffers a message that follows one of the same field is merged with it. */
function withOutputs(bytes: Uint8Array, names: readonly string[]): Uint8Array {
  const text = new TextEncoder();
  const under = (number: number, content: readonly number[]): number[] => {
    const length: number[] = [];
    for (let rest = content.length; ; rest = Math.floor(rest / 128)) {
      if (rest < 128) return [8 * number + 2, ...length, rest, ...content];
      length.push((rest % 128) + 128);
    }
  };
  const outputs: number[] = [];
  for (const name of names) for (const byte of under(OUTPUT, under(NAME, [...text.encode(name)]))) outputs.push(byte);
  const more = under(GRAPH, outputs);
  const whole = new Uint8Array(bytes.length + more.length);
  whole.set(bytes);
  whole.set(more, bytes.length);
  return whole;
}

/** An input as the runtime takes it, every number as it is. */
function toRuntime({ Tensor }: OnnxRuntime, name: string, { type, shape, data }: TypedTensor): RuntimeTensor {
  const called = Object.entries(types).find(([, one]) => one === type)?.[0] ?? type;
  let own: unknown = data;
  if (type === 'float' || type === 'float16') {
    const narrow = (x: number): number => (type === 'float' ? Math.fround(x) : round(binary16, x));
    const lost = (data as Float64Array).findIndex((x) => x === x && narrow(x) !== x);
    if (lost >= 0) throw new BittrueError('value', `feeds.${name}`, data[lost], `numbers of ${type}`);
    own =
      type === 'float'
        ? Float32Array.from(data as Float64Array)
        : Uint16Array.from(data as Float64Array, (x) => encode(binary16, x));
  }
  return new Tensor(called as never, own as never, shape);
}

/** A value as evaluation takes it. */
function fromRuntime(name: string, tensor: RuntimeTensor | undefined): TypedTensor {
  if (tensor === undefined) throw new BittrueError('unsupported', name, 'no tensor', 'a value that the runtime tells');
  const { type: called, dims, data } = tensor;
  const type = types[called] ?? (called as OnnxElementType);
  const shape = [...dims];
  if (type === 'float16') {
    const values =
      (data as Uint16Array | Float32Array) instanceof Uint16Array
        ? Float64Array.from(data as Uint16Array, (code) => decode(binary16, code))
        : Float64Array.from(data as Float32Array);
    return { type, shape, data: values };
  }
  if (type === 'float' || type === 'double') return { type, shape, data: Float64Array.from(data as Float32Array) };
  const known = ['bool', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'];
  if (!known.includes(type)) {
    throw new BittrueError('unsupported', name, called, `floats of 16 to 64 bits, ${known.join(', ')}`);
  }
  const kind = arrayKind(type) as unknown as { from(values: ArrayLike<number>): ElementArray };
  return { type, shape, data: kind.from(data as ArrayLike<number>) };
}
