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
