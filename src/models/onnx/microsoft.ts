/**
 * Fused operators of the domain com.microsoft (docs/ContribOperators.md of github.com/microsoft/onnxruntime) as those of
 * ONNX. What has no such form stays what it is, and is refused by its name where it is evaluated.
 *
 * @module
 */
import { numberOf } from '../../graphs/attributes.ts';
import type { Emitter, VersionedNode } from './emit.ts';

type Fused = (node: VersionedNode, to: Emitter) => void;

/** Normalisation of a sum: the residual stream, the block's output, and a bias. */
function skipNorm(op: 'LayerNormalization' | 'RMSNormalization'): Fused {
  const isLayer = op === 'LayerNormalization';
  return (node, to) => {
    const [x, skip, gamma = '', fourth = '', fifth = ''] = node.inputs;
    const [beta, bias] = isLayer ? [fourth, fifth] : ['', fourth];
    const [output, mean = '', deviation = '', total = ''] = node.outputs;
    if (mean !== '' || deviation !== '') return to.emit(node);
    let sum = to.beside(node, 'skip', 'Add', [x, skip]);
    if (bias !== '') sum = to.beside(node, 'bias', 'Add', [sum, bias]);
    if (total !== '')
      to.emit({ name: `${node.name}/sum`, op: 'Identity', inputs: [sum], outputs: [total], attributes: {} });
    const attributes = { axis: -1, epsilon: numberOf(node, 'epsilon', 1e-12), stash_type: 1 };
    const inputs = beta === '' ? [sum, gamma] : [sum, gamma, beta];
    to.emit({ name: node.name, op, inputs, outputs: [output], attributes });
  };
}

function gelu(approximate: 'none' | 'tanh'): Fused {
  return (node, to) => {
    const [x, bias = ''] = node.inputs;
    const sum = bias === '' ? x : to.beside(node, 'bias', 'Add', [x, bias]);
    to.emit({ name: node.name, op: 'Gelu', inputs: [sum], outputs: node.outputs, attributes: { approximate } });
  };
}

const quickGelu: Fused = (node, to) => {
  const attributes = { alpha: numberOf(node, 'alpha', 1.702) };
  to.emit({ name: node.name, op: 'Swish', inputs: node.inputs, outputs: node.outputs, attributes });
};

/** Transposed factors and a factor before the product. */
const fusedMatMul: Fused = (node, to) => {
  const others = ['transBatchA', 'transBatchB'].some((name) => numberOf(node, name, 0) !== 0);
  const factors = node.inputs.map((input, i) => {
    if (numberOf(node, i === 0 ? 'transA' : 'transB', 0) === 0) return input;
    const rank = to.known(input)?.shape?.length;
    if (rank === undefined || rank < 2) return null;
    const perm = Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
    return to.beside(node, i === 0 ? 'transA' : 'transB', 'Transpose', [input], { perm });
  });
  if (others || factors.some((factor) => factor === null)) return to.emit(node);
  const alpha = numberOf(node, 'alpha', 1);
  const inputs = factors as readonly string[];
  if (alpha === 1) return to.emit({ name: node.name, op: 'MatMul', inputs, outputs: node.outputs, attributes: {} });
  const product = `${node.outputs[0]}/product`;
  to.emit({ name: node.name, op: 'MatMul', inputs, outputs: [product], attributes: {} });
  const factor = to.real(node, 'alpha', alpha);
  to.emit({ name: `${node.name}/alpha`, op: 'Mul', inputs: [product, factor], outputs: node.outputs, attributes: {} });
};

/** The attributes of Attention for queries, keys and values of the same heads; a scale of 0 is the usual one. */
function headsOf(node: VersionedNode): Record<string, number> {
  const heads = numberOf(node, 'num_heads');
  const scale = numberOf(node, 'scale', 0);
  return {
    q_num_heads: heads,
    kv_num_heads: heads,
    is_causal: numberOf(node, 'unidirectional', 0),
    ...(scale === 0 ? {} : { scale }),
  };
}

/** Attention over three axes, without what a cache, packing or masks of other kinds would change. */
const multiHeadAttention: Fused = (node, to) => {
  const [q, k = '', v = '', bias = '', padding = '', mask = '', pastKey = '', pastValue = '', ...more] = node.inputs;
  const isPlain = bias === '' && padding === '' && more.every((input) => input === '') && k !== '' && v !== '';
  if (!isPlain || to.known(k)?.shape?.length === 4 || node.outputs.length > 3) return to.emit(node);
  const attributes = headsOf(node);
  const inputs = [q, k, v, mask, pastKey, pastValue];
  while (inputs[inputs.length - 1] === '') inputs.pop();
  to.emit({ name: node.name, op: 'Attention', inputs, outputs: node.outputs, attributes });
};

/** Queries, keys and values by one product with one matrix. */
const packedAttention: Fused = (node, to) => {
  const [x, weights, bias = '', ...more] = node.inputs;
  const sizes = Object.hasOwn(node.attributes, 'qkv_hidden_sizes');
  if (more.some((input) => input !== '') || sizes || node.outputs.length > 1) return to.emit(node);
  const product = to.beside(node, 'qkv', 'MatMul', [x, weights]);
  const sum = bias === '' ? product : to.beside(node, 'bias', 'Add', [product, bias]);
  const parts = ['query', 'key', 'value'].map((part) => `${node.outputs[0]}/${part}`);
  to.emit({
    name: `${node.name}/split`,
    op: 'Split',
    inputs: [sum],
    outputs: parts,
    attributes: { axis: -1, num_outputs: 3 },
  });
  const attributes = headsOf(node);
  to.emit({ name: node.name, op: 'Attention', inputs: parts, outputs: node.outputs, attributes });
};

/** The operators that have a form in ONNX, by name. */
export const contributed: readonly (readonly [string, Fused])[] = [
  ['com.microsoft.SkipLayerNormalization', skipNorm('LayerNormalization')],
  ['com.microsoft.SkipSimplifiedLayerNormalization', skipNorm('RMSNormalization')],
  ['com.microsoft.SimplifiedLayerNormalization', (node, to) => to.emit({ ...node, op: 'RMSNormalization' })],
  ['com.microsoft.LayerNormalization', (node, to) => to.emit({ ...node, op: 'LayerNormalization' })],
  ['com.microsoft.Gelu', gelu('none')],
  ['com.microsoft.BiasGelu', gelu('none')],
  ['com.microsoft.FastGelu', gelu('tanh')],
  ['com.microsoft.QuickGelu', quickGelu],
  ['com.microsoft.FusedMatMul', fusedMatMul],
  ['com.microsoft.MultiHeadAttention', multiHeadAttention],
  ['com.microsoft.Attention', packedAttention],
];
