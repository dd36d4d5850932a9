/**
 * A kernel's call: the same options run here and stand in the code that the page shows.
 *
 * @module
 */
import { meanSquareInSum, rowScale } from 'bittrue/kernels';
import { toJson } from 'bittrue/reports';
import { defineTarget, findTarget, findVectorUnit, type Target } from 'bittrue/targets';
import { type Asked, functions, isNorm, kernels, secondShape } from './asked';

/** A call: the function, its operands by name, and its options as values and as TypeScript. */
export interface Call {
  readonly name: string;
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** What the text reads beside the function itself. */
  readonly imports: readonly string[];
}

/** An option: its value, its TypeScript, and what that reads of the library. */
interface Part {
  readonly value: unknown;
  readonly text: string;
  readonly names: readonly string[];
}

function literal(value: unknown): string {
  return JSON.stringify(value)
    .replace(/"(\w+)":/g, '$1: ')
    .replaceAll('"', "'");
}

const part = (value: unknown): Part => ({ value, text: literal(value), names: [] });
const plain = (values: Readonly<Record<string, unknown>>): Record<string, Part> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, part(value)]));

/** The target of a run: of the list, or as JSON. */
export function targetOf({ target, json }: Asked): Target {
  return json.trim() === '' ? findTarget(target) : defineTarget(JSON.parse(json));
}

export function callOf(asked: Asked, rows: number, width: number): Call {
  const { kernel, second, json } = asked;
  const own = kernels[kernel];
  if (own === undefined) throw new Error(`“${kernel}” is no kernel of this page`);
  const name = functions.includes(kernel) ? 'unary' : kernel;
  const shared = secondShape(asked, rows, width);
  const given: Record<string, Part> =
    kernel === 'attention'
      ? plain({ heads: 1, queries: rows, keys: second.length, width })
      : own.takes === 'matrix'
        ? plain({ m: rows, n: second.length, k: width })
        : plain({ rows, width });
  const target: Part =
    json.trim() === ''
      ? part(asked.target)
      : { value: JSON.parse(json), text: `defineTarget(${JSON.stringify(JSON.parse(json))})`, names: ['defineTarget'] };
  const behind: Part = {
    value: { activation: { function: 'gelu' }, output: { format: asked.format } },
    text: `{ activation: { function: 'gelu' }, output: roundTo(parseFormat('${asked.format}')) }`,
    names: ['parseFormat', 'roundTo'],
  };
  if (kernel === 'cast') given.format = part(asked.format);
  else if (kernel === 'epilogue') given.epilogue = behind;
  else if (kernel === 'gemm')
    given.plan = {
      value: { name: 'linear layer', target: target.value, epilogue: behind.value },
      text: `{ name: 'linear layer', target: ${target.text}, epilogue: ${behind.text} }`,
      names: [...target.names, ...behind.names],
    };
  else given.target = target;
  given.nonFiniteInputs = part('allow');
  if (name === 'unary') given.function = part(kernel);
  if (kernel === 'attention' && asked.tile > 0) given.method = part({ kind: 'flash', tile: asked.tile });
  if (kernel === 'layerNorm' && asked.variance !== 'twoPass') given.variance = part(asked.variance);
  if (isNorm(kernel)) {
    const { cure, scale } = asked;
    if (cure === 'scale' && scale !== 1) given.scale = part(scale);
    if (cure === 'maximum' || cure === 'powerOfTwo')
      given.rowScale = { value: rowScale(cure), text: `rowScale('${cure}')`, names: ['rowScale'] };
    if (cure === 'inSum')
      given.meanSquare = { value: meanSquareInSum, text: 'meanSquareInSum', names: ['meanSquareInSum'] };
  }
  const parts = Object.entries(given);
  return {
    name,
    operands: own.takes === 'attention' ? ['x', 'second', 'second'] : shared === null ? ['x'] : ['x', 'second'],
    options: Object.fromEntries(parts.map(([key, { value }]) => [key, value])),
    text: parts.map(([key, { text }]) => `${key}: ${text}`).join(', '),
    imports: parts.flatMap(([, { names }]) => names),
  };
}

/** A target of the list as JSON, to be edited. */
export function targetText(name: string): string {
  return toJson(findTarget(name));
}

/** To what clipping cuts inputs: no sum of d squares overflows then, since an addition adds at most twice its addend. */
export function clipBound(asked: Asked, width: number): number | null {
  if (!isNorm(asked.kernel) || asked.cure !== 'clip') return null;
  const { max } = findVectorUnit(targetOf(asked)).compute.format;
  return Math.sqrt(max / (2 * width)) * (1 - 2 ** -8);
}
