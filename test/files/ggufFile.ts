/** GGUF files with any header, honest or not (github.com/ggml-org/ggml, docs/gguf.md). */
export interface StoredGguf {
  readonly version?: number;
  readonly alignment?: number;
  /** Key, type of the value, its bytes. */
  readonly metadata?: readonly (readonly [key: string, type: number, bytes: readonly number[]])[];
  /** The fastest axis first. */
  readonly tensors: readonly {
    readonly name: string;
    readonly dims: readonly number[];
    readonly type: number;
    readonly data: Uint8Array;
  }[];
  /** In place of the right ones. */
  readonly offsets?: readonly number[];
}

export const u32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
export const u64 = (value: number): number[] => [...u32(value % 2 ** 32), ...u32(Math.floor(value / 2 ** 32))];
/** A text under its length. */
export const text = (value: string): number[] => {
  const bytes = new TextEncoder().encode(value);
  return [...u64(bytes.length), ...bytes];
};

export function ggufFile({ version = 3, alignment = 32, metadata = [], tensors, offsets }: StoredGguf): Uint8Array {
  const padded = (length: number): number => Math.ceil(length / alignment) * alignment;
  let end = 0;
  const places = tensors.map(({ data }) => {
    const at = end;
    end += padded(data.length);
    return at;
  });
  const header = [
    ...[0x47, 0x47, 0x55, 0x46],
    ...u32(version),
    ...u64(tensors.length),
    ...u64(metadata.length),
    ...metadata.flatMap(([key, type, bytes]) => [...text(key), ...u32(type), ...bytes]),
    ...tensors.flatMap(({ name, dims, type }, i) => [
      ...text(name),
      ...u32(dims.length),
      ...dims.flatMap(u64),
      ...u32(type),
      ...u64((offsets ?? places)[i]),
    ]),
  ];
  const start = tensors.length === 0 ? header.length : padded(header.length);
  const file = new Uint8Array(start + end);
  file.set(header);
  tensors.forEach(({ data }, i) => {
    file.set(data, start + places[i]);
  });
  return file;
}
