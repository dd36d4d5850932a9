/**
 * The tensors of an ONNX file: a protocol buffer, of whose messages (onnx.proto3 of github.com/onnx/onnx) only those are
 * read that hold weights: a graph's initializers, and the `Constant` nodes that some exporters write instead.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { Checkpoint, TensorEntry } from './checkpoint.ts';
import { dtypeBits } from './dtype.ts';
import type { ByteSource } from './source.ts';

/** TensorProto.DataType, by the names that safetensors uses. */
const dtypes: Readonly<Record<number, string>> = {
  1: 'F32',
  2: 'U8',
  3: 'I8',
  4: 'U16',
  5: 'I16',
  6: 'I32',
  7: 'I64',
  9: 'BOOL',
  10: 'F16',
  11: 'F64',
  12: 'U32',
  13: 'U64',
  16: 'BF16',
};

/** TensorProto: the field of packed elements whose bytes are those of raw_data, for the types that have one. */
const packedField: Readonly<Record<string, number>> = { F32: 4, F64: 10 };

/** One field of a message: its number, and where its bytes lie or what its integer is. */
interface Field {
  readonly number: number;
  readonly begin: number;
  readonly end: number;
  /** Of a varint, else 0. */
  readonly value: number;
}

/**
 * Reads where the tensors of an ONNX model lie; `readTensor` reads them when wanted, and `readTensorBytes` those of
 * integers. Left out: tensors without a name, and small integers that a file keeps as varints.
 *
 * @throws {@link BittrueError} `file`, for a file that is truncated or no ONNX model; `unsupported` for external data
 */
export function readOnnx(source: ByteSource): Checkpoint {
  const model = new Message(source, 0, source.size);
  const graph = model.only(7);
  if (graph === null) throw new BittrueError('file', source.name, 'no graph', 'an ONNX model');
  const entries = new Map<string, TensorEntry>();
  const add = (entry: TensorEntry | null): void => {
    if (entry === null || entry.name === '') return;
    if (entries.has(entry.name)) throw new BittrueError('file', source.name, `${entry.name} twice`, 'every name once');
    entries.set(entry.name, entry);
  };
  for (const { number, begin, end } of graph.fields) {
    const message = number === 1 || number === 5 ? new Message(source, begin, end) : null;
    if (number === 5) add(tensorOf(message as Message, null));
    if (number === 1) add(constantOf(message as Message));
  }
  return Object.freeze({ name: source.name, metadata: Object.freeze({}), entries });
}

/** NodeProto: the tensor of a `Constant`, under its output's name. */
function constantOf(node: Message): TensorEntry | null {
  if (node.text(4) !== 'Constant') return null;
  for (const { begin, end } of node.all(5)) {
    const attribute = new Message(node.source, begin, end);
    const value = attribute.only(5);
    if (attribute.text(1) === 'value' && value !== null) return tensorOf(value, node.text(2));
  }
  return null;
}

/** TensorProto. */
function tensorOf(tensor: Message, named: string | null): TensorEntry | null {
  const { source } = tensor;
  const name = named ?? tensor.text(8);
  const where = `${source.name}: ${name}`;
  if (tensor.all(14).some(({ value }) => value === 1)) {
    throw new BittrueError('unsupported', where, 'external data', 'a tensor within the file');
  }
  const type = tensor.all(2).at(-1)?.value ?? 0;
  const dtype = dtypes[type];
  if (dtype === undefined) return null;
  const shape = tensor.integers(1);
  const data = tensor.all(9).at(-1) ?? tensor.all(packedField[dtype] ?? -1).at(-1);
  const bytes = shape.reduce((product, axis) => product * axis, dtypeBits[dtype] / 8);
  if (data === undefined) {
    if (bytes > 0 && packedField[dtype] === undefined) return null; // varints
    if (bytes > 0)
      throw new BittrueError('file', where, 'no data', `${bytes} bytes for ${dtype} [${shape.join(', ')}]`);
  }
  const length = data === undefined ? 0 : data.end - data.begin;
  if (length !== bytes) {
    throw new BittrueError('file', where, `${length} bytes`, `${bytes} bytes for ${dtype} [${shape.join(', ')}]`);
  }
  return Object.freeze({ name, dtype, shape: Object.freeze(shape), source, offset: data?.begin ?? 0, length });
}

/** A message of the protocol-buffer wire format. */
class Message {
  readonly source: ByteSource;
  readonly fields: readonly Field[];

  constructor(source: ByteSource, begin: number, end: number) {
    this.source = source;
    const fields: Field[] = [];
    let at = begin;
    while (at < end) {
      const [tag, next] = varint(source, at, end);
      const number = Math.floor(tag / 8);
      const wire = tag % 8;
      let field: Field;
      if (wire === 0) {
        const [value, after] = varint(source, next, end);
        field = { number, begin: next, end: after, value };
      } else if (wire === 2) {
        const [length, after] = varint(source, next, end);
        field = { number, begin: after, end: after + length, value: 0 };
      } else if (wire === 1 || wire === 5) {
        field = { number, begin: next, end: next + (wire === 1 ? 8 : 4), value: 0 };
      } else throw new BittrueError('file', source.name, `wire type ${wire} at byte ${at}`, 'an ONNX model');
      if (field.end > end)
        throw new BittrueError('file', source.name, `a field beyond byte ${end}`, 'a whole ONNX model');
      fields.push(field);
      at = field.end;
    }
    this.fields = fields;
  }

  all(number: number): readonly Field[] {
    return this.fields.filter((field) => field.number === number);
  }

  /** The last message under a number, as the format has it; null for none. */
  only(number: number): Message | null {
    const field = this.all(number).at(-1);
    return field === undefined ? null : new Message(this.source, field.begin, field.end);
  }

  /** The last text under a number; empty for none. */
  text(number: number): string {
    const field = this.all(number).at(-1);
    return field === undefined ? '' : new TextDecoder().decode(this.source.read(field.begin, field.end - field.begin));
  }

  /** A repeated integer, packed or not. */
  integers(number: number): number[] {
    return this.all(number).flatMap(({ begin, end, value }) => {
      const found: number[] = [];
      let at = begin;
      // An unpacked one spans exactly its varint, so reading what the field spans serves both.
      while (at < end) {
        const [one, next] = varint(this.source, at, end);
        found.push(one);
        at = next;
      }
      return found.length === 0 ? [value] : found;
    });
  }
}

/** An unsigned varint and where it ends. Negative ones come out far above 2^53, which no length or axis is. */
function varint(source: ByteSource, from: number, end: number): [number, number] {
  const bytes = source.read(from, Math.min(10, end - from));
  let value = 0;
  let weight = 1;
  for (let i = 0; i < bytes.length; i++, weight *= 128) {
    value += (bytes[i] & 127) * weight;
    if (bytes[i] < 128) return [value, from + i + 1];
  }
  throw new BittrueError('file', source.name, `a number without end at byte ${from}`, 'a whole ONNX model');
}
