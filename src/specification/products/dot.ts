/**
 * What the dot products of rows mean.
 *
 * @module
 */
import { checkInteger, checkObject } from '../../errors/index.ts';
import type { Specification } from '../contract.ts';
import { type Numbers, widen } from '../operands.ts';
import {
  type ProductInputs,
  type ProductOptions,
  type ProductPlan,
  planProduct,
  productKeys,
  productStages,
  type RawProductInputs,
} from './plan.ts';
import { productReference } from './reference.ts';
import { productScalar } from './scalar.ts';

/** Options of `dot`. */
export interface DotOptions extends ProductOptions {
  readonly rows: number;
  /** Elements to a sum, K. */
  readonly width: number;
  /** Addends, one a row; default none: every sum starts at +0. */
  readonly c?: Numbers;
  /** For units with block scales: rows · ⌈width / block⌉ factors, row-major. */
  readonly scaleA?: Numbers;
  readonly scaleB?: Numbers;
}

/** The specification. */
export const dotSpecification: Specification<DotOptions, ProductPlan, ProductInputs, RawProductInputs> = {
  name: 'dot',
  stages: productStages,
  plan: (options) => {
    checkObject('options', options, ['rows', 'width', 'c', 'scaleA', 'scaleB', ...productKeys]);
    const rows = checkInteger('options.rows', options.rows, 0, 2 ** 31);
    const width = checkInteger('options.width', options.width, 0, 2 ** 31);
    return planProduct('dot', options, rows, width, { kind: 'rows' });
  },
  widen: ({ a, b, c, scales }) => ({ a: widen(a), b: widen(b), c: c && widen(c), scales }),
  scalar: productScalar,
  reference: productReference,
};
