/**
 * Text in pictures: escaped, and how much room it takes.
 *
 * @module
 */
import { printable } from '../../errors/index.ts';

/** Text as it may stand in SVG and HTML. */
export function escaped(text: string): string {
  return printable(text).replace(
    /[&<>"]/g,
    (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] as string,
  );
}

/** A little more than a text is wide in any sans-serif font of so many pixels. */
export function widthOf(text: string, size: number): number {
  return text.length * size * 0.6;
}

/** Lines of words that are no wider; a word that is gets cut. */
export function wrapped(text: string, size: number, width: number): string[] {
  const most = Math.max(4, Math.floor(width / (size * 0.6)));
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= most) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = shortened(word, most);
  }
  return line === '' ? lines : [...lines, line];
}

/** A text of at most so many characters, the cut marked. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`;
}
