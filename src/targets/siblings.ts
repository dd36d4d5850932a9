/**
 * Chips that have the matrix cores of another one, by their vendor's documents (NVIDIA's table of compute capabilities,
 * CUDA C++ Programming Guide; AMD's list of gfx targets, ROCm documentation). H200 and L40S were measured themselves
 * (Khattak & Mikaitis); what was measured of the others' cores, was measured elsewhere.
 *
 * @module
 */
import { mi200, mi300 } from './amd.ts';
import { defineTarget } from './define.ts';
import { a2, a100, ada, b200, h100, rtxBlackwell, t4, v100 } from './nvidia.ts';
import type { MatrixUnit, Target, VectorUnit, Verified } from './target.ts';

function sibling(of: Target, name: string, title: string, isMeasured = false): Target {
  const known = (how: Verified): Verified => (how === 'silicon' && !isMeasured ? 'documented' : how);
  const alike = <Unit extends VectorUnit | MatrixUnit>(units: Readonly<Record<string, Unit>>): Record<string, Unit> =>
    Object.fromEntries(
      Object.entries(units).map(([key, unit]) => [
        key,
        {
          ...unit,
          verified: known(unit.verified),
          confidence: isMeasured ? unit.confidence : `as on ${of.name}: ${unit.confidence}`,
        },
      ]),
    );
  return defineTarget({
    ...of,
    name,
    summary: `${title}: ${of.summary}`,
    sameAs: of.name,
    verified: known(of.verified),
    vectorUnits: alike(of.vectorUnits),
    matrixUnits: alike(of.matrixUnits),
  });
}

/** TITAN V. */
export const titanV = /* @__PURE__ */ sibling(v100, 'titanV', 'TITAN V');
/** TITAN RTX. */
export const titanRtx = /* @__PURE__ */ sibling(t4, 'titanRtx', 'TITAN RTX');
/** A30. */
export const a30 = /* @__PURE__ */ sibling(a100, 'a30', 'A30');
/** A800. */
export const a800 = /* @__PURE__ */ sibling(a100, 'a800', 'A800');
/** A10. */
export const a10 = /* @__PURE__ */ sibling(a2, 'a10', 'A10');
/** A10G. */
export const a10g = /* @__PURE__ */ sibling(a2, 'a10g', 'A10G');
/** A16. */
export const a16 = /* @__PURE__ */ sibling(a2, 'a16', 'A16');
/** A40. */
export const a40 = /* @__PURE__ */ sibling(a2, 'a40', 'A40');
/** RTX A6000. */
export const rtxA6000 = /* @__PURE__ */ sibling(a2, 'rtxA6000', 'RTX A6000');
/** GeForce RTX 3090. */
export const rtx3090 = /* @__PURE__ */ sibling(a2, 'rtx3090', 'GeForce RTX 3090');
/** L40S. */
export const l40s = /* @__PURE__ */ sibling(ada, 'l40s', 'L40S', true);
/** L40. */
export const l40 = /* @__PURE__ */ sibling(ada, 'l40', 'L40');
/** L4. */
export const l4 = /* @__PURE__ */ sibling(ada, 'l4', 'L4');
/** RTX 6000 Ada. */
export const rtx6000Ada = /* @__PURE__ */ sibling(ada, 'rtx6000Ada', 'RTX 6000 Ada');
/** GeForce RTX 4090. */
export const rtx4090 = /* @__PURE__ */ sibling(ada, 'rtx4090', 'GeForce RTX 4090');
/** H200. */
export const h200 = /* @__PURE__ */ sibling(h100, 'h200', 'H200', true);
/** H800. */
export const h800 = /* @__PURE__ */ sibling(h100, 'h800', 'H800');
/** H20. */
export const h20 = /* @__PURE__ */ sibling(h100, 'h20', 'H20');
/** GH200. */
export const gh200 = /* @__PURE__ */ sibling(h100, 'gh200', 'GH200');
/** B100. */
export const b100 = /* @__PURE__ */ sibling(b200, 'b100', 'B100');
/** GB200. */
export const gb200 = /* @__PURE__ */ sibling(b200, 'gb200', 'GB200');
/** RTX PRO 6000 Blackwell. */
export const rtxPro6000 = /* @__PURE__ */ sibling(rtxBlackwell, 'rtxPro6000', 'RTX PRO 6000 Blackwell');
/** GeForce RTX 5090. */
export const rtx5090 = /* @__PURE__ */ sibling(rtxBlackwell, 'rtx5090', 'GeForce RTX 5090');
/** Instinct MI210. */
export const mi210 = /* @__PURE__ */ sibling(mi200, 'mi210', 'Instinct MI210');
/** Instinct MI250. */
export const mi250 = /* @__PURE__ */ sibling(mi200, 'mi250', 'Instinct MI250');
/** Instinct MI250X. */
export const mi250x = /* @__PURE__ */ sibling(mi200, 'mi250x', 'Instinct MI250X');
/** Instinct MI300A. */
export const mi300a = /* @__PURE__ */ sibling(mi300, 'mi300a', 'Instinct MI300A');
/** Instinct MI300X. */
export const mi300x = /* @__PURE__ */ sibling(mi300, 'mi300x', 'Instinct MI300X');
/** Instinct MI325X. */
export const mi325x = /* @__PURE__ */ sibling(mi300, 'mi325x', 'Instinct MI325X');
