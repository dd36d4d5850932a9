/**
 * How many nodes each level of a tree of additions has.
 *
 * @module
 */

/** Nodes of every level, leaves first: as many as items, or padded to lanes, twice as many, and so on. */
export function treeLevels(count: number, lanes = 0): readonly number[] {
  let width = count;
  if (lanes > 0) for (width = lanes; width < count; ) width *= 2;
  const sizes = [width];
  while (width > 1) {
    width = Math.ceil(width / 2);
    sizes.push(width);
  }
  return sizes;
}
