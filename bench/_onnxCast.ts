/**
 * onnxruntime-web's Cast from binary32 to binary16, one thread: the model is a graph of one node, written here.
 *
 * @module
 */
import * as ort from 'onnxruntime-web';

/** A number as protobuf writes it: seven bits a byte, the lowest first. */
function varint(x: number): number[] {
  return x < 128 ? [x] : [(x & 127) | 128, ...varint(x >>> 7)];
}

/** A field of a protobuf message: a number, or a text or a message after its length. */
function field(number: number, content: number | string | number[]): number[] {
  if (typeof content === 'number') return [...varint(number << 3), ...varint(content)];
  const bytes = typeof content === 'string' ? [...content].map((letter) => letter.charCodeAt(0)) : content;
  return [...varint((number << 3) | 2), ...varint(bytes.length), ...bytes];
}

const FLOAT = 1;
const FLOAT16 = 10;

/** A ValueInfoProto: a name, an element type, one axis of any length. */
function value(name: string, type: number): number[] {
  const shape = field(1, field(2, 'n'));
  return [...field(1, name), ...field(2, field(1, [...field(1, type), ...field(2, shape)]))];
}

/** A ModelProto of IR version 8 and operator set 13. */
function castModel(): Uint8Array {
  const to = [...field(1, 'to'), ...field(3, FLOAT16), ...field(20, 2)];
  const node = [...field(1, 'x'), ...field(2, 'y'), ...field(4, 'Cast'), ...field(5, to)];
  const graph = [
    ...field(1, node),
    ...field(2, 'cast'),
    ...field(11, value('x', FLOAT)),
    ...field(12, value('y', FLOAT16)),
  ];
  return Uint8Array.from([...field(1, 8), ...field(7, graph), ...field(8, field(2, 13))]);
}

/** Casts by onnxruntime-web: binary16 codes of binary32 numbers, copied into its memory and out of it, as it works. */
export async function onnxCast(): Promise<(x: Float32Array) => Promise<Uint16Array>> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(castModel(), { executionProviders: ['wasm'] });
  return async (x) => {
    const { y } = await session.run({ x: new ort.Tensor('float32', x, [x.length]) });
    return y!.data as unknown as Uint16Array;
  };
}
