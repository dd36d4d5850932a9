/** A graph of ours as an ONNX file in binary32, for a runtime that is not ours. Written for tests alone. */
import type { Attribute, Graph } from 'bittrue/graphs';
import { type DescribedNode, float32, int64, onnxFile, type Stored } from './onnxFile.ts';

/** Attributes that ONNX declares as float; the other numbers are integers. */
const reals = new Set(['epsilon', 'scale', 'softcap', 'alpha', 'beta']);

type Value = NonNullable<DescribedNode['attributes']>[string];

function attribute(name: string, value: Attribute): Value {
  if (typeof value === 'number') return reals.has(name) ? value : BigInt(value);
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((one) => (typeof one === 'number' ? BigInt(one) : one)) as Value;
  throw new Error(`no way to write ${name}`);
}

/** The file of a graph: operator set 24. */
export async function graphFile(graph: Graph): Promise<Uint8Array> {
  const constants: Record<string, Stored> = {};
  for (const [name, { type, shape, read }] of Object.entries(graph.constants)) {
    const data = await read();
    constants[name] =
      type === 'int64' ? int64(shape, Array.from(data as BigInt64Array, Number)) : float32(shape, data as Float64Array);
  }
  return onnxFile(
    {
      nodes: graph.nodes.map(({ name, op, inputs, outputs, attributes }) => ({
        name,
        op,
        inputs,
        outputs,
        attributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, attribute(key, value)])),
      })),
      inputs: graph.inputs.map(({ name, type, shape }) => [name, type === 'int64' ? 7 : 1, shape]),
      constants,
      outputs: graph.outputs,
    },
    24,
  );
}
