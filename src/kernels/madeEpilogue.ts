/**
 * Epilogues of plain data.
 *
 * @module
 */
import { fieldsOf, isReadable } from '../errors/checks.ts';
import { defineRounding } from '../rounding/roundTo.ts';
import type { Epilogue, EpilogueOptions } from '../specification/epilogue/plan.ts';
import { madeMethod } from './madeMethod.ts';

/** The roundings of an epilogue may be plain data. */
export function withMadeRoundings(options: EpilogueOptions): EpilogueOptions {
  const { epilogue: given } = fieldsOf(options);
  if (!isReadable(given)) return options;
  const made = { ...fieldsOf(given) };
  const at = 'options.epilogue';
  const defined = (value: unknown, path: string): unknown => (isReadable(value) ? defineRounding(value, path) : value);
  for (const key of ['rounding', 'load', 'output']) {
    if (made[key] !== undefined) made[key] = defined(made[key], `${at}.${key}`);
  }
  const { roundings, activation } = made;
  if (isReadable(roundings)) {
    const entries = Object.entries(fieldsOf(roundings));
    made.roundings = Object.fromEntries(entries.map(([key, one]) => [key, defined(one, `${at}.roundings.${key}`)]));
  }
  if (isReadable(activation)) {
    const own = fieldsOf(activation);
    made.activation = { ...own, method: madeMethod(own.method, `${at}.activation.method`) };
  }
  return { ...options, epilogue: made as Epilogue };
}
