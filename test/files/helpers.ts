/** The code and argument of the error that a call throws. */
export function failure(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    const { code, argument } = error as { code?: string; argument?: string };
    return `${code} ${argument}`;
  }
  return 'no error';
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A safetensors file with any header, honest or not. */
export function safetensors(header: unknown, data: Uint8Array | number = 0, headerLength?: number): Uint8Array {
  const text = utf8(typeof header === 'string' ? header : JSON.stringify(header));
  const body = typeof data === 'number' ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + text.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength ?? text.length), true);
  bytes.set(text, 8);
  bytes.set(body, 8 + text.length);
  return bytes;
}

/** A field of ONNX's wire format: an integer, or bytes under their length. */
export function field(number: number, content: number | Uint8Array | number[]): number[] {
  if (typeof content === 'number') return [...varint(number * 8), ...varint(content)];
  return [...varint(number * 8 + 2), ...varint(content.length), ...content];
}

export function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}

/** Bytes of binary32 numbers. */
export const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
/** A TensorProto whose data are raw. */
export const raw = (name: string, type: number, dims: number[], bytes: Uint8Array): number[] => [
  ...dims.flatMap((axis) => field(1, axis)),
  ...field(2, type),
  ...field(8, utf8(name)),
  ...field(9, bytes),
];
