/**
 * What the readers are fuzzed with: files of ours, each made by our own writers or by hand, each with what reads it.
 */
import { BittrueError } from '../../src/errors/index.ts';
import {
  type ByteSource,
  type Checkpoint,
  memorySource,
  type NpyOptions,
  openNpy,
  readGguf,
  readNpy,
  readOnnx,
  readSafetensors,
  readShardedSafetensors,
  readTensor,
  readTensorBytes,
  readTensorCodes,
  writeSafetensors,
} from '../../src/files/index.ts';
import { parseJsonObject } from '../../src/files/json.ts';
import { blockCatalogue, catalogue, formatName, parseBlock, parseFormat } from '../../src/formats/index.ts';
import { ggufModel, loadModel, parseConfig } from '../../src/models/index.ts';
import { roundDecimal } from '../../src/rounding/index.ts';
import {
  dequantizedCheckpoint,
  loadQuantizedLlama,
  logits,
  quantizationTensors,
  quantizeModel,
} from '../../src/studies/index.ts';
import { defineTarget, targets } from '../../src/targets/index.ts';
import { vectorLines, verifyVectors } from '../../src/testing/index.ts';
import { ggufFile, text as ggufText, u32, u64 } from '../files/ggufFile.ts';
import { field, floats, raw, safetensors, utf8, varint } from '../files/helpers.ts';
import { ggufCases, ggufOf } from '../models/ggufModels.ts';
import { loadWeights, smallConfig, smallWeights } from '../models/helpers.ts';

/** One file: the part that mutations change first, what is put around it (lengths that are right), and its reader. */
export interface Item {
  readonly name: string;
  /** A JSON value, whose nodes are changed before it is written; or bytes. */
  readonly inner: { readonly json: unknown } | Uint8Array;
  readonly wrap: (inner: Uint8Array) => Uint8Array;
  readonly read: (bytes: Uint8Array) => void;
}

const plain = (inner: Uint8Array): Uint8Array => inner;
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const source = (bytes: Uint8Array): ByteSource => memorySource(bytes, 'FILE');
const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** Reads all that a checkpoint says it has; each tensor may be refused. */
function readAll(checkpoint: Checkpoint): void {
  for (const [name, { source: file, offset, length }] of checkpoint.entries) {
    if (!(offset >= 0 && length >= 0 && offset + length <= file.size)) throw new Error(`${name} lies outside its file`);
    if (readTensorBytes(checkpoint, name).length !== length) throw new Error(`${name} has other bytes`);
    for (const read of [readTensor, readTensorCodes]) {
      try {
        read(checkpoint, name);
      } catch (error) {
        if (!(error instanceof BittrueError)) throw error;
      }
    }
  }
}

/** .npy, of each type and shape. */
function npyItems(): Item[] {
  const header = (inner: Uint8Array, data: number, version: number): Uint8Array => {
    const length = Buffer.alloc(version === 1 ? 2 : 4);
    length.writeUIntLE(inner.length % 2 ** 16, 0, 2);
    return join(Uint8Array.of(0x93, 78, 85, 77, 80, 89, version, 0), length, inner, new Uint8Array(data));
  };
  const of = (
    descr: string,
    shape: string,
    data: number,
    version = 1,
    options: NpyOptions = {},
    order = 'False',
  ): Item => ({
    name: `${descr} ${shape}`,
    inner: utf8(`{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }          \n`),
    wrap: (inner) => header(inner, data, version),
    read: (bytes) => {
      const { length, read } = openNpy(source(bytes), options);
      if (length > 2) read(1, 3);
      readNpy(source(bytes), options);
    },
  });
  return [
    of('<f8', '(2, 3)', 48),
    of('<f4', '(5,)', 20, 2),
    of('<f2', '()', 2, 3),
    of('<f4', '(0, 7)', 0),
    of('>i8', '(3, 2)', 48, 1, {}, 'True'),
    of('|V1', '(4,)', 4, 1, { format: catalogue.e4m3fn }),
  ];
}

const header = {
  __metadata__: { format: 'pt' },
  b: { dtype: 'I64', shape: [1], data_offsets: [8, 16] },
  a: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] },
  none: { dtype: 'F16', shape: [0, 7], data_offsets: [16, 16] },
  packed: { dtype: 'F4', shape: [3, 2], data_offsets: [16, 19] },
  e: { dtype: 'F8_E8M0', shape: [], data_offsets: [19, 20] },
};

function safetensorsItems(): Item[] {
  const read = (bytes: Uint8Array): void => readAll(readSafetensors(source(bytes)));
  const written = writeSafetensors(
    { w: { data: Float64Array.of(1, -0, NaN), shape: [3] }, i: { data: Int16Array.of(1, 2), shape: [2, 1] } },
    { metadata: { k: 'v' } },
  );
  return [
    { name: 'header', inner: { json: header }, wrap: (inner) => safetensors(text(inner), 20), read },
    { name: 'file', inner: written, wrap: plain, read },
    { name: 'empty', inner: { json: {} }, wrap: (inner) => safetensors(text(inner)), read },
  ];
}

function shardedItems(): Item[] {
  const part = writeSafetensors({ x: { data: Float32Array.of(1, 2), shape: [2] } });
  const listed = Object.fromEntries(['a', 'b', 'none', 'packed', 'e'].map((name) => [name, 'part-2.safetensors']));
  const index = { metadata: { total_size: 28 }, weight_map: { x: 'part-1.safetensors', ...listed } };
  const other = safetensors(header, 20);
  const open = (files: Record<string, Uint8Array>) => (name: string) => {
    if (/^\.|[/\\\0]/.test(name)) throw new Error(`${JSON.stringify(name)} was opened`);
    const found = Object.hasOwn(files, name) ? files[name] : undefined;
    if (found === undefined) throw new BittrueError('file', name, 'nothing', 'a file');
    return memorySource(found, name);
  };
  const joined = (json: Uint8Array, second: Uint8Array): void =>
    readAll(readShardedSafetensors(source(json), open({ 'part-1.safetensors': part, 'part-2.safetensors': second })));
  return [
    { name: 'index', inner: { json: index }, wrap: plain, read: (bytes) => joined(bytes, other) },
    {
      name: 'part',
      inner: { json: header },
      wrap: (inner) => safetensors(text(inner), 20),
      read: (bytes) => joined(utf8(JSON.stringify(index)), bytes),
    },
  ];
}

/** GGUF files as models, opened and run on two tokens. */
function ggufModelItems(): Item[] {
  return Object.entries(ggufCases).map(([name, one]) => ({
    name,
    inner: ggufOf(one),
    wrap: plain,
    read: (bytes) => {
      const { config, checkpoint } = ggufModel(readGguf(source(bytes)));
      const { data } = logits(loadModel(config, checkpoint), [[1, 2]]);
      if (data.length % 2 !== 0 || data.length === 0) throw new Error(`${data.length} logits`);
    },
  }));
}
function ggufItems(): Item[] {
  const list = [...u32(8), ...u64(2), ...ggufText('a'), ...ggufText('bc')];
  const inner = ggufFile({
    metadata: [
      ['general.alignment', 4, u32(32)],
      ['tokens', 9, list],
      ['yes', 7, [1]],
    ],
    tensors: [
      { name: 'w', dims: [3, 2], type: 0, data: floats(1, 2, 3, 4, 5, 6) },
      ...[2, 8, 12, 14, 39, 40].map((type, i) => {
        const [elements, bytes] = [
          [32, 18],
          [32, 34],
          [256, 144],
          [256, 210],
          [32, 17],
          [64, 36],
        ][i] as [number, number];
        return { name: `q${type}`, dims: [elements], type, data: new Uint8Array(bytes).fill(0x5a) };
      }),
    ],
  });
  return [{ name: 'file', inner, wrap: plain, read: (bytes) => readAll(readGguf(source(bytes))) }];
}

function onnxItems(): Item[] {
  const attribute = (name: string, content: number[]) => field(5, [...field(1, utf8(name)), ...content]);
  const node = (output: string, operator: string, content: number[]) =>
    field(1, [...field(2, utf8(output)), ...field(4, utf8(operator)), ...content]);
  const single = (value: number) => [...varint(4 * 8 + 5), ...floats(value)];
  const typed = (name: string, type: number, dims: number[], content: number[]) =>
    field(5, [...dims.flatMap((axis) => field(1, axis)), ...field(2, type), ...field(8, utf8(name)), ...content]);
  const external = (location: string) => [
    ...field(14, 1),
    ...[location, '4', '8'].flatMap((value, i) =>
      field(13, [...field(1, utf8(['location', 'offset', 'length'][i] as string)), ...field(2, utf8(value))]),
    ),
  ];
  const graphs: Record<string, number[]> = {
    raw: [
      ...field(5, raw('w', 1, [2, 3], floats(1, 2, 3, 4, 5, 6))),
      ...field(5, raw('h', 10, [1], Uint8Array.of(0, 60))),
    ],
    packed: [...typed('p', 1, [2], field(4, floats(0.5, -7))), ...typed('i', 7, [3], field(7, [1, 200, 1, 3]))],
    chunks: typed('c', 1, [4], [...single(1), ...field(4, floats(2, 3)), ...single(4)]),
    types: [22, 17, 16, 9, 8, 27].flatMap((type) =>
      typed(`t${type}`, type, [2], field(5, type === 22 ? [33] : [1, 2])),
    ),
    external: [...typed('e', 1, [2], external('weights.bin')), ...typed('f', 1, [2], external('../secret'))],
    nodes: [
      ...node('f', 'Constant', attribute('value_float', [...varint(2 * 8 + 5), ...floats(0.5)])),
      ...node('is', 'Constant', attribute('value_ints', field(8, [1, 2]))),
      ...node('y', 'If', attribute('then_branch', field(6, field(5, raw('w', 1, [1], floats(9)))))),
      ...node('v', 'Constant', attribute('value', field(5, raw('', 1, [], floats(3))))),
    ],
  };
  const open = (name: string): ByteSource => {
    if (/^\.|[/\\\0]/.test(name)) throw new Error(`${JSON.stringify(name)} was opened`);
    return memorySource(floats(1, 2, 3), name);
  };
  const read = (bytes: Uint8Array): void => {
    readAll(readOnnx(source(bytes), open));
    readAll(readOnnx(source(bytes)));
  };
  const tail = field(25, [
    ...field(1, utf8('g')),
    ...field(7, node('k', 'Constant', attribute('value_int', field(3, 7)))),
  ]);
  return Object.entries(graphs).map(([name, graph]) => ({
    name,
    inner: Uint8Array.from(graph),
    wrap: (inner) => Uint8Array.from([...field(1, 8), ...field(7, inner), ...tail]),
    read,
  }));
}

function jsonItems(): Item[] {
  const value = { a: [1, -2.5e3, 'x\u00e9\n', true, null, { b: {} }], 'c d': '\\u0041', n: { m: [[[]]] } };
  return [
    {
      name: 'object',
      inner: { json: value },
      wrap: plain,
      read: (bytes) => void parseJsonObject(bytes, 'FILE'),
    },
    {
      name: 'lines',
      inner: utf8(`${JSON.stringify(value, null, 2)}\n`),
      wrap: plain,
      read: (bytes) => {
        const found = parseJsonObject(bytes, 'FILE');
        // Where it reads, it reads as JSON.parse does.
        if (JSON.stringify(found) !== JSON.stringify(JSON.parse(new TextDecoder().decode(bytes))))
          throw new Error('other');
      },
    },
  ];
}

function modelItems(): Item[] {
  const weights = writeSafetensors(smallWeights());
  const length = Number(Buffer.from(weights).readBigUInt64LE(0));
  const names = JSON.parse(text(weights.subarray(8, 8 + length)));
  const data = weights.subarray(8 + length);
  const load = (config: unknown, bytes: Uint8Array): void => void loadModel(config, readSafetensors(source(bytes)));
  return [
    {
      name: 'config',
      inner: { json: { ...smallConfig, rope_parameters: { rope_type: 'default', rope_theta: 500 } } },
      wrap: plain,
      read: (bytes) => {
        const config = parseJsonObject(bytes, 'FILE');
        parseConfig(config);
        load(config, weights);
      },
    },
    {
      name: 'weights',
      inner: { json: names },
      wrap: (inner) => safetensors(text(inner), data),
      read: (bytes) => load(smallConfig, bytes),
    },
  ];
}

function quantizedItems(): Item[] {
  const small = loadWeights(smallWeights());
  const tokens = [[1, 4, 9, 2, 7, 3, 10, 0]];
  const search = { intervals: 3, rounds: 1 };
  return (['fpq', 'minMaxInteger'] as const).flatMap((method) => {
    const quantization = quantizeModel(small, tokens, {
      method,
      weightBits: 4,
      activationBits: 4,
      search,
    });
    const { tensors, metadata } = quantizationTensors(small, quantization);
    const read = (bytes: Uint8Array): void => {
      const checkpoint = readSafetensors(source(bytes));
      loadModel(smallConfig, dequantizedCheckpoint(checkpoint));
      loadQuantizedLlama(smallConfig, checkpoint);
    };
    const file = writeSafetensors(tensors, { metadata });
    const length = Number(Buffer.from(file).readBigUInt64LE(0));
    const own = JSON.parse(text(file.subarray(8, 8 + length)));
    const around = (inner: Uint8Array, wrap: (value: string) => object): Uint8Array =>
      safetensors(wrap(Buffer.from(inner).toString()), file.subarray(8 + length));
    return [
      {
        name: `${method} layout`,
        inner: { json: JSON.parse((metadata as { layout: string }).layout) },
        wrap: (inner) => around(inner, (layout) => ({ ...own, __metadata__: { ...metadata, layout } })),
        read,
      },
      {
        name: `${method} header`,
        inner: { json: own },
        wrap: (inner) => safetensors(text(inner), file.subarray(8 + length)),
        read,
      },
    ] satisfies Item[];
  });
}

function targetItems(): Item[] {
  return Object.values(targets).map((target) => ({
    name: target.name,
    inner: { json: target },
    wrap: plain,
    read: (bytes) => void defineTarget(parseJsonObject(bytes, 'FILE')),
  }));
}

function vectorItems(): Item[] {
  const tasks = [
    { format: 'e4m3fn', operation: 'cast' },
    { format: 'binary16', operation: 'add' },
    { format: 'bfloat16', operation: 'mulAdd', policy: { rounding: 'towardZero' } },
    { format: 'binary16', operation: 'toI32' },
  ] as const;
  return tasks.map((task) => ({
    name: `${task.format} ${task.operation}`,
    inner: utf8(`# a table\n${[...vectorLines({ ...task, count: 30 })].join('\n')}\n`),
    wrap: plain,
    read: (bytes) => void verifyVectors({ ...task, vectors: text(bytes), name: 'FILE' }),
  }));
}

/** Words that stand for formats and numbers, one a line. */
function notationItems(): Item[] {
  const formats = [
    ...Object.values(catalogue).map(formatName),
    'float:e5m4:bias=3',
    'binary8p3se',
    'int:bits=7:fraction=2',
  ];
  const of = (name: string, words: readonly string[], parse: (word: string) => unknown): Item => ({
    name,
    inner: utf8(words.join('\n')),
    wrap: plain,
    read: (bytes) => {
      // Each line by itself, the first of them that is new decides.
      const known = new Set(words);
      const lines = Buffer.from(bytes).toString().split('\n');
      for (const line of lines) if (!known.has(line)) parse(line);
      parse(lines[0] as string);
    },
  });
  return [
    of('formats', formats, parseFormat),
    of('blocks', [...Object.keys(blockCatalogue), 'block:e2m1fn;size=16;scale=e4m3fn;tensor=binary32'], parseBlock),
    of('decimals', ['465', '-1.5', '1e-7', '6.5504e4', '0.1', 'inf', '1e401'], (word) =>
      roundDecimal(catalogue.binary16 as never, word),
    ),
  ];
}

/** Every reader with its files. */
export const corpora: Readonly<Record<string, () => readonly Item[]>> = {
  npy: npyItems,
  safetensors: safetensorsItems,
  'sharded safetensors': shardedItems,
  gguf: ggufItems,
  'a model of gguf': ggufModelItems,
  onnx: onnxItems,
  json: jsonItems,
  model: modelItems,
  'quantized model': quantizedItems,
  target: targetItems,
  vectors: vectorItems,
  notation: notationItems,
};
