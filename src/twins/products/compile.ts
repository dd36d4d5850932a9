/**
 * The fast twin of a product of matrices: the first of the ways that takes its unit.
 *
 * @module
 */
import type { Engine } from '../../engine/engine.ts';
import type { ProductPlan, RawProductInputs } from '../../specification/products/plan.ts';
import { layoutOf } from '../instructions/load.ts';
import { compileInstructions } from '../instructions/products.ts';
import type { Twin } from '../twin.ts';
import { compileIntegers } from './integer.ts';
import { compileMatmul } from './matmul.ts';

/**
 * The twin of a plan, or null where its unit has none. Twins lay columns side by side, and leave most lanes idle where there is
 * one; the instructions then lay rows so. They alone show every sum on its way, for its magnitude to be counted.
 */
export function compileProduct(plan: ProductPlan, engine: Engine): Twin<RawProductInputs> | null {
  return (
    (plan.magnitudes || (plan.rows >= 8 && layoutOf(plan) === 'oneColumn')
      ? compileInstructions(plan, engine)
      : null) ??
    compileIntegers(plan, engine) ??
    compileMatmul(plan, engine) ??
    compileInstructions(plan, engine)
  );
}
