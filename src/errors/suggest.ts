/**
 * Near misses: the names that a misspelt one may have meant.
 *
 * @module
 */

/** Names told at once. */
const MOST = 3;
/** No longer name is worth comparing; and none of ours is longer. */
const LONGEST = 40;

/**
 * The names nearest to a text, nearest first: letters inserted, left out, changed or swapped, whatever their case and
 * separators; else those that begin with it, or with which it begins. None where all are far.
 */
export function nearest(text: unknown, names: Iterable<string>): string[] {
  if (typeof text !== 'string' || text === '' || text.length > LONGEST) return [];
  const typed = folded(text);
  const most = typed.length < 3 ? 0 : Math.min(3, Math.ceil(typed.length / 4));
  const found = Array.from(new Set(names), (name) => ({ name, distance: distance(typed, folded(name)) }));
  const least = found.reduce((low, one) => Math.min(low, one.distance), most);
  const near = found.filter((one) => one.distance === least).map(({ name }) => name);
  return (near.length > 0 ? near : found.map(({ name }) => name).filter((name) => begins(typed, folded(name)))).slice(
    0,
    MOST,
  );
}

/** `multiply` for `mul`, `sat` for `saturate`: one begins with the other. */
function begins(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= 3 && (a.startsWith(b) || b.startsWith(a));
}

/** Case and separators are the first to be mistyped, and tell the least. */
function folded(name: string): string {
  return name.toLowerCase().replace(/[\s._-]/g, '');
}

/** Optimal string alignment: edits of single letters and swaps of neighbours. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(change, last[j] + 1, row[j - 1] + 1);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    before = last;
    last = row;
  }
  return last[b.length];
}
