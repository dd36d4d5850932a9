/**
 * A graph of an ONNX file laid flat: functions in the place of their calls, branches of `If`, the runs of a loop.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { OnnxAttribute, OnnxFunction, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from '../../files/index.ts';
import { elementCount } from '../../graphs/graph.ts';
import { type Attribute, constantOf, type Node, type TypedTensor } from '../../graphs/index.ts';
import { constantAt, tensorAt } from './constants.ts';
import type { Emitter } from './emit.ts';
import { emitUpgraded } from './upgrade.ts';

/** Functions within functions and branches within branches. */
const DEEPEST = 64;

/** Constants of so many elements are read at once: shapes and conditions are computed with them. */
const FEW = 64;

/** Operator sets that are read. */
const OLDEST = 7;
const NEWEST = 28;

/** Where nodes stand: what names mean there. */
interface Scope {
  readonly path: string;
  readonly depth: number;
  readonly opsets: ReadonlyMap<string, number>;
  /** Values by the names they have here. */
  readonly names: Map<string, string>;
  readonly outer: Scope | null;
  /** What a call gives a function's attributes. */
  readonly attributes: ReadonlyMap<string, OnnxAttribute> | null;
}

/** Lays a model flat. */
export class Flattener {
  readonly #model: OnnxModel;
  readonly #to: Emitter;
  readonly #functions = new Map<string, OnnxFunction>();

  constructor(model: OnnxModel, to: Emitter) {
    this.#model = model;
    this.#to = to;
    for (const one of model.functions) {
      const name = functionName(one.domain, one.name, one.overload);
      if (this.#functions.has(name)) throw new BittrueError('file', model.name, `${name} twice`, 'every function once');
      this.#functions.set(name, one);
    }
  }

  /** The model's own graph; its values keep their names. */
  run(): void {
    const { graph, opsets } = this.#model;
    const scope: Scope = { path: '', depth: 0, opsets, names: new Map(), outer: null, attributes: null };
    for (const { name } of graph.inputs) scope.names.set(name, name);
    this.#initialize(graph, scope);
    this.#nodes(graph.nodes, scope, new Map());
  }

  #initialize({ initializers }: OnnxGraph, scope: Scope): void {
    for (const [name, tensor] of initializers) {
      const called = scope.path + name;
      scope.names.set(name, called);
      this.#hold(called, tensor);
    }
  }

  #hold(name: string, tensor: OnnxTensor): void {
    if (typeof tensor === 'string') {
      this.#to.unreadable.set(name, tensor);
      return;
    }
    const isSmall = elementCount(tensor.shape) <= FEW && !/^C/.test(tensor.dtype);
    if (isSmall) {
      const value = tensorAt(tensor, name);
      this.#to.hold(name, constantOf(value), value);
    } else this.#to.hold(name, constantAt(tensor, name));
  }

  /** @param outputs - what values are called outside that are this scope's results */
  #nodes(nodes: readonly OnnxNode[], scope: Scope, outputs: ReadonlyMap<string, string>): void {
    // Names first: a file may list its nodes in any order.
    for (const node of nodes) {
      for (const output of node.outputs) {
        if (output === '') continue;
        if (scope.names.has(output)) {
          throw new BittrueError('file', this.#model.name, `${scope.path}${output} twice`, 'every value made once');
        }
        scope.names.set(output, outputs.get(output) ?? scope.path + output);
      }
    }
    for (const node of nodes) this.#node(node, scope);
  }

  #node(node: OnnxNode, scope: Scope): void {
    const { domain, operator } = node;
    const called = functionName(domain, operator, node.overload);
    const definition = this.#functions.get(called);
    if (definition !== undefined) this.#call(node, definition, scope);
    else if (domain === '' && operator === 'Constant') this.#constant(node, scope);
    else if (domain === '' && operator === 'If') this.#branch(node, scope);
    else if (domain === '' && operator === 'Loop') this.#loop(node, scope);
    else this.#operator(node, scope);
  }

  #operator(node: OnnxNode, scope: Scope): void {
    const { domain, operator } = node;
    const version = this.#version(scope, node);
    const flat: Node = {
      name: scope.path + node.name === scope.path ? '' : scope.path + node.name,
      op: domain === '' ? operator : `${domain}.${operator}`,
      inputs: [...node.inputs, ...captured(node)].map((input) => this.#resolve(scope, input)),
      outputs: node.outputs.map((output) => (output === '' ? '' : (scope.names.get(output) as string))),
      attributes: this.#attributes(node, scope),
    };
    emitUpgraded({ ...flat, version }, this.#to);
  }

  /** The version of a node's operator set. */
  #version({ opsets }: Scope, { domain, operator }: OnnxNode): number {
    const version = opsets.get(domain) ?? this.#model.opsets.get(domain);
    if (domain !== '') return version ?? 1;
    if (version !== undefined && version >= OLDEST && version <= NEWEST) return version;
    const found = version === undefined ? `${operator} without an operator set` : `operator set ${version}`;
    throw new BittrueError('unsupported', this.#model.name, found, `operator sets ${OLDEST} to ${NEWEST}`);
  }

  /** A value by the name that it has in a scope or in one around it. */
  #resolve(scope: Scope, name: string): string {
    if (name === '') return '';
    for (let at: Scope | null = scope; at !== null; at = at.outer) {
      const found = at.names.get(name);
      if (found !== undefined) return found;
    }
    throw new BittrueError('file', this.#model.name, `${scope.path}${name}`, 'a value that the graph makes');
  }

  /** Attributes with values; those of a function's call in the place of references. Graphs stay behind. */
  #attributes(node: OnnxNode, scope: Scope): Record<string, Attribute> {
    const found: [string, Attribute][] = [];
    for (const [name, stated] of node.attributes) {
      const attribute = stated.kind === 'reference' ? scope.attributes?.get(stated.value) : stated;
      if (attribute === undefined || attribute.kind === 'graph' || attribute.kind === 'reference') continue;
      if (attribute.kind === 'other') {
        throw new BittrueError(
          'unsupported',
          `${this.#model.name}: ${node.name || node.operator}`,
          `${name}: ${attribute.value}`,
          'attributes that are numbers, texts or tensors',
        );
      }
      if (attribute.kind === 'tensor') found.push([name, this.#tensor(attribute.value, `${node.name}.${name}`)]);
      else found.push([name, attribute.value]);
    }
    return Object.fromEntries(found);
  }

  #tensor(tensor: OnnxTensor, name: string): TypedTensor {
    if (typeof tensor === 'string') throw this.#unreadable(name, tensor);
    return tensorAt(tensor, name);
  }

  #unreadable(name: string, reason: string): BittrueError {
    return new BittrueError('unsupported', `${this.#model.name}: ${name}`, reason, 'a tensor that can be read here');
  }

  #constant(node: OnnxNode, scope: Scope): void {
    const [output] = node.outputs;
    if (output === undefined || output === '') return;
    const name = scope.names.get(output) as string;
    // A file's weights are initializers; a Constant that nothing reads is a node that does not run.
    this.#to.fold(name);
    const value = [...node.attributes.values()][0];
    const attribute = value?.kind === 'reference' ? scope.attributes?.get(value.value) : value;
    switch (attribute?.kind) {
      case 'tensor':
        this.#hold(name, attribute.value);
        break;
      case 'number':
      case 'numbers': {
        const values = [attribute.value].flat();
        this.#literal(name, { type: 'float', shape: shapeOf(attribute), data: Float64Array.from(values) });
        break;
      }
      case 'integer':
      case 'integers': {
        const data = BigInt64Array.from([attribute.value].flat(), (one) => int64(one));
        this.#literal(name, { type: 'int64', shape: shapeOf(attribute), data });
        break;
      }
      default:
        this.#to.unreadable.set(name, attribute === undefined ? 'a Constant without a value' : 'no numbers');
    }
  }

  #literal(name: string, value: TypedTensor): void {
    this.#to.hold(name, constantOf(value), value);
  }

  /** The branch that a condition known before the run takes, else both, of which a run takes one; their values by names of their own. */
  #branch(node: OnnxNode, scope: Scope): void {
    const condition = this.#resolve(scope, node.inputs[0] ?? '');
    const truth = this.#to.known(condition)?.elements?.[0];
    const called = scope.path + (node.name || node.outputs[0]);
    if (typeof truth !== 'number') {
      this.#choice(node, condition, called, scope);
      return;
    }
    this.#to.fold(condition);
    const branch = this.#graphOf(node, truth === 0 ? 'else_branch' : 'then_branch', called);
    const inner: Scope = { ...this.#inner(scope, called), outer: scope, attributes: scope.attributes };
    this.#initialize(branch, inner);
    const results = branch.outputs.map(({ name }) => name);
    this.#inline(node, branch.nodes, results, inner, scope);
  }

  /** Both branches, whose nodes run where the condition is so, and the node itself behind them, which takes what was made. */
  #choice(node: OnnxNode, condition: string, called: string, scope: Scope): void {
    const made = (['then', 'else'] as const).flatMap((side) => {
      const branch = this.#graphOf(node, `${side}_branch`, called);
      const inner: Scope = { ...this.#inner(scope, `${called}/${side}`), outer: scope, attributes: scope.attributes };
      this.#initialize(branch, inner);
      this.#to.under({ value: condition, is: side === 'then' }, () => this.#nodes(branch.nodes, inner, new Map()));
      const results = branch.outputs.map(({ name }) => this.#resolve(inner, name));
      if (results.length === node.outputs.length) return results;
      const told = `${called}: ${side}_branch of ${results.length} outputs`;
      throw new BittrueError('file', this.#model.name, told, `${node.outputs.length}, as the node has`);
    });
    const outputs = node.outputs.map((output) => (output === '' ? '' : (scope.names.get(output) as string)));
    this.#to.emit({ name: called, op: 'If', inputs: [condition, ...made], outputs, attributes: {} });
  }

  /** A loop laid out run by run, where the file says how often it runs and that is not often; else it stays as it is. */
  #loop(node: OnnxNode, scope: Scope): void {
    const called = scope.path + (node.name || node.outputs[0]);
    const body = this.#graphOf(node, 'body', called);
    const [count = '', going = '', ...initial] = node.inputs.map((input) => this.#resolve(scope, input));
    const first = going === '' ? 1 : this.#to.known(going)?.elements?.[0];
    const trips = count === '' ? undefined : this.#to.known(count)?.elements?.[0];
    const isScanned = body.outputs.length > 1 + initial.length;
    if (!(first === 1 && typeof trips === 'number' && trips >= (isScanned ? 1 : 0) && trips <= FEW && goesOn(body))) {
      // A run decides: the node stays, for a runtime beside us; evaluation refuses it by name.
      this.#operator(node, scope);
      return;
    }
    this.#to.fold(count);
    this.#to.fold(going);
    let carried: readonly string[] = initial;
    const scanned: string[][] = body.outputs.slice(1 + initial.length).map(() => []);
    for (let trip = 0; trip < trips; trip++) {
      const inner: Scope = { ...this.#inner(scope, `${called}/${trip}`), outer: scope, attributes: scope.attributes };
      const [index, condition] = [`${inner.path}trip number`, `${inner.path}condition`];
      this.#literal(index, { type: 'int64', shape: [], data: BigInt64Array.of(BigInt(trip)) });
      this.#literal(condition, { type: 'bool', shape: [], data: Uint8Array.of(1) });
      for (const made of [index, condition]) this.#to.fold(made);
      for (const [i, { name }] of body.inputs.entries()) inner.names.set(name, [index, condition, ...carried][i]);
      this.#initialize(body, inner);
      this.#nodes(body.nodes, inner, new Map());
      const made = body.outputs.map(({ name }) => this.#resolve(inner, name));
      carried = made.slice(1, 1 + initial.length);
      for (const [i, list] of scanned.entries()) list.push(made[1 + initial.length + i]);
    }
    for (const [i, output] of node.outputs.entries()) {
      if (output === '') continue;
      const outputs = [scope.names.get(output) as string];
      const name = `${called}/output ${outputs[0]}`;
      const list = scanned[i - initial.length];
      if (list === undefined) {
        this.#to.emit({ name, op: 'Identity', inputs: [carried[i]], outputs, attributes: {} });
        continue;
      }
      const axes = this.#to.integers({ name, op: 'Loop', inputs: [], outputs, attributes: {} }, 'axes', [0]);
      const rows = list.map((row, trip) => {
        const made = `${name}/${trip}`;
        this.#to.emit({ name: made, op: 'Unsqueeze', inputs: [row, axes], outputs: [made], attributes: {} });
        return made;
      });
      this.#to.emit({ name, op: 'Concat', inputs: rows, outputs, attributes: { axis: 0 } });
    }
  }

  /** A graph among a node's attributes. */
  #graphOf({ attributes }: OnnxNode, name: string, called: string): OnnxGraph {
    const found = attributes.get(name);
    if (found?.kind === 'graph') return found.value;
    throw new BittrueError('file', this.#model.name, `${called} without ${name}`, 'the graphs of a node');
  }

  /** A function's nodes in the place of its call. */
  #call(node: OnnxNode, definition: OnnxFunction, scope: Scope): void {
    const called = scope.path + (node.name || node.outputs[0]);
    const given = new Map(definition.defaults);
    for (const [name, attribute] of node.attributes) {
      const value = attribute.kind === 'reference' ? scope.attributes?.get(attribute.value) : attribute;
      if (value !== undefined) given.set(name, value);
    }
    const inner: Scope = { ...this.#inner(scope, called), opsets: definition.opsets, outer: null, attributes: given };
    definition.inputs.forEach((input, i) => {
      inner.names.set(input, this.#resolve(scope, node.inputs[i] ?? ''));
    });
    this.#inline(node, definition.nodes, definition.outputs, inner, scope);
  }

  #inner(scope: Scope, called: string): Omit<Scope, 'outer' | 'attributes'> {
    const depth = scope.depth + 1;
    if (depth > DEEPEST)
      throw new BittrueError(
        'unsupported',
        this.#model.name,
        `functions or branches more than ${DEEPEST} deep`,
        'fewer',
      );
    return { path: `${called}/`, depth, opsets: scope.opsets, names: new Map() };
  }

  #inline(node: OnnxNode, nodes: readonly OnnxNode[], results: readonly string[], inner: Scope, scope: Scope): void {
    const made = new Set(nodes.flatMap(({ outputs }) => outputs));
    const renamed = new Map<string, string>();
    const copied: [string, string][] = [];
    node.outputs.forEach((output, i) => {
      const result = results[i];
      if (output === '' || result === undefined) return;
      const outside = scope.names.get(output) as string;
      if (made.has(result) && !renamed.has(result)) renamed.set(result, outside);
      else copied.push([result, outside]);
    });
    this.#nodes(nodes, inner, renamed);
    for (const [result, outside] of copied) {
      const inputs = [this.#resolve(inner, result)];
      this.#to.emit({
        name: `${inner.path}output ${outside}`,
        op: 'Identity',
        inputs,
        outputs: [outside],
        attributes: {},
      });
    }
  }
}

/** Whether the body of a loop never ends it: its condition comes out as it went in, or true. */
function goesOn({ inputs, outputs, nodes, initializers }: OnnxGraph): boolean {
  let value = outputs[0]?.name ?? '';
  for (let steps = 0; steps <= nodes.length; steps++) {
    if (value !== '' && value === inputs[1]?.name) return true;
    const held = initializers.get(value);
    if (held !== undefined) return isTrue(held);
    const maker = nodes.find(({ outputs: made }) => made.includes(value));
    if (maker?.operator === 'Constant') {
      const [attribute] = maker.attributes.values();
      return attribute?.kind === 'tensor' && isTrue(attribute.value);
    }
    if (maker?.operator !== 'Identity') return false;
    [value] = maker.inputs;
  }
  return false;
}

/** Whether a tensor of the file is one truth value, and true. */
function isTrue(tensor: OnnxTensor): boolean {
  if (typeof tensor === 'string' || elementCount(tensor.shape) !== 1) return false;
  return Number(tensorAt(tensor, 'a condition').data[0]) === 1;
}

/** Values from around a node that the graphs among its attributes read: it depends on them as on its inputs. */
function captured({ attributes }: OnnxNode): readonly string[] {
  const read = new Set<string>();
  const walk = ({ nodes, inputs, outputs, initializers }: OnnxGraph, outside: ReadonlySet<string>): void => {
    const own = new Set([...outside, ...initializers.keys()]);
    for (const { name } of inputs) own.add(name);
    for (const node of nodes) for (const output of node.outputs) own.add(output);
    const note = (name: string): void => {
      if (name !== '' && !own.has(name)) read.add(name);
    };
    for (const node of nodes) {
      node.inputs.forEach(note);
      for (const inner of node.attributes.values()) if (inner.kind === 'graph') walk(inner.value, own);
    }
    for (const { name } of outputs) note(name);
  };
  for (const attribute of attributes.values()) if (attribute.kind === 'graph') walk(attribute.value, new Set());
  return [...read];
}

function functionName(domain: string, name: string, overload: string): string {
  return `${domain === 'ai.onnx' ? '' : domain}\n${name}\n${overload}`;
}

function shapeOf({ value }: { readonly value: number | readonly number[] }): number[] {
  return typeof value === 'number' ? [] : [value.length];
}

function int64(value: number): bigint {
  return BigInt.asIntN(64, BigInt(Math.min(Math.max(value, -(2 ** 63)), 2 ** 63 - 1024)));
}
