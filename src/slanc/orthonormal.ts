/**
 * Vectors: lengths, products, combinations, orthonormal ones.
 *
 * @module
 */

/** Σ xᵢ·yᵢ */
export function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}

/** ‖x‖ */
export function length(x: Float64Array): number {
  return Math.sqrt(dot(x, x));
}

/** Σ byₖ·vectorsₖ */
export function combined(vectors: readonly Float64Array[], by: readonly number[]): Float64Array {
  const sum = new Float64Array(vectors[0].length);
  vectors.forEach((vector, k) => {
    const factor = by[k];
    for (let i = 0; i < sum.length; i++) sum[i] += factor * vector[i];
  });
  return sum;
}

/**
 * Vectors made orthonormal to a basis and to each other (Gram and Schmidt, twice); what the basis holds already is left out.
 */
export function orthonormalized(vectors: readonly Float64Array[], basis: readonly Float64Array[]): Float64Array[] {
  const made: Float64Array[] = [];
  for (const vector of vectors) {
    const size = length(vector);
    if (size === 0) continue;
    const own = vector.map((x) => x / size);
    for (let pass = 0; pass < 2; pass++) {
      for (const other of [...basis, ...made]) {
        const part = dot(own, other);
        for (let i = 0; i < own.length; i++) own[i] -= part * other[i];
      }
      const rest = length(own);
      // Nothing but rounding is left of it.
      if (rest < 1e-10) break;
      for (let i = 0; i < own.length; i++) own[i] /= rest;
      if (pass === 1) made.push(own);
    }
  }
  return made;
}
