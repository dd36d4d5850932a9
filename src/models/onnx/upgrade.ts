/**
 * Nodes of older operator sets as those of the present one: what was an attribute is an input, what had another meaning is
 * spelled out. Differences as docs/Changelog.md of github.com/onnx/onnx has them.
 *
 * @module
 */
import { numberOf, numbersOf, textOf } from '../../graphs/attributes.ts';
import { changed, type Emitter, type VersionedNode } from './emit.ts';
import { contributed } from './microsoft.ts';

/** Emits what a node stands for. */
export type Upgrade = (node: VersionedNode, to: Emitter) => void;

/** The attributes but for some. */
function without(node: VersionedNode, ...names: readonly string[]): VersionedNode['attributes'] {
  return Object.fromEntries(Object.entries(node.attributes).filter(([name]) => !names.includes(name)));
}

/** An attribute of integers that has become an input. */
function integersToInput(name: string, place: number, before: number): Upgrade {
  return (node, to) => {
    const values = node.version < before ? numbersOf(node, name) : null;
    if (values === null) to.emit(node);
    else {
      const inputs = Array.from({ length: place + 1 }, (_, i) => node.inputs[i] ?? '');
      inputs[place] = to.integers(node, name, values);
      to.emit(changed(node, inputs, without(node, name)));
    }
  };
}

/** Softmax and its kin: before opset 13 over all axes from `axis` on, which were made one. */
const overOneAxis: Upgrade = (node, to) => {
  if (node.version >= 13) return to.emit(node);
  const axis = numberOf(node, 'axis', 1);
  const rank = to.known(node.inputs[0])?.shape?.length;
  if (axis === -1 || (rank !== undefined && axis === rank - 1))
    return to.emit(changed(node, node.inputs, { axis: -1 }));
  const [x] = node.inputs;
  const shape = to.beside(node, 'shape', 'Shape', [x]);
  const flat = to.beside(node, 'flat', 'Flatten', [x], { axis });
  const result = `${node.outputs[0]}/rows`;
  to.emit({ name: node.name, op: node.op, inputs: [flat], outputs: [result], attributes: { axis: -1 } });
  to.emit({
    name: `${node.name}/reshape`,
    op: 'Reshape',
    inputs: [result, shape],
    outputs: node.outputs,
    attributes: {},
  });
};

const slice: Upgrade = (node, to) => {
  if (node.version >= 10) return to.emit(node);
  const starts = numbersOf(node, 'starts') ?? [];
  const axes = numbersOf(node, 'axes') ?? starts.map((_, i) => i);
  const inputs = [
    node.inputs[0],
    to.integers(node, 'starts', starts),
    to.integers(node, 'ends', numbersOf(node, 'ends') ?? []),
    to.integers(node, 'axes', axes),
  ];
  to.emit(changed(node, inputs, {}));
};

const pad: Upgrade = (node, to) => {
  if (node.version >= 11) return to.emit(node);
  const pads = numbersOf(node, 'pads') ?? numbersOf(node, 'paddings') ?? [];
  const inputs = [node.inputs[0], to.integers(node, 'pads', pads), to.real(node, 'value', numberOf(node, 'value', 0))];
  to.emit(changed(node, inputs, { mode: textOf(node, 'mode', 'constant') }));
};

const clip: Upgrade = (node, to) => {
  if (node.version >= 11) return to.emit(node);
  const bound = (name: 'min' | 'max'): string =>
    Object.hasOwn(node.attributes, name) ? to.real(node, name, numberOf(node, name)) : '';
  to.emit(changed(node, [node.inputs[0], bound('min'), bound('max')], {}));
};

const topK: Upgrade = (node, to) => {
  if (node.version >= 10) return to.emit(node);
  to.emit(changed(node, [node.inputs[0], to.integers(node, 'k', [numberOf(node, 'k')])], without(node, 'k')));
};

/** Resize before opset 11 and Upsample: places by their scale alone, the nearest one below. */
const resize: Upgrade = (node, to) => {
  if (node.op === 'Resize' && node.version >= 11) return to.emit(node);
  const [x, given] = node.inputs;
  const listed = numbersOf(node, 'scales');
  const scales =
    given ??
    to.tensor(node, 'scales', { type: 'float', shape: [listed?.length ?? 0], data: Float64Array.from(listed ?? []) });
  const attributes = {
    mode: textOf(node, 'mode', 'nearest').replace('bilinear', 'linear'),
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  };
  to.emit({ ...changed(node, [x, '', scales], attributes), op: 'Resize' });
};

/** A run trains nothing: what is dropped in training passes. Where a file or a run says that it trains, the node stays. */
const dropout: Upgrade = (node, to) => {
  const [, ratio = '', training = ''] = node.inputs;
  const trains = training !== '' && to.known(training)?.elements?.[0] !== 0;
  if (trains || (node.outputs[1] ?? '') !== '') return to.emit(node);
  for (const unread of [ratio, training]) if (unread !== '') to.fold(unread);
  to.emit({ ...changed(node, [node.inputs[0]], {}), op: 'Identity', outputs: [node.outputs[0]] });
};

/** Before opset 21 scale and bias were one number a group. */
const groupNormalization: Upgrade = (node, to) => {
  to.emit(changed(node, node.inputs, { ...node.attributes, ...(node.version < 21 ? { perGroup: 1 } : {}) }));
};

/** Statistics that training updates are outputs of older versions; `spatial` 1 was what all later ones mean. */
const batchNormalization: Upgrade = (node, to) => {
  const isSpatial = numberOf(node, 'spatial', 1) === 1;
  const attributes = isSpatial ? without(node, 'spatial') : node.attributes;
  const trains = numberOf(node, 'training_mode', 0) !== 0;
  to.emit({ ...changed(node, node.inputs, attributes), outputs: trains ? node.outputs : node.outputs.slice(0, 1) });
};

/** Before opset 20 the axis of a transform was an attribute. */
const dft: Upgrade = (node, to) => {
  if (node.version >= 20) return to.emit(node);
  const axis = to.integers(node, 'axis', [numberOf(node, 'axis', 1)], true);
  to.emit(changed(node, [node.inputs[0], node.inputs[1] ?? '', axis], without(node, 'axis')));
};

/** Before opset 16 regions were not shifted by half a pixel. */
const roiAlign: Upgrade = (node, to) => {
  if (node.version >= 16) return to.emit(node);
  to.emit(changed(node, node.inputs, { ...node.attributes, coordinate_transformation_mode: 'output_half_pixel' }));
};

const renamed =
  (op: string): Upgrade =>
  (node, to) =>
    to.emit({ ...node, op });

const reductions =
  'ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp';

const upgrades: ReadonlyMap<string, Upgrade> = /* @__PURE__ */ new Map<string, Upgrade>([
  ...reductions.split(' ').map((op): [string, Upgrade] => [op, integersToInput('axes', 1, 18)]),
  ['ReduceSum', integersToInput('axes', 1, 13)],
  ['Squeeze', integersToInput('axes', 1, 13)],
  ['Unsqueeze', integersToInput('axes', 1, 13)],
  ['Split', integersToInput('split', 1, 13)],
  ['Softmax', overOneAxis],
  ['LogSoftmax', overOneAxis],
  ['Hardmax', overOneAxis],
  ['Slice', slice],
  ['Pad', pad],
  ['Clip', clip],
  ['TopK', topK],
  ['Resize', resize],
  ['Upsample', resize],
  ['Dropout', dropout],
  ['GroupNormalization', groupNormalization],
  ['BatchNormalization', batchNormalization],
  ['DFT', dft],
  ['RoiAlign', roiAlign],
  ['Scatter', renamed('ScatterElements')],
  ['SimplifiedLayerNormalization', renamed('RMSNormalization')],
  ...contributed,
]);

/** Emits a node as the present operator set has it. */
export function emitUpgraded(node: VersionedNode, to: Emitter): void {
  const upgrade = upgrades.get(node.op);
  if (upgrade === undefined) to.emit(node);
  else upgrade(node, to);
}
