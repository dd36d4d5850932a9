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
