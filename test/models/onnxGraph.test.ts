import { evaluate } from 'bittrue/evaluation';
import { memorySource, readOnnxModel } from 'bittrue/files';
import type { TypedTensor } from 'bittrue/graphs';
import { onnxGraph } from 'bittrue/models';
import { describe, expect, it } from 'vitest';
import { failure, field } from '../files/helpers.ts';
import { chainOf, type Described, type DescribedFunction, float32, int64, onnxFile } from './onnxFile.ts';

const read = (described: Described, opset?: number, functions?: readonly DescribedFunction[], functionOpset?: number) =>
  onnxGraph(readOnnxModel(memorySource(onnxFile(described, opset, functions, functionOpset), 'm.onnx')));

const x = ['x', 1, ['n', 4]] as const;

describe('onnxGraph', () => {
  it('has nodes, attributes, inputs with their axes and constants', async () => {
    const graph = read({
      inputs: [x, ['mask', 9, [null, -1]]],
      nodes: [
        { op: 'Gemm', name: 'linear', inputs: ['x', 'w', 'b'], outputs: ['y'], attributes: { alpha: 0.5, transB: 1n } },
        { op: 'Where', inputs: ['mask', 'y', 'b'], outputs: ['z'] },
      ],
      constants: { w: float32([2, 4], [1, 2, 3, 4, 5, 6, 7, 8]), b: float32([2], [9, 10]) },
      outputs: ['z'],
    });
    expect(graph.inputs).toEqual([
      { name: 'x', type: 'float', shape: ['n', 4] },
      { name: 'mask', type: 'bool', shape: ['mask.0', 'mask.1'] },
    ]);
    expect(graph.nodes).toEqual([
      { name: 'linear', op: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['y'], attributes: { alpha: 0.5, transB: 1 } },
      { name: 'z', op: 'Where', inputs: ['mask', 'y', 'b'], outputs: ['z'], attributes: {} },
    ]);
    const { w } = graph.constants;
    expect([w.type, w.shape]).toEqual(['float', [2, 4]]);
    expect([...(await w.read())]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...(await w.read({ begin: 1, end: 2 }))]).toEqual([5, 6, 7, 8]);
    expect(graph.outputs).toEqual(['z']);
  });

  it('reads constants of every type as numbers', async () => {
    const bytes = (type: number, dims: number[], ...values: number[]) => ({
      type,
      dims,
      bytes: Uint8Array.from(values),
    });
    const constants = {
      half: bytes(10, [2], 0, 0x3c, 0, 0xc0),
      brain: bytes(16, [1], 0x80, 0x3f),
      fp8: bytes(17, [2], 0x38, 0x7e),
      fp4: bytes(23, [3], 0xf2, 0x01),
      int4: bytes(22, [3], 0xf1, 0x08),
      uint4: bytes(21, [2], 0xf1),
      int2: bytes(26, [3], 0b111001),
      flag: bytes(9, [2], 1, 0),
      int16: bytes(5, [1], 0xfe, 0xff),
      uint64: bytes(13, [1], 255, 255, 255, 255, 255, 255, 255, 255),
      double: bytes(11, [1], 0, 0, 0, 0, 0, 0, 0xf0, 0x3f),
    };
    const graph = read({
      nodes: [{ op: 'Test', inputs: Object.keys(constants), outputs: ['y'] }],
      constants,
      outputs: ['y'],
    });
    const values = Object.fromEntries(
      await Promise.all(Object.entries(graph.constants).map(async ([name, { read }]) => [name, [...(await read())]])),
    );
    expect(values).toEqual({
      half: [1, -2],
      brain: [1],
      fp8: [1, 448],
      fp4: [1, -6, 0.5],
      int4: [1, -1, -8],
      uint4: [1, 15],
      int2: [1, -2, -1],
      flag: [1, 0],
      int16: [-2],
      uint64: [2n ** 64n - 1n],
      double: [1],
    });
  });

  it('reads rows of packed elements that begin within a byte', async () => {
    const graph = read({
      nodes: [{ op: 'Test', inputs: ['w'], outputs: ['y'] }],
      constants: { w: { type: 22, dims: [100, 3], bytes: Uint8Array.from({ length: 150 }, (_, i) => i) } },
      outputs: ['y'],
    });
    const { read: rows } = graph.constants.w;
    const all = [...(await rows())];
    expect([...(await rows({ begin: 33, end: 35 }))]).toEqual(all.slice(99, 105));
    await expect(rows({ begin: 99, end: 101 })).rejects.toThrow('rows within 0…100');
  });

  it('makes inputs of what old operator sets had as attributes', async () => {
    const graph = read(
      {
        inputs: [x],
        nodes: [
          { op: 'ReduceMean', inputs: ['x'], outputs: ['m'], attributes: { axes: [-1n], keepdims: 1n } },
          { op: 'Squeeze', inputs: ['m'], outputs: ['s'], attributes: { axes: [1n] } },
          { op: 'Clip', inputs: ['s'], outputs: ['c'], attributes: { max: 6 } },
          { op: 'Slice', inputs: ['c'], outputs: ['y'], attributes: { starts: [0n], ends: [2n ** 63n - 1n] } },
        ],
        outputs: ['y'],
      },
      9,
    );
    const inputs = await Promise.all(
      graph.nodes.map(({ inputs: names }) =>
        Promise.all(
          names.slice(1).map(async (name) => (name === '' ? null : [...(await graph.constants[name].read())])),
        ),
      ),
    );
    expect(inputs).toEqual([[[-1n]], [[1n]], [null, [6]], [[0n], [2n ** 63n - 1n], [0n]]]);
    expect(graph.nodes.map(({ attributes }) => attributes)).toEqual([{ keepdims: 1 }, {}, {}, {}]);
  });

  it('spells out what softmax meant before operator set 13', () => {
    const at = (attributes: Record<string, bigint>, opset: number) =>
      read(
        {
          inputs: [['x', 1, null]],
          nodes: [{ op: 'Softmax', inputs: ['x'], outputs: ['y'], attributes }],
          outputs: ['y'],
        },
        opset,
      ).nodes.map(({ op }) => op);
    expect(at({}, 11)).toEqual(['Shape', 'Flatten', 'Softmax', 'Reshape']);
    expect(at({ axis: -1n }, 11)).toEqual(['Softmax']);
    expect(at({ axis: 1n }, 13)).toEqual(['Softmax']);
  });

  it('reads operator sets 26 to 28, of which onnxruntime-web loads the first alone, as set 25', async () => {
    const described: Described = {
      inputs: [['x', 1, [2, 3, 8]]],
      nodes: [
        { op: 'LayerNormalization', inputs: ['x', 'g'], outputs: ['n'], attributes: { epsilon: 1e-3 } },
        {
          op: 'Attention',
          inputs: ['n', 'n', 'n'],
          outputs: ['a'],
          attributes: { q_num_heads: 2n, kv_num_heads: 2n, is_causal: 1n },
        },
        { op: 'Swish', inputs: ['a'], outputs: ['s'] },
        { op: 'Split', inputs: ['s'], outputs: ['l', 'r'], attributes: { axis: -1n, num_outputs: 2n } },
        { op: 'Pad', inputs: ['l', 'pads'], outputs: ['p'] },
        { op: 'ReduceMean', inputs: ['p', 'last'], outputs: ['m'] },
        { op: 'TopK', inputs: ['m', 'one'], outputs: ['t', ''], attributes: { axis: 1n } },
        { op: 'Cast', inputs: ['t'], outputs: ['y'], attributes: { to: 7n } },
      ],
      constants: {
        g: float32([8], [1, 2, 3, 4, 5, 6, 7, 8]),
        pads: int64([6], [0, 0, 0, 0, 0, 1]),
        last: int64([1], [-1]),
        one: int64([1], [1]),
      },
      outputs: ['y', 'r'],
    };
    const fed: TypedTensor = {
      type: 'float',
      shape: [2, 3, 8],
      data: Float64Array.from({ length: 48 }, (_, i) => Math.sin(i)),
    };
    const [first, ...others] = [25, 26, 27, 28].map((opset) => read(described, opset));
    const wanted = await evaluate(first, { x: fed });
    for (const graph of others) {
      expect(graph.nodes).toEqual(first.nodes);
      expect((await evaluate(graph, { x: fed })).outputs).toEqual(wanted.outputs);
    }
    expect(() => read(described, 29)).toThrow(/29/);
  });

  it('puts functions in the place of their calls, with attributes of the call and functions within functions', async () => {
    const functions: DescribedFunction[] = [
      {
        domain: 'local',
        name: 'Scaled',
        inputs: ['a'],
        outputs: ['b'],
        attributes: ['by'],
        nodes: [
          { op: 'Constant', inputs: [], outputs: ['c'], attributes: { value_float: { reference: 'by' } } },
          { op: 'Mul', inputs: ['a', 'c'], outputs: ['b'] },
        ],
      },
      {
        domain: 'local',
        name: 'Twice',
        inputs: ['p'],
        outputs: ['q', 'p'],
        nodes: [{ op: 'Scaled', domain: 'local', name: 'inner', inputs: ['p'], outputs: ['q'], attributes: { by: 2 } }],
      },
    ];
    const call = (name: string, input: string, outputs: string[]) => ({
      op: 'Twice',
      domain: 'local',
      name,
      inputs: [input],
      outputs,
    });
    const graph = read(
      { inputs: [x], nodes: [call('f', 'x', ['y']), call('g', 'y', ['z', 'same'])], outputs: ['z', 'same'] },
      21,
      functions,
    );
    expect(graph.nodes.map(({ name, op, inputs, outputs }) => [name, op, inputs, outputs])).toEqual([
      ['y', 'Mul', ['x', 'f/inner/c'], ['y']],
      ['z', 'Mul', ['y', 'g/inner/c'], ['z']],
      ['g/output same', 'Identity', ['y'], ['same']],
    ]);
    expect([...(await graph.constants['f/inner/c'].read())]).toEqual([2]);
    const endless: DescribedFunction = { ...functions[1], nodes: [call('again', 'p', ['q'])] };
    expect(failure(() => read({ inputs: [x], nodes: [call('f', 'x', ['y'])], outputs: ['y'] }, 21, [endless]))).toBe(
      'unsupported m.onnx',
    );
  });

  it('takes the branch of a condition that constants or declared shapes decide', () => {
    const branch = (op: string): { graph: Described } => ({
      graph: {
        nodes: [{ op, inputs: ['x', 'w'], outputs: ['r'] }],
        constants: { w: float32([], [1]) },
        outputs: ['r'],
      },
    });
    const chosen = (axes: readonly (number | string)[]) =>
      read({
        inputs: [['x', 1, axes]],
        nodes: [
          { op: 'Shape', inputs: ['x'], outputs: ['s'] },
          { op: 'Gather', inputs: ['s', 'zero'], outputs: ['n'] },
          { op: 'Equal', inputs: ['n', 'one'], outputs: ['c'] },
          {
            op: 'If',
            name: 'choice',
            inputs: ['c'],
            outputs: ['y'],
            attributes: { then_branch: branch('Add'), else_branch: branch('Mul') },
          },
        ],
        constants: { zero: int64([], [0]), one: int64([], [1]) },
        outputs: ['y'],
      }).nodes.at(-1);
    expect(chosen([1, 4])).toMatchObject({ op: 'Add', inputs: ['x', 'choice/w'], outputs: ['y'] });
    expect(chosen([2, 4])).toMatchObject({ op: 'Mul' });
    // Of what only a run decides both stay, and the node takes what one of them makes.
    const inputs = ['c', 'choice/then/r', 'choice/else/r'];
    expect(chosen(['n', 4])).toMatchObject({ op: 'If', name: 'choice', inputs, outputs: ['y'] });
  });

  it('runs the branch that data decide, its nodes by names of their own, and none of the other', async () => {
    const branch = (op: string, b: number): { graph: Described } => ({
      graph: {
        nodes: [
          { op, name: 'inner', inputs: ['x', 'w'], outputs: ['r'] },
          { op: 'Identity', inputs: ['r'], outputs: ['out'] },
        ],
        constants: { w: float32([2], [b, b]) },
        outputs: ['out'],
      },
    });
    const nested: { graph: Described } = {
      graph: {
        nodes: [
          {
            op: 'If',
            name: 'again',
            inputs: ['c'],
            outputs: ['deep'],
            attributes: { then_branch: branch('Add', 100), else_branch: branch('Sub', 7) },
          },
        ],
        outputs: ['deep'],
      },
    };
    const graph = read({
      inputs: [['x', 1, [2]]],
      nodes: [
        { op: 'ReduceMax', inputs: ['x'], outputs: ['top'], attributes: { keepdims: 0n } },
        { op: 'Greater', inputs: ['top', 'zero'], outputs: ['c'] },
        {
          op: 'If',
          name: 'choice',
          inputs: ['c'],
          outputs: ['y'],
          attributes: { then_branch: branch('Mul', 10), else_branch: nested },
        },
      ],
      constants: { zero: float32([], [0]) },
      outputs: ['y'],
    });
    const run = (...x: number[]) =>
      evaluate(graph, { x: { type: 'float', shape: [2], data: Float64Array.from(x) } } as never);
    const up = await run(1, 2);
    expect([...up.outputs.y.data]).toEqual([10, 20]);
    expect(up.nodes.map(({ name }) => name)).toContain('choice/then/inner');
    expect(up.untaken).toContain('choice/else/again/else/inner');
    const down = await run(-1, -2);
    expect([...down.outputs.y.data]).toEqual([-8, -9]);
    expect(down.nodes.map(({ name }) => name)).toContain('choice/else/again/else/inner');
    expect(down.untaken).toEqual(expect.arrayContaining(['choice/then/inner', 'choice/else/again/then/inner']));
    const found = graph.nodes.find(({ name }) => name === 'choice/else/again/else/inner');
    expect(found?.when).toEqual([
      { value: 'c', is: false },
      { value: 'c', is: false },
    ]);
  });

  it('lays out a loop whose runs the file counts: what is carried, what is gathered', async () => {
    const body: { graph: Described } = {
      graph: {
        inputs: [
          ['i', 7, []],
          ['going', 9, []],
          ['sum', 1, [2]],
        ],
        nodes: [
          { op: 'Identity', inputs: ['going'], outputs: ['on'] },
          { op: 'Cast', inputs: ['i'], outputs: ['f'], attributes: { to: 1n } },
          { op: 'Add', name: 'step', inputs: ['sum', 'f'], outputs: ['next'] },
          { op: 'Mul', inputs: ['next', 'x'], outputs: ['row'] },
        ],
        outputs: ['on', 'next', 'row'],
      },
    };
    const looping = (count: number) =>
      read({
        inputs: [['x', 1, [2]]],
        nodes: [
          {
            op: 'Loop',
            name: 'loop',
            inputs: ['count', '', 'x'],
            outputs: ['last', 'rows'],
            attributes: { body },
          },
        ],
        constants: { count: int64([], [count]) },
        outputs: ['last', 'rows'],
      });
    const graph = looping(3);
    const x = { type: 'float', shape: [2], data: Float64Array.of(1, 10) } as const;
    const { outputs, nodes } = await evaluate(graph, { x });
    expect([...outputs.last.data]).toEqual([4, 13]);
    expect(outputs.rows.shape).toEqual([3, 2]);
    expect([...outputs.rows.data]).toEqual([1, 100, 2, 110, 4, 130]);
    expect(nodes.map(({ name }) => name).filter((name) => name.endsWith('step'))).toEqual([
      'loop/0/step',
      'loop/1/step',
      'loop/2/step',
    ]);
    // Too often, or never with rows whose shape nobody knows: it stays.
    for (const count of [65, 0, -1]) expect(looping(count).nodes.map(({ op }) => op)).toEqual(['Loop']);
  });

  it('has the fused operators of com.microsoft as those of ONNX', () => {
    const graph = read({
      inputs: [x, ['skip', 1, ['n', 4]]],
      nodes: [
        {
          op: 'SkipLayerNormalization',
          name: 'norm',
          domain: 'com.microsoft',
          inputs: ['x', 'skip', 'g', 'b'],
          outputs: ['y', '', '', 'sum'],
        },
        {
          op: 'FusedMatMul',
          domain: 'com.microsoft',
          name: 'm',
          inputs: ['y', 'y'],
          outputs: ['z'],
          attributes: { transB: 1n, alpha: 0.5 },
        },
        {
          op: 'MultiHeadAttention',
          domain: 'com.microsoft',
          inputs: ['q', 'q', 'q'],
          outputs: ['o'],
          attributes: { num_heads: 2n },
        },
        {
          op: 'GroupQueryAttention',
          domain: 'com.microsoft',
          inputs: ['q', 'q', 'q'],
          outputs: ['u'],
          attributes: { num_heads: 2n },
        },
      ],
      constants: { g: float32([4], [1, 1, 1, 1]), b: float32([4], [0, 0, 0, 0]), q: float32([1, 1, 4], [1, 2, 3, 4]) },
      outputs: ['z', 'sum', 'o', 'u'],
    });
    expect(graph.nodes.map(({ name, op }) => [name, op])).toEqual([
      ['norm/skip', 'Add'],
      ['norm/sum', 'Identity'],
      ['norm', 'LayerNormalization'],
      ['m/transB', 'Transpose'],
      ['m', 'MatMul'],
      ['m/alpha', 'Mul'],
      ['o', 'Attention'],
      ['u', 'com.microsoft.GroupQueryAttention'],
    ]);
  });

  it('gives nodes without a name, or with one that is taken, the name of what they make', () => {
    const abs = (name: string | undefined, input: string, output: string) => ({
      op: 'Abs',
      inputs: [input],
      outputs: [output],
      ...(name === undefined ? {} : { name }),
    });
    const graph = read({
      inputs: [x],
      nodes: [abs('a', 'x', 'p'), abs('a', 'p', 'q'), abs(undefined, 'q', 'a')],
      outputs: ['a'],
    });
    expect(graph.nodes.map(({ name }) => name)).toEqual(['a', 'q', 'a #2']);
  });

  it('refuses what is missing, made twice, cyclic, unused, unreadable, or of another operator set', () => {
    const abs = (input: string, output: string) => ({ op: 'Abs', inputs: [input], outputs: [output] });
    const refused = (described: Described, opset?: number) =>
      failure(() => read({ inputs: [x], outputs: ['y'], ...described }, opset));
    expect(refused({ nodes: [abs('nothing', 'y')] })).toBe('file m.onnx');
    expect(refused({ nodes: [abs('x', 'y'), abs('x', 'y')] })).toBe('file m.onnx');
    expect(refused({ nodes: [abs('x', 'x')] })).toBe('file m.onnx');
    expect(refused({ nodes: [abs('x', 'z')] })).toBe('name m.onnx: outputs');
    expect(refused({ nodes: [{ op: 'Add', inputs: ['x', 'z'], outputs: ['y'] }, abs('y', 'z')] })).toBe(
      'unsupported m.onnx',
    );
    expect(refused({ nodes: [abs('x', 'y')], constants: { w: float32([1], [1]) } })).toBe('unsupported m.onnx');
    expect(refused({ nodes: [abs('x', 'y')], constants: { 'layers.0.rotary_emb.inv_freq': float32([1], [1]) } })).toBe(
      'no error',
    );
    expect(refused({ nodes: [abs('x', 'y')] }, 6)).toBe('unsupported m.onnx');
    expect(refused({ nodes: [abs('x', 'y')] }, 29)).toBe('unsupported m.onnx');
    const words = { type: 8, dims: [1], bytes: new Uint8Array(0) };
    expect(refused({ nodes: [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }], constants: { w: words } })).toBe(
      'unsupported m.onnx: w',
    );
    expect(
      refused({
        nodes: [abs('x', 'y')],
        constants: { w: { type: 1, dims: [2 ** 40, 2 ** 40], bytes: new Uint8Array(4) } },
      }),
    ).toBe('file m.onnx: w');
  });

  it('refuses a model that is cut, at every byte', () => {
    const described: Described = {
      inputs: [x],
      nodes: [
        { op: 'Gemm', name: 'linear', inputs: ['x', 'w'], outputs: ['y'], attributes: { alpha: 0.5, transB: 1n } },
      ],
      constants: { w: float32([2, 4], [1, 2, 3, 4, 5, 6, 7, 8]) },
      outputs: ['y'],
    };
    // The graph comes last here: every cut goes through it or leaves it out.
    const model = onnxFile(described);
    const whole = Uint8Array.from([...field(8, field(2, 21)), ...model]);
    const end = whole.length - 2 * 20;
    for (let length = 0; length < end - 10; length++) {
      const cut = () => onnxGraph(readOnnxModel(memorySource(whole.subarray(0, length), 'm.onnx')));
      expect(failure(cut)).toMatch(/^(file|unsupported|name) m\.onnx/);
    }
  });

  it('reads many small nodes in time that grows with their number', () => {
    const count = 60_000;
    const file = chainOf(count);
    const began = performance.now();
    const graph = onnxGraph(readOnnxModel(memorySource(file, 'm.onnx')));
    expect(graph.nodes.length).toBe(count);
    expect(performance.now() - began).toBeLessThan(60_000);
  });
});
