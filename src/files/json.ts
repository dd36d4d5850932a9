/**
 * JSON from bytes, strictly: invalid UTF-8 and repeated keys are errors (JSON.parse keeps the last of two
 * equal keys in silence, so a header could show one reader another tensor than the next), and so is nesting deeper than
 * any file here needs, which would end later readers at their stack.
 *
 * @module
 */
import { BittrueError, checkText } from '../errors/index.ts';
import type { ByteSource } from './source.ts';

/** Arrays and objects within each other. */
const DEEPEST = 64;

/** Bytes of a whole file. JavaScript's strings have no room for twice as many characters. */
const MOST = 2 ** 28;

/**
 * Reads a file that is one JSON object.
 *
 * @throws {@link BittrueError} as {@link parseJsonObject}, and for a file of more than 256 MiB
 */
export function readJsonObject(source: ByteSource): Record<string, unknown> {
  const { name, size } = source;
  if (size > MOST) throw new BittrueError('file', name, `${size} bytes`, `at most ${MOST} bytes of JSON`);
  return parseJsonObject(source.read(0, size), name);
}

/**
 * Parses a JSON object.
 *
 * @param argument what the error names
 * @throws {@link BittrueError} `file`, with line and column
 */
export function parseJsonObject(bytes: Uint8Array, argument: string): Record<string, unknown> {
  checkText('argument', argument);
  if (!(bytes instanceof Uint8Array)) throw new BittrueError('type', argument, bytes, 'a Uint8Array');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new BittrueError('file', argument, 'bytes that are no UTF-8', 'a JSON object in UTF-8');
  }
  const fault = faultOf(text);
  if (fault !== null) {
    throw new BittrueError('file', argument, `${fault.received} at ${place(text, fault.at)}`, fault.expected);
  }
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BittrueError('file', argument, value, 'a JSON object');
  }
  return value as Record<string, unknown>;
}

/** Both from 1, as editors count them. */
function place(text: string, at: number): string {
  const lines = text.slice(0, at).split('\n');
  return `line ${lines.length}, column ${(lines[lines.length - 1] as string).length + 1}`;
}

interface Fault {
  readonly at: number;
  readonly received: string;
  readonly expected: string;
}

const blanks = /[ \t\n\r]*/y;
const scalar = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;

/** The first place where a text (RFC 8259) is no JSON, is too deep, or has a key twice; null for none. No recursion. */
function faultOf(text: string): Fault | null {
  const open: (Set<string> | null)[] = []; // a set of keys for an object, null for an array
  let at = 0;
  const skip = (): void => {
    blanks.lastIndex = at;
    blanks.exec(text);
    at = blanks.lastIndex;
  };
  const wrong = (expected: string): Fault => {
    const received = at < text.length ? text.slice(at, at + 20) : 'the end';
    return { at, received, expected };
  };
  let wants: 'value' | 'firstValue' | 'key' | 'firstKey' | 'next' = 'value';
  for (;;) {
    skip();
    const top = open[open.length - 1];
    const mark = text[at];
    if (wants === 'next') {
      if (open.length === 0) return at === text.length ? null : wrong('the end of the JSON text');
      const close = top === null ? ']' : '}';
      if (mark === ',') wants = top === null ? 'value' : 'key';
      else if (mark === close) open.pop();
      else return wrong(`, or ${close}`);
      at++;
    } else if ((wants === 'firstValue' && mark === ']') || (wants === 'firstKey' && mark === '}')) {
      open.pop();
      at++;
      wants = 'next';
    } else if (wants === 'key' || wants === 'firstKey') {
      const end = mark === '"' ? stringEnd(text, at) : -1;
      if (end < 0) return wrong('a key in double quotes');
      const key = JSON.parse(text.slice(at, end)) as string;
      if ((top as Set<string>).has(key))
        return { at, received: `the key ${key.slice(0, 40)} twice`, expected: 'every key once' };
      (top as Set<string>).add(key);
      at = end;
      skip();
      if (text[at] !== ':') return wrong(':');
      at++;
      wants = 'value';
    } else if (mark === '{' || mark === '[') {
      if (open.length === DEEPEST) return { at, received: `more than ${DEEPEST} levels`, expected: 'less nesting' };
      open.push(mark === '{' ? new Set() : null);
      at++;
      wants = mark === '{' ? 'firstKey' : 'firstValue';
    } else {
      const end = mark === '"' ? stringEnd(text, at) : scalarEnd(text, at);
      if (end < 0) return wrong('a JSON value');
      at = end;
      wants = 'next';
    }
  }
}

function scalarEnd(text: string, at: number): number {
  scalar.lastIndex = at;
  return scalar.test(text) ? scalar.lastIndex : -1;
}

/** Where a string that begins at `at` has ended; −1 for one that has not, or holds what a string may not. */
function stringEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i + 1;
    if (code < 0x20) return -1;
    if (code === 0x5c) {
      i++;
      const escaped = text[i];
      if (escaped === 'u') {
        if (!/^[0-9a-fA-F]{4}$/.test(text.slice(i + 1, i + 5))) return -1;
        i += 4;
      } else if (escaped === undefined || !'"\\/bfnrt'.includes(escaped)) return -1;
    }
  }
  return -1;
}
