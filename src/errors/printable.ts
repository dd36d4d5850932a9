/**
 * Names from files on terminals.
 *
 * @module
 */

/** What moves the cursor, changes colours or turns text around: control characters, line ends and bidirectional marks. */
const hidden = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text whose control characters are written out, as JSON writes them: a name cannot speak to the terminal. */
export function printable(text: string): string {
  return text.replace(hidden, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Data whose texts, keys included, are {@link printable}: what a rendering reads instead of what it was given. Data
 * without such characters stays the same object.
 */
export function printableData<T>(data: T): T {
  if (typeof data === 'string') return printable(data) as T;
  if (Array.isArray(data)) {
    const shown = data.map(printableData);
    return shown.some((one, i) => !Object.is(one, data[i])) ? (shown as T) : data;
  }
  if (typeof data !== 'object' || data === null || Object.getPrototypeOf(data) !== Object.prototype) return data;
  const entries = Object.entries(data);
  const shown = entries.map(([key, value]) => [printable(key), printableData(value)] as const);
  const isSame = shown.every(([key, value], i) => key === entries[i][0] && Object.is(value, entries[i][1]));
  return isSame ? data : (Object.fromEntries(shown) as T);
}
