/**
 * Checks at the edge: each takes the argument's name first and throws a {@link BittrueError}.
 * Inner loops never call them.
 *
 * @module
 */
import { BittrueError, renamed } from './error.ts';
import { nearest } from './suggest.ts';

/** An integer in `[low, high]`. */
export function checkInteger(argument: string, value: unknown, low: number, high: number): number {
  if (typeof value !== 'number') throw new BittrueError('type', argument, value, `an integer in ${low}…${high}`);
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new BittrueError('range', argument, value, `an integer in ${low}…${high}`);
  }
  return value;
}

/** A finite number: configuration may hold no NaN and no infinity. */
export function checkFinite(argument: string, value: unknown): number {
  if (typeof value !== 'number') throw new BittrueError('type', argument, value, 'a finite number');
  if (!Number.isFinite(value)) throw new BittrueError('range', argument, value, 'a finite number');
  return value;
}

/** A finite number greater than zero. */
export function checkPositive(argument: string, value: unknown): number {
  if (checkFinite(argument, value) <= 0) throw new BittrueError('range', argument, value, 'a number greater than 0');
  return value as number;
}

/** A number of any kind, NaN and infinities included (data, not configuration). */
export function checkNumber(argument: string, value: unknown): number {
  if (typeof value !== 'number') throw new BittrueError('type', argument, value, 'a number');
  return value;
}

/** True or false. */
export function checkBoolean(argument: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new BittrueError('type', argument, value, 'true or false');
  return value;
}

/** One of a list of names. `meant`: which of them a wrong one may mean. */
export function checkName<T extends string>(
  argument: string,
  value: unknown,
  names: readonly T[],
  meant: (value: unknown, names: readonly T[]) => string[] = nearest,
): T {
  if (typeof value !== 'string' || !names.includes(value as T)) {
    throw new BittrueError('name', argument, value, `one of ${names.join(', ')}`, meant(value, names));
  }
  return value as T;
}

/** Runs a check that knows its argument by a shorter name, and puts the full path into its error. */
export function checkAs<T>(path: (argument: string) => string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof BittrueError)) throw error;
    throw renamed(error, path(error.argument));
  }
}

/** A text. */
export function checkText(argument: string, value: unknown, expected = 'a text'): string {
  if (typeof value !== 'string') throw new BittrueError('type', argument, value, expected);
  return value;
}

/** An array. */
export function checkList(argument: string, value: unknown): readonly unknown[] {
  if (!isReadable(value) || !Array.isArray(value)) throw new BittrueError('type', argument, value, 'an array');
  // Loops of one kind skip holes, and those of the other read undefined.
  for (let i = 0; i < value.length; i++) {
    if (!(i in value)) throw new BittrueError('type', `${argument}[${i}]`, undefined, 'an array without holes');
  }
  return value;
}

/** Whether an object can be read: a revoked proxy throws at whatever is asked of it. */
export function isReadable(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  try {
    Array.isArray(value);
    return true;
  } catch {
    return false;
  }
}

/** The fields of what may be no object, or one that cannot be read: none then. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return (isReadable(value) ? value : {}) as Record<string, unknown>;
}

/** Whether a value was made by one of some classes. `instanceof` alone throws at a revoked proxy. */
export function isOf<T>(value: unknown, ...classes: readonly (abstract new (...args: never[]) => T)[]): value is T {
  return isReadable(value) && classes.some((one) => value instanceof one);
}

/** A plain object, whatever its keys. */
export function checkRecord<T>(argument: string, value: T, expected: string): T {
  if (!isRecord(value)) throw new BittrueError('type', argument, value, expected);
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return isReadable(value) && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** A plain object whose keys all stand in `keys`: a misspelt option is an error, not a silent default. */
export function checkObject(argument: string, value: unknown, keys: readonly string[]): Record<string, unknown> {
  if (!isRecord(value)) throw new BittrueError('type', argument, value, `an object with ${keys.join(', ')}`);
  for (const key of Object.keys(value)) {
    if (keys.includes(key)) continue;
    throw new BittrueError('name', `${argument}.${key}`, key, `one of ${keys.join(', ')}`, nearest(key, keys));
  }
  return value;
}

/** Data that a function of the library makes, known by fields that it has. */
export function checkMade<T>(argument: string, value: T, fields: readonly string[], expected: string): T {
  const made = fieldsOf(value);
  for (const field of fields) {
    if (made[field] === undefined) throw new BittrueError('type', argument, value, expected);
  }
  return value;
}

/** A function. */
export function checkFunction<T>(argument: string, value: T, expected = 'a function'): T {
  if (typeof value !== 'function') throw new BittrueError('type', argument, value, expected);
  return value;
}

/** Numbers: an array, or a typed array of numbers. */
export function checkNumbers(argument: string, value: ArrayLike<number>, expected = 'an array of numbers'): void {
  const isTyped = ArrayBuffer.isView(value) && !(value instanceof DataView);
  if (!isTyped && !(isReadable(value) && Array.isArray(value)))
    throw new BittrueError('type', argument, value, expected);
  if (Array.isArray(value)) {
    const wrong = value.findIndex((one) => typeof one !== 'number');
    if (wrong >= 0) throw new BittrueError('type', `${argument}[${wrong}]`, value[wrong], 'a number');
  } else if (typeof (value as ArrayLike<unknown>)[0] === 'bigint') {
    throw new BittrueError('type', argument, value, 'numbers, not bigints');
  } else if (isDetached(value as Float64Array)) {
    throw new BittrueError('value', argument, value, 'an array whose memory is still its own');
  }
}

/** Whether a typed array's memory is gone: given to another thread, or shrunk below it. */
export function isDetached(array: { values(): unknown }): boolean {
  try {
    array.values();
    return false;
  } catch {
    return true;
  }
}

/** Data of the library's own making, known by its `schema`: a report, a comparison. Of a later version: refused by name. */
export function checkSchema(argument: string, value: unknown, schemas: readonly string[]): void {
  const { schema } = fieldsOf(value);
  if (typeof schema === 'string' && schemas.includes(schema)) return;
  const [, name, version] = /^([a-z-]+)\/(\d+)$/.exec(String(schema)) ?? [];
  const own = schemas.find((known) => known.split('/')[0] === name);
  if (own !== undefined && Number(version) > Number(own.split('/')[1])) {
    throw new BittrueError(
      'unsupported',
      `${argument}.schema`,
      schema,
      `${own}: a later version of bittrue wrote this`,
    );
  }
  throw new BittrueError('type', argument, value, `data with schema ${schemas.join(' or ')}`);
}
