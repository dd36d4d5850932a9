/**
 * The names of stages, known to the compiler: a misspelt one in `report.counts` is an error of types.
 *
 * @module
 */
import { describe, expect, expectTypeOf, it } from 'vitest';
import { mergeReports, type Report } from '../../src/events/index.ts';
import {
  type AttentionStage,
  type add,
  type attention,
  type cast,
  type castCodes,
  type dot,
  type EpilogueStage,
  type epilogue,
  layerNorm,
  type matmul,
  type multiply,
  type NormStage,
  type ProductStage,
  type rmsNorm,
  type SoftmaxStage,
  type SumStage,
  type softmax,
  sum,
  type UnaryStage,
  type unary,
} from '../../src/kernels/index.ts';
import type { layerNorm as specified } from '../../src/specification/index.ts';

type StagesOf<Call extends (...given: never[]) => { readonly report: Report }> =
  keyof ReturnType<Call>['report']['counts'];

describe('the stages of a report', () => {
  it('have the names of the kernel', () => {
    expectTypeOf<StagesOf<typeof layerNorm>>().toEqualTypeOf<NormStage>();
    expectTypeOf<StagesOf<typeof rmsNorm>>().toEqualTypeOf<NormStage>();
    expectTypeOf<StagesOf<typeof specified>>().toEqualTypeOf<NormStage>();
    expectTypeOf<StagesOf<typeof softmax>>().toEqualTypeOf<SoftmaxStage>();
    expectTypeOf<StagesOf<typeof attention>>().toEqualTypeOf<AttentionStage>();
    expectTypeOf<StagesOf<typeof unary>>().toEqualTypeOf<UnaryStage>();
    expectTypeOf<StagesOf<typeof epilogue>>().toEqualTypeOf<EpilogueStage>();
    expectTypeOf<StagesOf<typeof sum>>().toEqualTypeOf<SumStage>();
    expectTypeOf<StagesOf<typeof dot>>().toEqualTypeOf<ProductStage>();
    expectTypeOf<StagesOf<typeof matmul>>().toEqualTypeOf<ProductStage>();
    expectTypeOf<StagesOf<typeof cast>>().toEqualTypeOf<'cast'>();
    expectTypeOf<StagesOf<typeof castCodes>>().toEqualTypeOf<'cast'>();
    expectTypeOf<StagesOf<typeof add>>().toEqualTypeOf<'loadX' | 'loadY' | 'add' | 'store'>();
    expectTypeOf<StagesOf<typeof multiply>>().toEqualTypeOf<'loadX' | 'loadY' | 'multiply' | 'store'>();
  });

  it('are checked where a count, a first event or the room of a stage is read', () => {
    const { report } = layerNorm([300, -300], { rows: 1, width: 2, target: 'fp16', reference: true });
    expect(report.counts.square.overflow).toBe(2);
    // @ts-expect-error: no stage has this name
    expect(report.counts.sqare).toBeUndefined();
    // @ts-expect-error: nor here
    expect(report.headroom?.sqare).toBeUndefined();
    // @ts-expect-error: nor is it one that an event can name
    expect(report.first.overflow?.stage === 'sqare').toBe(false);
    const again = layerNorm.prepare({ width: 2, target: 'fp16' })([300, -300]).report;
    // @ts-expect-error: a prepared kernel's report knows them, too
    expect(again.counts.sqare).toBeUndefined();
  });

  it('fit where a report of any kernel is taken', () => {
    const { report } = sum([1, 2], { rows: 1, width: 2, target: 'fp16' });
    expectTypeOf(report).toExtend<Report>();
    expect(mergeReports([report, report]).rows).toBe(2);
  });
});
