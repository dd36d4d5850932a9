/**
 * The smallest part of a list that will do, found by asking.
 *
 * @module
 */

/** Whether a part will do. */
export type Asked<T> = (part: readonly T[]) => Promise<boolean>;

/** A part that does. */
export interface Smallest<T> {
  readonly part: readonly T[];
  /** `smallest`: every part of fewer was asked; `irreducible`: none of it can be left out, another part may be smaller. */
  readonly claim: 'smallest' | 'irreducible';
}

/**
 * The smallest part of a list of which the whole does and nothing does not. Parts of one, two, … are asked first as long as
 * all of one size can be asked within `limit` questions; then delta debugging (Zeller and Hildebrandt, IEEE Transactions on
 * Software Engineering 28, 2002, algorithm ddmin) finds one that is irreducible.
 */
export async function smallestPart<T>(list: readonly T[], limit: number, does: Asked<T>): Promise<Smallest<T>> {
  let asked = 0;
  let excluded = 0;
  for (let size = 1; size < list.length && asked + ways(list.length, size) <= limit; size++) {
    for (const part of partsOf(list, size)) {
      asked++;
      if (await does(part)) return { part, claim: 'smallest' };
    }
    excluded = size;
  }
  const part = await irreducible(list, does);
  return { part, claim: part.length <= excluded + 1 ? 'smallest' : 'irreducible' };
}

/** How many parts of a size a list has. */
function ways(length: number, size: number): number {
  let count = 1;
  for (let i = 0; i < size; i++) count = (count * (length - i)) / (i + 1);
  return count;
}

/** All parts of a size, in the order of the list. */
function* partsOf<T>(list: readonly T[], size: number, from = 0): Generator<readonly T[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let i = from; i + size <= list.length; i++) {
    for (const rest of partsOf(list, size - 1, i + 1)) yield [list[i], ...rest];
  }
}

/** A part of which nothing can be left out: by halves, quarters, … of what is left. */
async function irreducible<T>(list: readonly T[], does: Asked<T>): Promise<readonly T[]> {
  let left = list;
  for (let pieces = 2; left.length > 1; ) {
    const size = Math.ceil(left.length / pieces);
    const chunks = Array.from({ length: Math.ceil(left.length / size) }, (_, i) =>
      left.slice(i * size, (i + 1) * size),
    );
    const smaller =
      (await first(chunks, does)) ??
      (await first(
        chunks.map((chunk) => without(left, chunk)),
        does,
      ));
    if (smaller !== null) {
      pieces = chunks.some((chunk) => chunk === smaller) ? 2 : Math.max(2, pieces - 1);
      left = smaller;
    } else if (size === 1) break;
    else pieces = Math.min(left.length, 2 * pieces);
  }
  return left;
}

async function first<T>(parts: readonly (readonly T[])[], does: Asked<T>): Promise<readonly T[] | null> {
  for (const part of parts) if (part.length > 0 && (await does(part))) return part;
  return null;
}

function without<T>(list: readonly T[], gone: readonly T[]): readonly T[] {
  const out = new Set(gone);
  return list.filter((one) => !out.has(one));
}
