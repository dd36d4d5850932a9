/**
 * `bittrue check MODEL --cures`: every cure of an overflowing norm, side by side.
 *
 * @module
 */
import type { Model, Tokens } from '../models/index.ts';
import { formatCures, toJson } from '../reports/index.ts';
import { type CureComparison, compareCures } from '../studies/index.ts';
import type { Target } from '../targets/index.ts';
import { OK } from './exit.ts';
import { type Io, look, print } from './io.ts';
import { progressLine } from './progress.ts';
import { useThreads } from './threads.ts';

interface CuresAsked {
  readonly target: Target;
  readonly residualScales: readonly number[];
  readonly json?: boolean;
}

/** A table of cures for each size of the residual stream; exit 0: what is compared is no verdict. */
export function checkCures(
  model: Model,
  sequences: readonly Tokens[],
  { target, residualScales, json }: CuresAsked,
  io: Io,
): number {
  const found: CureComparison[] = [];
  useThreads();
  for (const residualScale of residualScales) {
    const progress = progressLine(io, `residual scale ${residualScale}: `);
    try {
      progress.begin('the model without rounding');
      found.push(compareCures(model, sequences, { target, residualScale, onProgress: progress.onProgress }));
    } finally {
      progress.finish();
    }
    if (json === true) continue;
    if (found.length > 1) print(io, '');
    print(io, formatCures(found[found.length - 1], look(io)));
  }
  if (json === true) print(io, toJson({ comparisons: found }, 'cure-comparisons/1'));
  return OK;
}
