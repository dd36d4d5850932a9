/**
 * JSON from bytes, strictly: invalid UTF-8 and repeated keys are errors (JSON.parse keeps the last of two
 * equal keys in silence, so a header could show one reader another tensor than the next).
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';

/**
 * Parses a JSON object.
 *
 * @param argument what the error names
 * @throws {@link BittrueError} `file`
 */
export function parseJsonObject(bytes: Uint8Array, argument: string): Record<string, unknown> {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw new BittrueError('file', argument, 'bytes that are no JSON text', 'a JSON object in UTF-8');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BittrueError('file', argument, value, 'a JSON object');
  }
  const repeated = repeatedKey(text);
  if (repeated !== null) throw new BittrueError('file', argument, `the key ${repeated} twice`, 'every key once');
  return value as Record<string, unknown>;
}

/** The first key that one object of a valid JSON text holds twice, or null. */
function repeatedKey(text: string): string | null {
  const open: (Set<string> | null)[] = []; // a set of keys for an object, null for an array
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;
  let expectsKey = false;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const token = match[0];
    const top = open[open.length - 1];
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token[0] === '"' && expectsKey && top) {
      const key = JSON.parse(token) as string;
      if (top.has(key)) return key;
      top.add(key);
    }
    expectsKey = token === '{' || (token === ',' && Boolean(open[open.length - 1]));
  }
  return null;
}
