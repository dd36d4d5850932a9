/**
 * The tensors of an ONNX file: a protocol buffer, of whose messages (onnx.proto3 of github.com/onnx/onnx) those are read
 * that hold weights: initializers, `Constant` nodes and other tensors of attributes, in the graph, in graphs within its
 * nodes, in functions and in training information.
 *
 * @module
 */
import { BittrueError, checkFunction } from '../errors/index.ts';
import type { Checkpoint, TensorEntry } from './checkpoint.ts';
import type { OpenFile } from './onnx/external.ts';
import { numbersAt, type Place } from './onnx/numbers.ts';
import { type Found, tensorAt, tensorName } from './onnx/tensor.ts';
import { type Field, Wire } from './onnx/wire.ts';
import { type ByteSource, checkSource } from './source.ts';

/** Graphs within graphs, and how long the path to one may be: a file names its tensors, not the other way round. */
const DEEPEST = 32;
const LONGEST_PATH = 1024;

/** A message that holds nodes, with what its tensors' names begin with. */
interface Scope {
  readonly begin: number;
  readonly end: number;
  readonly path: string;
  readonly depth: number;
  /** The field of its nodes: 1 of a graph, 7 of a function. */
  readonly nodes: 1 | 7;
}

/**
 * Reads where the tensors of an ONNX model lie: all element types, raw or not. `readTensor` reads numbers,
 * `readTensorCodes` codes, `readTensorBytes` whatever there is. Nothing is left out: what cannot be read stands in
 * `unreadable`, with the reason.
 *
 * A `Constant` is called by its output, `value_float`, `value_ints` and so on included. Tensors of other attributes are
 * called `OUTPUT.ATTRIBUTE`, those of a graph within a node `OUTPUT.ATTRIBUTE/NAME`, of a function
 * `functions.NAME/…`, of training information `training_info[0].…/…`.
 *
 * @param open - gives a file of the model's folder; without it external data are unreadable
 * @throws {@link BittrueError} `file`, for a file that is truncated, lies or is no ONNX model
 * @example
 * import { memorySource, readOnnx, readTensor } from 'bittrue/files';
 * const tensor = [8, 1, 16, 1, 66, 1, 119, 34, 4, 0, 0, 128, 63]; // dims 1, FLOAT, name w, float_data 1
 * const graph = [42, tensor.length, ...tensor];
 * const checkpoint = readOnnx(memorySource(Uint8Array.of(58, graph.length, ...graph)));
 * readTensor(checkpoint, 'w').data[0]; // 1
 */
export function readOnnx(source: ByteSource, open?: OpenFile): Checkpoint {
  checkSource('source', source);
  if (open !== undefined) checkFunction('open', open);
  const wire = new Wire(source);
  const entries = new Map<string, TensorEntry>();
  const unreadable = new Map<string, string>();
  const add = (name: string, found: Found): void => {
    if (entries.has(name) || unreadable.has(name)) {
      throw new BittrueError('file', source.name, `${name} twice`, 'every name once');
    }
    if (typeof found === 'string') unreadable.set(name, found);
    else entries.set(name, Object.freeze({ name, ...found }));
  };
  const scopes = modelScopes(wire);
  for (let scope = scopes.pop(); scope !== undefined; scope = scopes.pop()) readScope(wire, scope, open, add, scopes);
  return Object.freeze({ name: source.name, metadata: Object.freeze({}), entries, unreadable });
}

/** What takes a tensor under its name. */
type Add = (name: string, found: Found) => void;

/** ModelProto: its graph, and beside it training information and functions; the graph last, to be read first. */
function modelScopes(wire: Wire): Scope[] {
  const scopes: Scope[] = [];
  let graph: Field | null = null;
  let training = 0;
  for (const field of wire.fields(0, wire.source.size)) {
    const { number, begin, end } = field;
    if (number === 7) {
      if (graph !== null) throw wire.fault('a second graph');
      graph = wire.message(field);
    } else if (number === 20) {
      const path = `training_info[${training++}]`;
      for (const part of wire.fields(begin, wire.message(field).end)) {
        const name = part.number === 1 ? 'initialization' : 'algorithm';
        if (part.number <= 2) scopes.push(scopeAt(wire, part, `${path}.${name}/`, 1, 1));
      }
    } else if (number === 25) {
      let name = '';
      for (const part of wire.fields(begin, wire.message(field).end)) if (part.number === 1) name = wire.text(part);
      scopes.push(scopeAt(wire, { ...field, begin, end }, `functions.${name}/`, 1, 7));
    }
  }
  if (graph === null) throw new BittrueError('file', wire.source.name, 'no graph', 'an ONNX model');
  return [...scopes, scopeAt(wire, graph, '', 0, 1)];
}

function scopeAt(wire: Wire, field: Field, path: string, depth: number, nodes: 1 | 7): Scope {
  const { begin, end } = wire.message(field);
  if (depth > DEEPEST) throw wire.fault(`graphs within graphs, more than ${DEEPEST} deep`);
  if (path.length > LONGEST_PATH) throw wire.fault(`a graph whose path has ${path.length} characters`);
  return { begin, end, path, depth, nodes };
}

/** GraphProto or FunctionProto. */
function readScope(wire: Wire, scope: Scope, open: OpenFile | undefined, add: Add, scopes: Scope[]): void {
  const { begin, end, path, nodes } = scope;
  const isGraph = nodes === 1;
  let index = 0;
  let initializers = 0;
  for (const field of wire.fields(begin, end)) {
    if (field.number === nodes) readNode(wire, field, index++, scope, open, add, scopes);
    else if (isGraph && field.number === 5) {
      const name = tensorName(wire, wire.message(field));
      const place = initializers++;
      if (name === '') add(`${path}initializers[${place}]`, 'an initializer without a name');
      else add(path + name, tensorAt(wire, field, path + name, open));
    } else if (isGraph && field.number === 15) {
      add(path + (sparseName(wire, field) || `initializers[${initializers}]`), 'a sparse tensor');
    } else if (!isGraph && field.number === 11) {
      readAttribute(wire, wire.message(field), { call: 'default', isConstant: false }, scope, open, add, scopes);
    }
  }
}

/** SparseTensorProto: the name is that of its values. */
function sparseName(wire: Wire, field: Field): string {
  for (const part of wire.fields(field.begin, wire.message(field).end)) {
    if (part.number === 1) return tensorName(wire, wire.message(part));
  }
  return '';
}

/** What a node's tensors are called after. */
interface NodeName {
  readonly call: string;
  readonly isConstant: boolean;
}

/** NodeProto. */
function readNode(
  wire: Wire,
  node: Field,
  index: number,
  scope: Scope,
  open: OpenFile | undefined,
  add: Add,
  scopes: Scope[],
): void {
  const attributes: Field[] = [];
  let output = '';
  let operator = '';
  let domain = '';
  for (const field of wire.fields(node.begin, wire.message(node).end)) {
    if (field.number === 5) attributes.push(wire.message(field));
    else if (field.number === 2 && output === '') output = wire.text(field);
    else if (field.number === 4) operator = wire.text(field);
    else if (field.number === 7) domain = wire.text(field);
  }
  const isConstant = operator === 'Constant' && (domain === '' || domain === 'ai.onnx');
  const name = { call: output || `nodes[${index}]`, isConstant };
  for (const attribute of attributes) readAttribute(wire, attribute, name, scope, open, add, scopes);
}

/** AttributeProto: tensors and graphs of any operator, and the numbers of a `Constant`. */
function readAttribute(
  wire: Wire,
  attribute: Field,
  { call, isConstant }: NodeName,
  { path, depth }: Scope,
  open: OpenFile | undefined,
  add: Add,
  scopes: Scope[],
): void {
  const { begin, end } = attribute;
  const seen = new Map<number, Field>();
  const listed: Field[] = [];
  let name = '';
  for (const field of wire.fields(begin, end)) {
    const { number } = field;
    if (number === 1) name = wire.text(field);
    else if (number === 10 || number === 11 || number === 23) listed.push(wire.message(field));
    else if ((number === 5 || number === 6 || number === 22) && seen.has(number)) {
      throw wire.fault(`a second value of the attribute ${name}`);
    } else if (number !== 21) seen.set(number, field);
  }
  const own = `${path}${call}`;
  const called = `${own}.${name}`;
  const take = (field: Field, as: string): void => {
    const { number } = field;
    if (number === 5 || number === 10) add(as, tensorAt(wire, wire.message(field), as, open));
    else if (number === 22 || number === 23) add(as, 'a sparse tensor');
    else scopes.push(scopeAt(wire, field, `${as}/`, depth + 1, 1));
  };
  const value = isConstant && /^(sparse_)?value$/.test(name);
  for (const number of [5, 6, 22]) {
    const field = seen.get(number);
    if (field !== undefined) take(field, value ? own : called);
  }
  for (const [i, field] of listed.entries()) take(field, `${called}[${i}]`);
  if (isConstant && name.startsWith('value_')) {
    const numbers = constantNumbers(wire, attribute, name, seen);
    if (numbers !== null) add(own, numbers);
  }
}

/** The numbers of a `Constant` that are no tensor: value_float, value_floats, value_int, value_ints, or strings. */
function constantNumbers(
  wire: Wire,
  { begin, end }: Field,
  name: string,
  seen: ReadonlyMap<number, Field>,
): Found | null {
  const kinds = {
    value_float: { field: 2, coding: 4, dtype: 'F32', bytes: 4 },
    value_floats: { field: 7, coding: 4, dtype: 'F32', bytes: 4 },
    value_int: { field: 3, coding: 'varint', dtype: 'I64', bytes: 8 },
    value_ints: { field: 8, coding: 'varint', dtype: 'I64', bytes: 8 },
  } as const;
  if (name === 'value_string' || name === 'value_strings') return 'strings, which are no numbers';
  const kind = Object.hasOwn(kinds, name) ? kinds[name as keyof typeof kinds] : undefined;
  // An attribute of a function may stand for one of the call's: it has no value here.
  if (kind === undefined || (!seen.has(kind.field) && !name.endsWith('s'))) return null;
  const { field, coding, dtype, bytes } = kind;
  const place: Place = numbersAt(wire, begin, end, field, coding, bytes);
  const count = place.length / bytes;
  return { dtype, shape: Object.freeze(name.endsWith('s') ? [count] : []), ...place };
}
