/**
 * A kernel's call: the same options run here and stand in the code that the page shows.
 *
 * @module
 */
import { meanSquareInSum, rowScale } from 'bittrue/kernels';
import { toJson } from 'bittrue/reports';
import { defineTarget, findTarget, type Target } from 'bittrue/targets';
import { type Asked, curesOf, functions, isMirrored, isNorm, kernels, secondShape } from './asked';
import { type Preparation, preparationOf } from './prepare';
import { wideLines, wideTarget } from './wide';

/** A call: the function, what becomes of its operands before, and its options as values and as TypeScript. */
export interface Call {
  readonly name: string;
  /** Null: nothing becomes of them. */
  readonly preparation: Preparation | null;
  /** The operands' names before. */
  readonly operands: readonly ('x' | 'second')[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Lines before the call, and its options. */
  readonly lines: readonly string[];
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
  return json.trim() === '' ? findTarget(target) : defineTarget(parsed(json));
}

function parsed(json: string): object {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new Error(`the target is no JSON: ${(error as Error).message}`);
  }
}

/** The target as an option, and the lines that it needs before. */
function targetPart(asked: Asked): { readonly part: Part; readonly lines: readonly string[] } {
  const { target, json, kernel, cure } = asked;
  const isOwn = json.trim() !== '';
  const own = `defineTarget(${isOwn ? JSON.stringify(parsed(json)) : ''})`;
  if (isNorm(kernel) && cure === 'binary32') {
    const names = ['defineTarget', 'findVectorUnit', 'toJson', ...(isOwn ? [] : ['findTarget'])];
    const lines = [wideLines(isOwn ? own : `findTarget('${target}')`)];
    return { part: { value: wideTarget(targetOf(asked)), text: 'target', names }, lines };
  }
  return { part: isOwn ? { value: parsed(json), text: own, names: ['defineTarget'] } : part(target), lines: [] };
}

export function callOf(asked: Asked, rows: number, width: number): Call {
  const { kernel, second } = asked;
  const own = kernels[kernel];
  if (own === undefined) throw new Error(`“${kernel}” is no kernel of this page`);
  if (isNorm(kernel) && !curesOf(kernel).includes(asked.cure))
    throw new Error(`“${asked.cure}” is no cure of ${kernel}`);
  const isTwice = isMirrored(asked);
  const name = functions.includes(kernel) ? 'unary' : isTwice ? 'layerNorm' : kernel;
  const shared = secondShape(asked, rows, width);
  const given: Record<string, Part> =
    kernel === 'attention'
      ? plain({ heads: 1, queries: rows, keys: second.length, width })
      : own.takes === 'matrix'
        ? plain({ m: rows, n: second.length, k: width })
        : plain({ rows, width: isTwice ? 2 * width : width });
  const preparation = own.on === 'format' ? null : preparationOf(asked, targetOf(asked), rows, width);
  const { part: target, lines } = own.on === 'format' ? { part: part(''), lines: [] } : targetPart(asked);
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
    ...{ name, preparation },
    operands: own.takes === 'attention' ? ['x', 'second', 'second'] : shared === null ? ['x'] : ['x', 'second'],
    options: Object.fromEntries(parts.map(([key, { value }]) => [key, value])),
    lines: [...lines, ...(preparation?.lines ?? [])],
    text: [
      ...parts.map(([key, { text }]) => (key === text ? key : `${key}: ${text}`)),
      ...(preparation?.options ?? []),
    ].join(', '),
    imports: [...parts.flatMap(([, { names }]) => names), ...(preparation?.names ?? [])],
  };
}

/** A target of the list as JSON, to be edited. */
export function targetText(name: string): string {
  return toJson(findTarget(name));
}
