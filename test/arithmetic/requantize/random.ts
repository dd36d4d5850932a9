/** Small deterministic generators for a million cases: a counter-based mix, and integers biased to the edges. */

/** 32 random bits for a counter (the finaliser of MurmurHash3). */
export function bits32(seed: number, n: number): number {
  let h = (Math.imul(n, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A signed integer of `bits` ≤ 32 bits: a third anywhere, a third of random length, a third at an edge ± 3. */
export function biased(seed: number, n: number, bits: number): number {
  const word = bits32(seed, n);
  const top = 2 ** (bits - 1);
  const kind = word % 3;
  const rest = bits32(seed + 101, n);
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
