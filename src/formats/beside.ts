/**
 * What blocks have beside their one scale.
 *
 * @module
 */
import { BittrueError, checkInteger, checkList, checkName, checkPositive, fieldsOf } from '../errors/index.ts';
import type { Beside } from './blockFormat.ts';
import { checkElement, checkFormat } from './check.ts';
import type { ElementFormat } from './codebook.ts';
import type { FloatFormat } from './format.ts';
import type { ScaleRule } from './scaleRule.ts';

/** Bits that a block has beside its scale. */
export function bitsBeside(beside: Beside | undefined, size: number, scaleBits: number): number {
  switch (beside?.kind) {
    case 'zeroPoint':
      return beside.format.bits;
    case 'signs':
      return scaleBits;
    case 'exponents':
      return beside.groups.reduce((bits, group) => bits + size / group, 0);
    default:
      return 0;
  }
}

/** Codes are kept in 32 bits. */
const WIDEST = 32;

/** Checks what is beside a scale of blocks of so many elements. */
export function checkBeside(given: unknown, element: ElementFormat, size: number): Beside | undefined {
  if (given === undefined) return undefined;
  const found = given as Beside;
  checkName('beside.kind', fieldsOf(given).kind, ['zeroPoint', 'signs', 'choice', 'exponents']);
  if (found.kind === 'zeroPoint') {
    const { kind, signed, bits } = checkFormat('beside.format', found.format);
    if (element.kind !== 'integer' || element.signed || element.fractionBits > 0 || element.bits > WIDEST_INTEGER)
      throw new BittrueError(
        'unsupported',
        'element',
        element,
        'an unsigned integer of at most 16 bits under a zero point',
      );
    if (kind !== 'integer' || signed || bits > WIDEST_INTEGER)
      throw new BittrueError('unsupported', 'beside.format', found.format, 'an unsigned integer of at most 16 bits');
  } else if (found.kind === 'choice') {
    const other = checkElement('beside.element', found.element);
    if (other.bits !== element.bits) {
      throw new BittrueError(
        'unsupported',
        'beside.element',
        `${other.bits} bits`,
        `${element.bits}, as the element has`,
      );
    }
    checkPositive('beside.ratio', found.ratio);
    checkPositive('beside.inverse', found.inverse);
  } else if (found.kind === 'exponents') {
    let within = size;
    checkList('beside.groups', found.groups).forEach((given, i) => {
      const group = checkInteger(`beside.groups[${i}]`, given, 1, within);
      if (within % group !== 0) throw new BittrueError('value', `beside.groups[${i}]`, group, `a divisor of ${within}`);
      within = group;
    });
    if (bitsBeside(found, size, 0) > WIDEST)
      throw new BittrueError('unsupported', 'beside.groups', found.groups, `at most ${WIDEST} groups in a block`);
  }
  return Object.freeze({ ...found });
}

/** Zero points and codes under them. */
const WIDEST_INTEGER = 16;

/** What fits together: a choice is read off the sign of a scale that two levels choose, all else is without them. */
export function checkBesideRule(beside: Beside | undefined, rule: ScaleRule, scale: FloatFormat, rows: number): void {
  if (beside === undefined) return;
  const wanted = beside.kind === 'choice' ? rule === 'nvfp4' && scale.signed : rule !== 'nvfp4';
  if (!wanted) {
    const needs = beside.kind === 'choice' ? 'the rule nvfp4 and a scale with a sign' : 'another rule than nvfp4';
    throw new BittrueError('unsupported', 'beside', beside.kind, `${needs} for it`);
  }
  if (beside.kind === 'zeroPoint' && (rule !== 'amax' || scale.mantissaBits === 0))
    throw new BittrueError('unsupported', 'beside', beside.kind, 'a scale with fraction bits and the rule amax for it');
  if (beside.kind === 'exponents' && rows > 1)
    throw new BittrueError('unsupported', 'rows', rows, '1 where groups have exponents');
}
