/** Integers biased to the edges, for a million cases. */
import { bits32 } from '../../random.ts';

/** A signed integer of `bits` ≤ 32 bits: a third anywhere, a third of random length, a third at an edge ± 3. */
export function biased(next: () => number, bits: number): number {
  const word = bits32(next);
  const top = 2 ** (bits - 1);
  const kind = word % 3;
  const rest = bits32(next);
  if (kind === 0) return Math.floor((rest / 2 ** 32) * 2 * top) - top;
  if (kind === 1) {
    const length = (word >>> 8) % bits;
    const magnitude = Math.floor((rest / 2 ** 32) * 2 ** length);
    return (word >>> 16) & 1 ? magnitude : -magnitude;
  }
  const edges = [-top, -top / 2, 0, top / 2, top - 1];
  const near = (edges[(word >>> 8) % edges.length] as number) + (rest % 7) - 3;
  return Math.max(-top, Math.min(top - 1, near));
}
