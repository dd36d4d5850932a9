/**
 * What the page asks for, as plain data: it goes to a worker, and into an address.
 *
 * @module
 */
export interface Asked {
  readonly kernel: string;
  /** `NAME` or `NAME:UNIT`; read where `json` is empty. */
  readonly target: string;
  readonly json: string;
  /** Where the rows come from: ± one number, drawn, typed, or a tensor of a file. */
  readonly source: string;
  readonly rows: number;
  readonly width: number;
  readonly size: number;
  /** Of each row's outlier, in standard deviations. */
  readonly outlier: number;
  readonly text: string;
  readonly tensor: string;
  /** The second operand: how large its numbers are, and columns of B or keys. */
  readonly second: { readonly size: number; readonly length: number };
  readonly cure: Cure;
  /** Of `scale`. */
  readonly scale: number;
  readonly variance: 'twoPass' | 'onePass' | 'welford';
  /** Keys a tile; 0: attention without tiles. */
  readonly tile: number;
  /** Of `cast` and `epilogue`. */
  readonly format: string;
}

/** What is done against a norm that overflows. */
export const cures = {
  scale: 'a static scale (SLaNC)',
  maximum: 'divide each row by its largest',
  powerOfTwo: 'a power of two each row',
  inSum: '1/d within the sum',
  clip: 'clip the inputs',
  binary32: 'binary32 between load and store',
  mirror: 'the LayerNorm of [x, −x]',
} as const;
export type Cure = keyof typeof cures;

/** What a kernel reads: rows alone, two of a shape, a matrix beside them, or keys and values. */
export type Takes = 'rows' | 'pair' | 'matrix' | 'attention';
/** Where it runs: on a vector unit, a unit that sums products, or by a format alone. */
export type On = 'vector' | 'products' | 'format';

/** The functions of `unary`. */
export const functions: readonly string[] = [
  ...['gelu', 'geluTanh', 'silu', 'relu', 'sigmoid', 'softplus', 'tanh', 'erf'],
  ...['exp', 'exp2', 'log', 'log2', 'reciprocal', 'sqrt', 'rsqrt'],
];

/** Every kernel that the page runs. Functions are those of `unary`. */
export const kernels: Readonly<Record<string, { readonly takes: Takes; readonly on: On }>> = {
  layerNorm: { takes: 'rows', on: 'vector' },
  rmsNorm: { takes: 'rows', on: 'vector' },
  softmax: { takes: 'rows', on: 'vector' },
  sum: { takes: 'rows', on: 'vector' },
  dot: { takes: 'pair', on: 'products' },
  matmul: { takes: 'matrix', on: 'products' },
  gemm: { takes: 'matrix', on: 'products' },
  attention: { takes: 'attention', on: 'products' },
  add: { takes: 'pair', on: 'vector' },
  multiply: { takes: 'pair', on: 'vector' },
  cast: { takes: 'rows', on: 'format' },
  epilogue: { takes: 'rows', on: 'format' },
  ...Object.fromEntries(functions.map((name) => [name, { takes: 'rows', on: 'vector' } as const])),
};

export function isNorm(kernel: string): boolean {
  return kernel === 'layerNorm' || kernel === 'rmsNorm';
}

/** Cures of a norm: [x, −x] has the mean that RMSNorm leaves out. */
export function curesOf(kernel: string): readonly Cure[] {
  const all = Object.keys(cures) as Cure[];
  return isNorm(kernel) ? all.filter((cure) => cure !== 'mirror' || kernel === 'rmsNorm') : [];
}

/** The shape of the second operand, row-major; null where there is none. */
export function secondShape({ kernel, second }: Asked, rows: number, width: number): readonly [number, number] | null {
  const takes = kernels[kernel]?.takes;
  if (takes === 'pair') return [rows, width];
  if (takes === 'matrix') return [width, second.length];
  return takes === 'attention' ? [second.length, width] : null;
}

/** Whether the kernel is the LayerNorm of [x, −x]. */
export function isMirrored({ kernel, cure }: Asked): boolean {
  return isNorm(kernel) && cure === 'mirror';
}

/** Numbers that the kernel writes for rows by width. */
export function outputLength(asked: Asked, rows: number, width: number): number {
  const { kernel, second } = asked;
  if (isMirrored(asked)) return 2 * rows * width;
  if (kernel === 'sum' || kernel === 'dot') return rows;
  return kernels[kernel]?.takes === 'matrix' ? rows * second.length : rows * width;
}
