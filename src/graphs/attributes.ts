/**
 * Attributes of nodes as what they have to be.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { Attribute, Node, TypedTensor } from './graph.ts';

/** An integer or real attribute; `usual` where it is absent. */
export function numberOf(node: Node, name: string, usual?: number): number {
  const value = attribute(node, name) ?? usual;
  if (typeof value !== 'number') throw wrong(node, name, value, 'a number');
  return value;
}

/** A text. */
export function textOf(node: Node, name: string, usual?: string): string {
  const value = attribute(node, name) ?? usual;
  if (typeof value !== 'string') throw wrong(node, name, value, 'a text');
  return value;
}

/** A list of numbers; null where it is absent. */
export function numbersOf(node: Node, name: string): readonly number[] | null {
  const value = attribute(node, name) ?? null;
  if (value === null) return null;
  if (!Array.isArray(value) || value.some((one) => typeof one !== 'number')) throw wrong(node, name, value, 'numbers');
  return value as readonly number[];
}

/** A tensor; null where it is absent. */
export function tensorOf(node: Node, name: string): TypedTensor | null {
  const value = attribute(node, name) ?? null;
  if (value === null) return null;
  if (typeof value !== 'object' || !('data' in value)) throw wrong(node, name, value, 'a tensor');
  return value;
}

function attribute({ attributes }: Node, name: string): Attribute | undefined {
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

function wrong(node: Node, name: string, value: unknown, expected: string): BittrueError {
  return new BittrueError('type', `${node.name}: ${name}`, value, expected);
}
