/**
 * The binary64 numbers in order, as integers: what makes "one ulp beside a midpoint" plain arithmetic.
 *
 * @module
 */
import { checkInteger, checkNumber } from '../errors/index.ts';

const float64 = /* @__PURE__ */ new Float64Array(1);
const int64 = /* @__PURE__ */ new BigInt64Array(float64.buffer);

/**
 * The number `steps` binary64 numbers above x (below, when negative). NaN and infinities stay as they are, and nothing
 * passes beyond ±Infinity.
 *
 * @example
 * import { nextNumber } from 'bittrue/testing';
 * nextNumber(1, 1); // 1.0000000000000002
 * nextNumber(0, -1); // -5e-324
 */
export function nextNumber(x: number, steps: number): number {
  checkNumber('x', x);
  checkInteger('steps', steps, -(2 ** 53), 2 ** 53);
  if (!Number.isFinite(x) || steps === 0) return x;
  float64[0] = x;
  const code = int64[0] as bigint;
  // Codes ascend with the magnitude; negative numbers count downward from zero.
  const magnitude = code & 0x7fffffffffffffffn;
  const moved = (code < 0n ? -magnitude : magnitude) + BigInt(steps);
  const infinity = 0x7ff0000000000000n;
  if (moved >= infinity) return Infinity;
  if (moved <= -infinity) return -Infinity;
  int64[0] = moved < 0n ? -moved : moved;
  const result = float64[0] as number;
  return moved < 0n ? -result : result;
}
