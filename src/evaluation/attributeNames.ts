/**
 * The attributes of each operator, by name (Operators.md of github.com/onnx/onnx, opset 28): what an operator would not read is an
 * error, not a silent difference.
 *
 * @module
 */
import type { Node } from '../graphs/index.ts';

const windows = 'auto_pad dilations kernel_shape pads strides';
const recurrent = 'activation_alpha activation_beta activations clip direction hidden_size layout';
const reduction = 'keepdims noop_with_empty_axes';
const norm = 'axis epsilon stash_type reciprocalSqrt';
const cosines = 'output_datatype periodic';

/** Operators that have any. `perGroup` and `reciprocalSqrt` are this library's: what a form that was recognised, or an older opset, means. */
const names: Readonly<Record<string, string>> = {
  AffineGrid: 'align_corners',
  ArgMax: 'axis keepdims select_last_index',
  ArgMin: 'axis keepdims select_last_index',
  Attention:
    'is_causal kv_num_heads left_window_size q_num_heads qk_matmul_output_mode right_window_size scale softcap softmax_precision',
  AveragePool: `${windows} ceil_mode count_include_pad`,
  BatchNormalization: 'epsilon momentum training_mode',
  BitShift: 'direction',
  BlackmanWindow: cosines,
  Cast: 'round_mode saturate to',
  CastLike: 'round_mode saturate',
  CausalConvWithState: 'activation',
  Celu: 'alpha',
  CenterCropPad: 'axes',
  Col2Im: 'dilations pads strides',
  Compress: 'axis',
  Concat: 'axis',
  ConstantOfShape: 'value',
  Conv: `${windows} group`,
  ConvInteger: `${windows} group`,
  ConvTranspose: `${windows} group output_padding output_shape`,
  CumProd: 'exclusive reverse',
  CumSum: 'exclusive reverse',
  DFT: 'inverse onesided',
  DepthToSpace: 'blocksize mode',
  DequantizeLinear: 'axis block_size output_dtype',
  Dropout: 'ratio seed',
  Einsum: 'equation',
  Elu: 'alpha',
  EyeLike: 'dtype k',
  Flatten: 'axis',
  GRU: `${recurrent} linear_before_reset`,
  Gather: 'axis',
  GatherElements: 'axis',
  GatherND: 'batch_dims',
  Gelu: 'approximate innerScale cubicScale',
  Gemm: 'alpha beta transA transB',
  GlobalLpPool: 'p',
  GridSample: 'align_corners mode padding_mode',
  GroupNormalization: 'epsilon num_groups stash_type perGroup',
  HammingWindow: cosines,
  HannWindow: cosines,
  HardSigmoid: 'alpha beta',
  Hardmax: 'axis',
  InstanceNormalization: 'epsilon',
  IsInf: 'detect_negative detect_positive',
  LRN: 'alpha beta bias size',
  LSTM: `${recurrent} input_forget`,
  LayerNormalization: norm,
  LeakyRelu: 'alpha',
  LogSoftmax: 'axis',
  LpNormalization: 'axis p',
  LpPool: `${windows} ceil_mode p`,
  MaxPool: `${windows} ceil_mode storage_order`,
  MaxUnpool: 'kernel_shape pads strides',
  MeanVarianceNormalization: 'axes',
  MelWeightMatrix: 'output_datatype',
  Mod: 'fmod',
  NonMaxSuppression: 'center_point_box',
  OneHot: 'axis',
  Pad: 'mode',
  QLinearConv: `${windows} group`,
  QuantizeLinear: 'axis block_size output_dtype precision saturate',
  RMSNormalization: norm,
  RNN: recurrent,
  Range: 'stash_type',
  ReduceL1: reduction,
  ReduceL2: reduction,
  ReduceLogSum: reduction,
  ReduceLogSumExp: reduction,
  ReduceMax: reduction,
  ReduceMean: reduction,
  ReduceMin: reduction,
  ReduceProd: reduction,
  ReduceSum: reduction,
  ReduceSumSquare: reduction,
  Reshape: 'allowzero',
  Resize:
    'antialias axes coordinate_transformation_mode cubic_coeff_a exclude_outside extrapolation_value keep_aspect_ratio_policy mode nearest_mode',
  ReverseSequence: 'batch_axis time_axis',
  RoiAlign: 'coordinate_transformation_mode mode output_height output_width sampling_ratio spatial_scale',
  RotaryEmbedding: 'interleaved num_heads rotary_embedding_dim',
  STFT: 'onesided',
  ScatterElements: 'axis reduction',
  ScatterND: 'reduction',
  Selu: 'alpha gamma',
  Shape: 'end start',
  Shrink: 'bias lambd',
  Softmax: 'axis',
  SpaceToDepth: 'blocksize mode',
  SwiGLU: 'alpha',
  Split: 'axis num_outputs',
  Swish: 'alpha',
  TensorScatter: 'axis mode',
  ThresholdedRelu: 'alpha',
  TopK: 'axis largest sorted',
  Transpose: 'perm',
  Trilu: 'upper',
  Unique: 'axis sorted',
};

const sets: ReadonlyMap<string, ReadonlySet<string>> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ Object.entries(names).map(([op, listed]) => [op, new Set(listed.split(' '))] as const),
);

/** Attributes of a node that its operator does not have, as it is computed here. */
export function unknownAttributes({ op, attributes }: Node): readonly string[] {
  return Object.keys(attributes).filter((name) => sets.get(op)?.has(name) !== true);
}
