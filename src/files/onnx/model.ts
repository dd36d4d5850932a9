/**
 * An ONNX model as the file has it: nodes, attributes, what values are declared to be, imported operator sets, functions.
 * Field numbers are those of onnx.proto3 (github.com/onnx/onnx, IR version 13).
 *
 * @module
 */
import { BittrueError, checkFunction } from '../../errors/index.ts';
import type { TensorEntry } from '../checkpoint.ts';
import { type ByteSource, checkSource } from '../source.ts';
import type { OpenFile } from './external.ts';
import { integersOf } from './numbers.ts';
import { tensorAt, tensorName } from './tensor.ts';
import { type Field, Wire } from './wire.ts';

/** A value that is declared: an input, an output, or one between nodes. */
export interface OnnxValue {
  readonly name: string;
  /** The number of its element type; null where it is no tensor. */
  readonly elementType: number | null;
  /** Axes: lengths, names, or null where neither is told. Null without a shape. */
  readonly shape: readonly (number | string | null)[] | null;
}

/** A stored tensor: where it lies, or why it cannot be read. */
export type OnnxTensor = Omit<TensorEntry, 'name'> | string;

/** An attribute's value, by its kind. `reference`: the attribute of a function's call that stands for it. */
export type OnnxAttribute =
  | { readonly kind: 'number' | 'integer'; readonly value: number }
  | { readonly kind: 'text' | 'reference'; readonly value: string }
  | { readonly kind: 'numbers' | 'integers'; readonly value: readonly number[] }
  | { readonly kind: 'texts'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor }
  | { readonly kind: 'graph'; readonly value: OnnxGraph }
  /** What is not read: sparse tensors, types, lists of tensors and of graphs. */
  | { readonly kind: 'other'; readonly value: string };

/** A node. */
export interface OnnxNode {
  readonly name: string;
  readonly operator: string;
  readonly domain: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** A graph: of the model, or of a branch. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly values: readonly OnnxValue[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
}

/** A function of the model: an operator made of nodes. */
export interface OnnxFunction {
  readonly domain: string;
  readonly name: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxNode[];
  /** Attributes that a call may leave out. */
  readonly defaults: ReadonlyMap<string, OnnxAttribute>;
  readonly opsets: ReadonlyMap<string, number>;
}

/** A model. */
export interface OnnxModel {
  /** What errors call it. */
  readonly name: string;
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: OnnxGraph;
  readonly functions: readonly OnnxFunction[];
}

/** Graphs within graphs. */
const DEEPEST = 32;

/**
 * Reads an ONNX model: its graph and functions as the file has them; of weights where they lie. One walk over the file.
 *
 * @param open - gives a file of the model's folder; without it external data are unreadable
 * @throws {@link BittrueError} `file`, for a file that is truncated, lies or is no ONNX model
 * @example
 * import { memorySource, readOnnxModel } from 'bittrue/files';
 * const text = (field: number, ...bytes: number[]) => [8 * field + 2, bytes.length, ...bytes];
 * const node = [...text(1, 120), ...text(2, 121), ...text(4, 65, 98, 115)]; // x to y by Abs
 * const model = readOnnxModel(memorySource(Uint8Array.from(text(7, ...text(1, ...node)))));
 * model.graph.nodes[0].operator; // 'Abs'
 */
export function readOnnxModel(source: ByteSource, open?: OpenFile): OnnxModel {
  checkSource('source', source);
  if (open !== undefined) checkFunction('open', open);
  const wire = new Wire(source);
  const opsets = new Map<string, number>();
  const functions: OnnxFunction[] = [];
  let graph: OnnxGraph | null = null;
  for (const field of wire.fields(0, source.size)) {
    if (field.number === 8) readOpset(wire, field, opsets);
    else if (field.number === 25) functions.push(readFunction(wire, field, open));
    else if (field.number === 7) {
      if (graph !== null) throw wire.fault('a second graph');
      graph = readGraph(wire, field, open, 0);
    }
  }
  if (graph === null) throw new BittrueError('file', source.name, 'no graph', 'an ONNX model');
  return { name: source.name, opsets, graph, functions };
}

/** OperatorSetIdProto. */
function readOpset(wire: Wire, field: Field, opsets: Map<string, number>): void {
  let domain = '';
  let version = 1;
  for (const part of wire.fields(field.begin, wire.message(field).end)) {
    if (part.number === 1) domain = wire.text(part);
    else if (part.number === 2) version = wire.integer(part);
  }
  const name = domain === 'ai.onnx' ? '' : domain;
  if (opsets.has(name) && opsets.get(name) !== version) throw wire.fault(`two versions of the domain '${name}'`);
  opsets.set(name, version);
}

/** FunctionProto. */
function readFunction(wire: Wire, field: Field, open: OpenFile | undefined): OnnxFunction {
  const found = { name: '', domain: '', overload: '' };
  const inputs: string[] = [];
  const outputs: string[] = [];
  const nodes: OnnxNode[] = [];
  const defaults = new Map<string, OnnxAttribute>();
  const opsets = new Map<string, number>();
  for (const part of wire.fields(field.begin, wire.message(field).end)) {
    const { number } = part;
    if (number === 1) found.name = wire.text(part);
    else if (number === 4) inputs.push(wire.text(part));
    else if (number === 5) outputs.push(wire.text(part));
    else if (number === 7) nodes.push(readNode(wire, part, open, 1));
    else if (number === 9) readOpset(wire, part, opsets);
    else if (number === 10) found.domain = wire.text(part);
    else if (number === 11) readAttribute(wire, part, defaults, open, 1);
    else if (number === 13) found.overload = wire.text(part);
  }
  return { ...found, inputs, outputs, nodes, defaults, opsets };
}

/** GraphProto. */
function readGraph(wire: Wire, field: Field, open: OpenFile | undefined, depth: number): OnnxGraph {
  if (depth > DEEPEST) throw wire.fault(`graphs within graphs, more than ${DEEPEST} deep`);
  const nodes: OnnxNode[] = [];
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  const values: OnnxValue[] = [];
  const initializers = new Map<string, OnnxTensor>();
  let name = '';
  const initialize = (called: string, tensor: OnnxTensor): void => {
    if (called === '') throw wire.fault('an initializer without a name');
    if (initializers.has(called))
      throw new BittrueError('file', wire.source.name, `${called} twice`, 'every name once');
    initializers.set(called, tensor);
  };
  for (const part of wire.fields(field.begin, wire.message(field).end)) {
    const { number } = part;
    if (number === 1) nodes.push(readNode(wire, part, open, depth));
    else if (number === 2) name = wire.text(part);
    else if (number === 5) {
      const called = tensorName(wire, wire.message(part));
      initialize(called, tensorAt(wire, part, called, open));
    } else if (number === 11) inputs.push(readValue(wire, part));
    else if (number === 12) outputs.push(readValue(wire, part));
    else if (number === 13) values.push(readValue(wire, part));
    else if (number === 15) {
      for (const inner of wire.fields(part.begin, wire.message(part).end)) {
        if (inner.number === 1) initialize(tensorName(wire, wire.message(inner)), 'a sparse tensor');
      }
    }
  }
  return { name, nodes, inputs, outputs, values, initializers };
}

/** NodeProto. */
function readNode(wire: Wire, field: Field, open: OpenFile | undefined, depth: number): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  let [name, operator, domain, overload] = ['', '', '', ''];
  for (const part of wire.fields(field.begin, wire.message(field).end)) {
    const { number } = part;
    if (number === 1) inputs.push(wire.text(part));
    else if (number === 2) outputs.push(wire.text(part));
    else if (number === 3) name = wire.text(part);
    else if (number === 4) operator = wire.text(part);
    else if (number === 5) readAttribute(wire, part, attributes, open, depth);
    else if (number === 7) domain = wire.text(part);
    else if (number === 8) overload = wire.text(part);
  }
  return { name, operator, domain: domain === 'ai.onnx' ? '' : domain, overload, inputs, outputs, attributes };
}

/** ValueInfoProto, with the TypeProto of a tensor. */
function readValue(wire: Wire, field: Field): OnnxValue {
  let name = '';
  let elementType: number | null = null;
  let shape: (number | string | null)[] | null = null;
  for (const part of wire.fields(field.begin, wire.message(field).end)) {
    if (part.number === 1) name = wire.text(part);
    if (part.number !== 2) continue;
    for (const kind of wire.fields(part.begin, wire.message(part).end)) {
      if (kind.number !== 1) continue;
      elementType = 0;
      for (const inner of wire.fields(kind.begin, wire.message(kind).end)) {
        if (inner.number === 1) elementType = wire.integer(inner);
        else if (inner.number === 2) shape = readShape(wire, inner);
      }
    }
  }
  return { name, elementType, shape };
}

/** TensorShapeProto. */
function readShape(wire: Wire, field: Field): (number | string | null)[] {
  const axes: (number | string | null)[] = [];
  for (const part of wire.fields(field.begin, wire.message(field).end)) {
    if (part.number !== 1) continue;
    let axis: number | string | null = null;
    for (const inner of wire.fields(part.begin, wire.message(part).end)) {
      // Exporters write −1 and 0 for a length that is not known.
      if (inner.number === 1) axis = signed(wire, inner) > 0 ? signed(wire, inner) : axis;
      else if (inner.number === 2) axis = wire.text(inner) || axis;
    }
    axes.push(axis);
  }
  return axes;
}

/** AttributeProto. */
function readAttribute(
  wire: Wire,
  field: Field,
  attributes: Map<string, OnnxAttribute>,
  open: OpenFile | undefined,
  depth: number,
): void {
  const seen = new Map<number, Field[]>();
  let name = '';
  for (const part of wire.fields(field.begin, wire.message(field).end)) {
    if (part.number === 1) name = wire.text(part);
    const same = seen.get(part.number);
    if (same === undefined) seen.set(part.number, [part]);
    else same.push(part);
  }
  if (attributes.has(name)) throw wire.fault(`the attribute ${name} twice`);
  attributes.set(name, attributeValue(wire, name, seen, open, depth));
}

/** What AttributeProto.AttributeType calls the kinds, and the field of each. */
const attributeFields: Readonly<Record<number, number>> = {
  1: 2,
  2: 3,
  3: 4,
  4: 5,
  5: 6,
  6: 7,
  7: 8,
  8: 9,
  9: 10,
  10: 11,
  11: 22,
  12: 23,
  13: 14,
  14: 15,
};

function attributeValue(
  wire: Wire,
  name: string,
  seen: ReadonlyMap<number, readonly Field[]>,
  open: OpenFile | undefined,
  depth: number,
): OnnxAttribute {
  const [reference] = seen.get(21) ?? [];
  if (reference !== undefined) return { kind: 'reference', value: wire.text(reference) };
  const [typed] = seen.get(20) ?? [];
  // Old files tell no type: then it is the field that is there.
  const found = typed === undefined ? undefined : attributeFields[wire.integer(typed)];
  const number = found ?? [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15, 22, 23].find((field) => seen.has(field));
  const fields = (number === undefined ? undefined : seen.get(number)) ?? [];
  const single = (): Field | undefined => {
    if (fields.length > 1) throw wire.fault(`a second value of the attribute ${name}`);
    return fields[0];
  };
  switch (number) {
    case 2:
      return { kind: 'number', value: realsOf(wire, fields)[0] ?? 0 };
    case 3: {
      const field = single();
      return { kind: 'integer', value: field === undefined ? 0 : signed(wire, field) };
    }
    case 4: {
      const field = single();
      return { kind: 'text', value: field === undefined ? '' : wire.text(field) };
    }
    case 5: {
      const field = single();
      if (field === undefined) throw wire.fault(`the attribute ${name} without its tensor`);
      return { kind: 'tensor', value: tensorAt(wire, wire.message(field), name, open) };
    }
    case 6: {
      const field = single();
      if (field === undefined) throw wire.fault(`the attribute ${name} without its graph`);
      return { kind: 'graph', value: readGraph(wire, field, open, depth + 1) };
    }
    case 7:
      return { kind: 'numbers', value: realsOf(wire, fields) };
    case 8:
      return { kind: 'integers', value: signedOf(wire, fields) };
    case 9:
      return { kind: 'texts', value: fields.map((field) => wire.text(field)) };
    case undefined:
      return { kind: 'other', value: 'no value' };
    default:
      return { kind: 'other', value: `an attribute of kind ${number}` };
  }
}

/** binary32 numbers, packed or not. */
function realsOf(wire: Wire, fields: readonly Field[]): number[] {
  return fields.flatMap(({ number, type, begin, end }) => {
    if ((type !== 2 && type !== 5) || (end - begin) % 4 !== 0) throw wire.fault(`field ${number} of wire type ${type}`);
    const bytes = new Uint8Array(end - begin);
    wire.copy(begin, end, bytes, 0);
    const view = new DataView(bytes.buffer);
    return Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
  });
}

/** Integers with sign, packed or not. */
function signedOf(wire: Wire, fields: readonly Field[]): number[] {
  return integersOf(wire, fields, true);
}

function signed(wire: Wire, field: Field): number {
  wire.integer(field);
  return wire.signed();
}
