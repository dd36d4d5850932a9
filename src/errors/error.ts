/**
 * The one error of the library. Every refusal names the argument, what it got and what it wants.
 *
 * @module
 */

import { printable } from './printable.ts';

/** What kind of mistake an error reports. */
export type ErrorCode =
  /** a value of the wrong JavaScript type or form */
  | 'type'
  /** a number outside its range, or NaN or an infinity in a configuration */
  | 'range'
  /** shapes or lengths that do not fit together */
  | 'shape'
  /** a name, notation or option that does not exist */
  | 'name'
  /** a NaN, or a value without a code, where the format has no place for it */
  | 'value'
  /** a file that is missing, truncated, or whose header lies */
  | 'file'
  /** a combination that is well formed but has no defined meaning */
  | 'unsupported'
  /** a thread of an engine that ended or failed before its part of a run was done */
  | 'thread';

/**
 * Thrown by every public function for bad input, and by kernels that lost a thread of their engine.
 *
 * @example
 * import { BittrueError, parseFormat } from 'bittrue';
 * try {
 *   parseFormat('e4m3fm');
 * } catch (error) {
 *   if (!(error instanceof BittrueError)) throw error;
 *   error.code; // 'name'
 *   error.argument; // 'format'
 *   error.received; // 'e4m3fm'
 * }
 */
export class BittrueError extends Error {
  override readonly name = 'BittrueError';
  readonly code: ErrorCode;
  /** The argument at fault, as a path: `gamma`, `options.epsilon`, `target.vectorUnits.simd.load.format`. */
  readonly argument: string;
  /** What was received, in words short enough for a terminal line. */
  readonly received: string;
  /** What would have been accepted. */
  readonly expected: string;
  /** Names that may have been meant, nearest first; most errors have none. */
  readonly suggestions: readonly string[];

  constructor(
    code: ErrorCode,
    argument: string,
    received: unknown,
    expected: string,
    suggestions: readonly string[] = [],
  ) {
    const shown = show(received);
    // What was typed, as it was typed; other texts are our words for what was found.
    const isTyped = typeof received === 'string' && (code === 'name' || code === 'type');
    const place = brief(typeof argument === 'string' ? argument : 'argument', 200);
    const wanted = brief(expected, LONGEST);
    const told = suggestions.length === 0 ? wanted : opening(wanted);
    super(`${place}: expected ${told}, received ${isTyped ? `'${shown}'` : shown}${question(suggestions)}`);
    this.code = code;
    this.argument = place;
    this.received = shown;
    this.expected = wanted;
    this.suggestions = suggestions;
  }
}

/** Beside a suggestion the first names of a list say enough. */
function opening(wanted: string): string {
  const end = wanted.lastIndexOf(', ', 48);
  return wanted.length <= 60 || end < 0 ? wanted : `${wanted.slice(0, end)}, …`;
}

function question(names: readonly string[]): string {
  if (names.length === 0) return '';
  const [last, ...others] = [...names].reverse();
  return `: did you mean ${others.length === 0 ? last : `${others.reverse().join(', ')} or ${last}`}?`;
}

/** The same error of an argument by another name. */
export function renamed(error: BittrueError, argument: string): BittrueError {
  const isTyped = error.message.includes(`, received '${error.received}'`);
  const received = isTyped ? error.received : new Words(error.received);
  return new BittrueError(error.code, argument, received, error.expected, error.suggestions);
}

/** What was received, in words. */
class Words {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Lists of names are told whole; a shape of a thousand axes is not. */
const LONGEST = 1600;

/** A received value in a few words. What throws when it is looked at (a revoked proxy, a getter) is told as that. */
function show(value: unknown): string {
  try {
    return shown(value);
  } catch {
    return 'an object that throws when it is read';
  }
}

/** Strings as they are, arrays and objects by their size. */
function shown(value: unknown): string {
  if (typeof value === 'string') return brief(value, 80);
  if (value instanceof Words) return value.text;
  if (Object.is(value, -0)) return '-0';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) {
    const length = (value as { length?: number }).length ?? value.byteLength;
    return `${value.constructor.name}(${length})`;
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value);
    const names = keys.slice(0, 5).map((key) => brief(key, 40));
    return `{ ${names.join(', ')}${keys.length > 5 ? ', …' : ''} }`;
  }
  return brief(String(value), 80);
}

/** A text that fits into a line and says nothing to the terminal. */
function brief(text: string, longest: number): string {
  return printable(text.length > longest ? `${text.slice(0, longest - 3)}…` : text);
}
