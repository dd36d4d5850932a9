/**
 * ONNX files for tests: a model described in a few words, as the bytes of onnx.proto3. Written for tests alone; it shares
 * no code with the reader.
 */
import { field, utf8, varint } from '../files/helpers.ts';

/** An attribute: integers as bigint, reals as numbers. */
type AttributeValue =
  | bigint
  | number
  | string
  | readonly bigint[]
  | readonly number[]
  | readonly string[]
  | Stored
  | { readonly graph: Described }
  | { readonly reference: string };

/** A tensor: its type's number, axes, and raw bytes. */
export interface Stored {
  readonly type: number;
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
}

export interface DescribedNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/** A value: name, type's number, axes. */
export type Declared = readonly [name: string, type: number, axes: readonly (number | string | null)[] | null];

export interface Described {
  readonly nodes?: readonly DescribedNode[];
  readonly inputs?: readonly Declared[];
  /** Of type float where only the name is told. */
  readonly outputs?: readonly (string | Declared)[];
  readonly constants?: Readonly<Record<string, Stored>>;
}

export interface DescribedFunction {
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: readonly string[];
  readonly nodes: readonly DescribedNode[];
}

const text = (number: number, content: string) => field(number, utf8(content));

/** A field of 64 bits with sign. */
function integer(number: number, value: bigint): number[] {
  const bytes = varint(number * 8);
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) + 128);
  return [...bytes, Number(rest)];
}

const real = (number: number, value: number) => [
  ...varint(number * 8 + 5),
  ...new Uint8Array(Float32Array.of(value).buffer),
];

export const float32 = (dims: readonly number[], values: ArrayLike<number>): Stored => ({
  type: 1,
  dims,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
});

export const int32 = (values: readonly number[]): Stored => ({
  type: 6,
  dims: [values.length],
  bytes: new Uint8Array(Int32Array.from(values).buffer),
});

export const int64 = (dims: readonly number[], values: readonly number[]): Stored => ({
  type: 7,
  dims,
  bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
});

function tensor(name: string, { type, dims, bytes }: Stored): number[] {
  return [...dims.flatMap((axis) => integer(1, BigInt(axis))), ...field(2, type), ...text(8, name), ...field(9, bytes)];
}

function attribute(name: string, value: AttributeValue): number[] {
  const typed = (type: number, content: number[]) => field(5, [...text(1, name), ...content, ...field(20, type)]);
  if (typeof value === 'number') return typed(1, real(2, value));
  if (typeof value === 'bigint') return typed(2, integer(3, value));
  if (typeof value === 'string') return typed(3, text(4, value));
  if (Array.isArray(value)) {
    const list = value as readonly (number | bigint | string)[];
    if (typeof list[0] === 'number')
      return typed(
        6,
        list.flatMap((one) => real(7, one as number)),
      );
    if (typeof list[0] === 'string')
      return typed(
        8,
        list.flatMap((one) => text(9, one as string)),
      );
    return typed(
      7,
      list.flatMap((one) => integer(8, one as bigint)),
    );
  }
  if ('graph' in value) return typed(5, field(6, [...text(2, name), ...graph(value.graph)]));
  if ('reference' in value) return field(5, [...text(1, name), ...text(21, value.reference)]);
  return typed(4, field(5, tensor('', value as Stored)));
}

function node({ op, inputs, outputs, name, domain, attributes = {} }: DescribedNode): number[] {
  return [
    ...inputs.flatMap((input) => text(1, input)),
    ...outputs.flatMap((output) => text(2, output)),
    ...(name === undefined ? [] : text(3, name)),
    ...text(4, op),
    ...Object.entries(attributes).flatMap(([key, value]) => attribute(key, value)),
    ...(domain === undefined ? [] : text(7, domain)),
  ];
}

function value(number: number, [name, type, axes]: Declared): number[] {
  const dims = axes?.flatMap((axis) => {
    if (axis === null) return field(1, []);
    return field(1, typeof axis === 'number' ? integer(1, BigInt(axis)) : text(2, axis));
  });
  return field(number, [
    ...text(1, name),
    ...field(2, field(1, [...field(1, type), ...(dims === undefined ? [] : field(2, dims))])),
  ]);
}

function graph({ nodes = [], inputs = [], outputs = [], constants = {} }: Described): number[] {
  return [
    ...nodes.flatMap((one) => field(1, node(one))),
    ...Object.entries(constants).flatMap(([name, stored]) => field(5, tensor(name, stored))),
    ...inputs.flatMap((input) => value(11, input)),
    ...outputs.flatMap((output) => value(12, typeof output === 'string' ? [output, 1, null] : output)),
  ];
}

const imports = (number: number, opset: number) => [
  ...field(number, field(2, opset)),
  ...field(number, [...text(1, 'com.microsoft'), ...field(2, 1)]),
  ...field(number, [...text(1, 'local'), ...field(2, 1)]),
];

/** A whole file. */
export function onnxFile(
  described: Described,
  opset = 21,
  functions: readonly DescribedFunction[] = [],
  functionOpset = opset,
): Uint8Array {
  return Uint8Array.from([
    ...field(1, 10),
    ...field(7, graph(described)),
    ...imports(8, opset),
    ...functions.flatMap(({ domain, name, inputs, outputs, attributes = [], nodes }) =>
      field(25, [
        ...text(1, name),
        ...inputs.flatMap((input) => text(4, input)),
        ...outputs.flatMap((output) => text(5, output)),
        ...attributes.flatMap((one) => text(6, one)),
        ...nodes.flatMap((one) => field(7, node(one))),
        ...imports(9, functionOpset),
        ...text(10, domain),
      ]),
    ),
  ]);
}

/** A file of so many nodes, each the absolute value of the one before: x0000000 to x0000001 and on. */
export function chainOf(count: number): Uint8Array {
  // The bytes of one node, x0000000 to x0000001, with the digits put in place.
  const one = field(1, [...field(1, utf8('x0000000')), ...field(2, utf8('x0000000')), ...field(4, utf8('Abs'))]);
  const bytes = new Uint8Array(count * one.length);
  const first = one.indexOf('x'.charCodeAt(0));
  const second = one.indexOf('x'.charCodeAt(0), first + 1);
  const digits = (at: number, number: number) => {
    for (let i = 7, rest = number; i > 0; i--, rest = Math.floor(rest / 10)) bytes[at + i] = 48 + (rest % 10);
  };
  for (let i = 0; i < count; i++) {
    bytes.set(one, i * one.length);
    digits(i * one.length + first, i);
    digits(i * one.length + second, i + 1);
  }
  const input = field(11, [...field(1, utf8('x0000000')), ...field(2, field(1, field(1, 1)))]);
  const output = field(12, field(1, utf8(`x${String(count).padStart(7, '0')}`)));
  const body = [...input, ...output];
  const length = bytes.length + body.length;
  const prefix = [
    8 * 7 + 2,
    ...[0, 7, 14, 21, 28].flatMap((s) =>
      length >> s === 0 && s > 0 ? [] : [((length >> s) & 127) | (length >> (s + 7) > 0 ? 128 : 0)],
    ),
  ];
  const file = new Uint8Array(prefix.length + length + 4);
  file.set(prefix);
  file.set(bytes, prefix.length);
  file.set([...body, ...field(8, field(2, 17))], prefix.length + bytes.length);
  return file;
}
