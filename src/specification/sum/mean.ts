/**
 * What the mean of numbers that are already summed means: the sum times round(1/n), or over round(n), as the vector unit
 * forms the means of a norm. The sum is taken as the accumulator left it.
 *
 * @module
 */
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { checkInteger, checkObject } from '../../errors/checks.ts';
import { ExtentRecorder } from '../../events/extent.ts';
import { outputError } from '../../events/outputError.ts';
import { idealRounding } from '../../rounding/ideal.ts';
import type { Target, VectorUnit } from '../../targets/target.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { type Plan, planRecord, type RecordOptions, type Result, recordKeys, type Specification } from '../contract.ts';
import { madeTarget, vectorUnit } from '../made.ts';
import { type Numbers, numbers, widen, withRows } from '../operands.ts';
import { runSpecification } from '../run.ts';
import { storeSum } from '../stages.ts';

/** Options of {@link meanOfSums}. */
export interface MeanOptions extends RecordOptions {
  /** How many sums there are. */
  readonly rows: number;
  /** How many numbers each is of. */
  readonly width: number;
  readonly target: Target;
}

interface MeanPlan extends Plan {
  readonly unit: Pick<VectorUnit, 'mean' | 'statistics' | 'store'>;
}

const stages = ['constants', 'mean', 'store'] as const;

function planMean(options: MeanOptions): MeanPlan {
  checkObject('options', options, ['rows', 'width', 'target', ...recordKeys]);
  const rows = checkInteger('options.rows', options.rows, 0, 2 ** 31);
  const width = checkInteger('options.width', options.width, 0, 2 ** 32);
  const target = madeTarget(options.target);
  const { mean, statistics, store } = vectorUnit(target);
  return {
    kernel: 'mean',
    rows,
    width,
    stages,
    ...planRecord(options),
    size: rows,
    span: 1,
    outputFormat: store.format,
    configuration: { target },
    unit: { mean, statistics, store },
  };
}

const meanSpecification: Specification<MeanOptions, MeanPlan, Float64Array, FloatArray> = {
  name: 'mean',
  stages,
  plan: planMean,
  inputs: ({ rows }, [sums]) => numbers('sums', sums, rows),
  widen,
  fit: (plan, [sums]) => withRows(plan, (sums as Numbers).length),
  scalar({ unit }) {
    const divides = unit.mean === 'divide';
    const statistics = new ValueUnit(unit.statistics.format, unit.statistics.policy);
    const storer = new ValueUnit(unit.store.format, unit.store.policy);
    return ({ rows, width }, sums, recorder) => {
      const output = new Float64Array(rows);
      recorder.stage = 0;
      const by = divides ? statistics.round(width, recorder) : statistics.divide(1, width, recorder);
      if (statistics.flags !== 0) {
        if (divides) recorder.note(statistics.flags, 'round', null, 0, width, 0, 0, by);
        else recorder.note(statistics.flags, 'divide', null, 0, 1, width, 0, by);
      }
      for (let r = 0; r < rows; r++) {
        const sum = sums[r] as number;
        recorder.row = r;
        recorder.index = r;
        recorder.step = 0;
        recorder.stage = 1;
        const mean = divides ? statistics.divide(sum, by, recorder) : statistics.multiply(sum, by, recorder);
        if (statistics.flags !== 0)
          recorder.note(statistics.flags, divides ? 'divide' : 'multiply', null, 0, sum, by, 0, mean);
        recorder.see(mean, statistics.binades);
        const y = storeSum(storer, mean, r, 2, recorder);
        output[r] = y;
        recorder.endRow(Number.isFinite(y));
      }
      recorder.end();
      return output;
    };
  },
  reference(plan, sums, output) {
    const { unit, width } = plan;
    const recorder = new ExtentRecorder(stages, plan.rows, [null, unit.statistics, unit.store]);
    const ideal = { ...plan, unit: { ...unit, statistics: idealRounding, store: idealRounding } };
    meanSpecification.scalar(ideal)(ideal, sums, recorder);
    const real = sums.map((sum) => sum / width);
    return { ...recorder.room(), error: outputError(unit.store.format, output, real) };
  },
};

/** Means of sums on a target's vector unit: stages `constants`, `mean`, `store`. */
export function meanOfSums(sums: Numbers, options: MeanOptions): Result {
  return runSpecification(meanSpecification, options, [sums]);
}
