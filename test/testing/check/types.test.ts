/** The types that callers of the checks see. */
import { expectTypeOf, it } from 'vitest';
import {
  type BlockQuantizer,
  type BlockQuantizerCheck,
  type Check,
  checkBlockQuantizer,
  checkBlocks,
  checkQuantizer,
  checkRequantization,
  checkRounding,
  checkStochasticRounding,
  checkTable,
  type Runner,
  type StochasticCheck,
  starterTest,
  type TableTask,
} from '../../../src/testing/check/index.ts';

it('a check of what answers at once is there at once, of a promise a promise', () => {
  expectTypeOf(checkRounding<number, number>).returns.toEqualTypeOf<Check>();
  expectTypeOf(checkRounding<number, Promise<number>>).returns.toEqualTypeOf<Promise<Check>>();
  expectTypeOf(checkQuantizer<number, number>).returns.toEqualTypeOf<Check>();
  expectTypeOf(checkRequantization<number, Promise<number>>).returns.toEqualTypeOf<Promise<Check>>();
});

it('blocks have two verdicts, stochastic rounding a rate of false alarms', () => {
  expectTypeOf(checkBlockQuantizer).returns.toEqualTypeOf<BlockQuantizerCheck>();
  expectTypeOf(checkBlocks).returns.toEqualTypeOf<BlockQuantizerCheck>();
  expectTypeOf<BlockQuantizer>().parameter(0).toEqualTypeOf<Float32Array>();
  expectTypeOf(checkStochasticRounding).returns.toEqualTypeOf<StochasticCheck>();
  expectTypeOf<StochasticCheck>().toExtend<Check>();
  expectTypeOf<StochasticCheck['falseAlarm']>().toEqualTypeOf<number>();
});

it('tables take what their kind takes', () => {
  expectTypeOf(checkTable).returns.toEqualTypeOf<Check>();
  expectTypeOf<TableTask['kind']>().toEqualTypeOf<'rounding' | 'quantizer' | 'requantization' | 'stochasticRounding'>();
  expectTypeOf(starterTest).parameter(0).toEqualTypeOf<Runner>();
});
