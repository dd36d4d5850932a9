import { describe, expect, it } from 'vitest';
import { binary16, e2m1fn, e4m3fn, int8 } from '../../src/formats/index.ts';
import { defineRounding, flagNames, resolvePolicy, roundTo } from '../../src/rounding/index.ts';
import { failure } from '../testing/helpers.ts';

describe('resolvePolicy', () => {
  it("has the standard's overflow for each kind of format", () => {
    expect(resolvePolicy(binary16).overflow).toBe('ieee');
    expect(resolvePolicy(e4m3fn).overflow).toBe('nan');
    expect(resolvePolicy(e2m1fn).overflow).toBe('saturate');
    expect(resolvePolicy(int8).overflow).toBe('saturate');
  });

  it('is complete and frozen', () => {
    const policy = resolvePolicy(binary16, { rounding: 'toOdd' });
    expect(policy).toEqual({
      rounding: 'toOdd',
      overflow: 'ieee',
      subnormals: 'gradual',
      tininess: 'afterRounding',
      nanInput: 'error',
      parity: 'significand',
      fusedInvalid: 'always',
      flushFlags: 'underflowInexact',
    });
    expect(Object.isFrozen(policy)).toBe(true);
  });

  const bad: [given: unknown, expected: string][] = [
    [null, 'type policy'],
    [{ rounding: 'up' }, 'name policy.rounding'],
    [{ overflow: 'clip' }, 'name policy.overflow'],
    [{ subnormals: 'none' }, 'name policy.subnormals'],
    [{ tininess: 'never' }, 'name policy.tininess'],
    [{ nanInput: 'ignore' }, 'name policy.nanInput'],
    [{ parity: 'bit' }, 'name policy.parity'],
    [{ fusedInvalid: 'never' }, 'name policy.fusedInvalid'],
    [{ flushFlags: 'inexact' }, 'name policy.flushFlags'],
    [{ saturate: true }, 'name policy.saturate'],
    [{ rounding: 1 }, 'name policy.rounding'],
  ];
  it.each(bad)('refuses %j', (given, expected) => {
    expect(failure(() => resolvePolicy(binary16, given as never))).toBe(expected);
  });
});

describe('roundTo', () => {
  it('is a format with its policy', () => {
    expect(roundTo(binary16, { subnormals: 'flushBoth' })).toEqual({
      format: binary16,
      policy: resolvePolicy(binary16, { subnormals: 'flushBoth' }),
    });
    expect(failure(() => roundTo('binary16' as never))).toBe('type format');
  });

  it('comes from data: notations, fields, partial policies', () => {
    expect(defineRounding({ format: 'binary16' })).toEqual(roundTo(binary16));
    expect(defineRounding({ format: { ...int8 }, policy: { overflow: 'wrap' } })).toEqual(
      roundTo(int8, { overflow: 'wrap' }),
    );
    expect(defineRounding({ format: { kind: 'float', exponentBits: 5, mantissaBits: 10 } })).toEqual(roundTo(binary16));
    expect(defineRounding(JSON.parse(JSON.stringify(roundTo(e4m3fn))))).toEqual(roundTo(e4m3fn));
  });

  const bad: [given: unknown, expected: string][] = [
    [undefined, 'type rounding'],
    [{}, 'type rounding.format'],
    [{ format: 'quarter' }, 'name rounding.format'],
    [{ format: { exponentBits: 5 } }, 'name rounding.format.kind'],
    [{ format: { kind: 'float', exponentBits: 5 } }, 'type rounding.format.mantissaBits'],
    [{ format: { kind: 'integer', bits: 99 } }, 'range rounding.format.bits'],
    [{ format: 'binary16', mode: 'up' }, 'name rounding.mode'],
    [{ format: 'binary16', policy: { rounding: 'up' } }, 'name rounding.policy.rounding'],
    [{ format: 'binary16', policy: 'up' }, 'type rounding.policy'],
  ];
  it.each(bad)('refuses %j', (given, expected) => {
    expect(failure(() => defineRounding(given))).toBe(expected);
  });
});

describe('flagNames', () => {
  it('names the bits in order', () => {
    expect(flagNames(0)).toEqual([]);
    expect(flagNames(5)).toEqual(['inexact', 'overflow']);
    expect(flagNames(511)).toEqual([
      'inexact',
      'underflow',
      'overflow',
      'divideByZero',
      'invalid',
      'saturation',
      'wrap',
      'absorption',
      'flush',
    ]);
  });
});
