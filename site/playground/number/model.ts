/**
 * One number in several formats: everything that the page tells, through the library.
 *
 * @module
 */
import { type Format, parseFormat } from 'bittrue/formats';
import { decode, type Explanation, explain, type Outcome } from 'bittrue/rounding';
import { readNumber } from '../shared/numeral';

/** The formats that a page may name at a click. */
export const usual = [
  'binary32',
  'tf32',
  'bfloat16',
  'binary16',
  'e5m2',
  'e4m3fn',
  'e4m3fnuz',
  'e3m2fn',
  'e2m3fn',
  'e2m1fn',
  'int8',
  'int4',
];

/** A format in which the number is shown. */
export interface Shown {
  readonly name: string;
  readonly format: Format;
  readonly told: Explanation;
  readonly fields: readonly Field[];
}

/** A field of a code. */
export interface Field {
  readonly name: 'sign' | 'exponent' | 'fraction' | 'integer';
  readonly bits: readonly Bit[];
}

export interface Bit {
  readonly isSet: boolean;
  /** Its place from the right. */
  readonly place: number;
}

/** What a line of outcomes shares. */
export interface Folded {
  readonly outcome: Outcome | null;
  readonly names: readonly string[];
}

export interface NumberView {
  /** What is rounded, decimal digits. */
  readonly input: string;
  /** Whether these are all its digits. */
  readonly isExact: boolean;
  readonly shown: readonly Shown[];
  readonly problems: readonly string[];
}

/** The number that was typed in every format that is named; a code is one of the first. */
export function viewNumber(typed: string, names: readonly string[]): NumberView {
  const problems: string[] = [];
  const formats = names.flatMap((name) => {
    try {
      return [{ name, format: parseFormat(name) }];
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`);
      return [];
    }
  });
  const read = readNumber(typed);
  const [first] = formats;
  let [input, isExact] = ['', true];
  if (read.kind === 'number') [input, isExact] = [read.text, read.isExact];
  else if (first !== undefined) input = spell(decode(first.format, read.code));
  const shown = formats.flatMap(({ name, format }, i) => {
    try {
      const isCode = read.kind === 'code' && i === 0;
      return [showIn(name, format, explain(format, input), isCode ? read.code : null)];
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`);
      return [];
    }
  });
  return { input, isExact, shown, problems };
}

/** A value as digits that are read back as the same number. */
function spell(x: number): string {
  return Object.is(x, -0) ? '-0' : String(x);
}

function showIn(name: string, format: Format, told: Explanation, code: number | null): Shown {
  const bits = (code ?? told.result.code).toString(2).padStart(format.bits, '0');
  return { name, format, told, fields: fieldsOf(format, bits) };
}

function fieldsOf(format: Format, text: string): Field[] {
  const bits = Array.from(text, (bit, i) => ({ isSet: bit === '1', place: text.length - 1 - i }));
  if (format.kind === 'integer') return [{ name: 'integer', bits }];
  const sign = format.signed ? 1 : 0;
  const end = sign + format.exponentBits;
  const fields: Field[] = [
    { name: 'sign', bits: bits.slice(0, sign) },
    { name: 'exponent', bits: bits.slice(sign, end) },
    { name: 'fraction', bits: bits.slice(end) },
  ];
  return fields.filter(({ bits: own }) => own.length > 0);
}

/** The code with one bit flipped, as one types it. */
export function flipped(shown: Shown, place: number): string {
  let code = 0;
  for (const { bits } of shown.fields)
    for (const bit of bits) if (bit.isSet !== (bit.place === place)) code += 2 ** bit.place;
  return hex(code, shown.format);
}

export function hex(code: number, { bits }: Format): string {
  return `0x${code.toString(16).padStart(Math.ceil(bits / 4), '0')}`;
}

/** Those that give the same share a line. */
export function fold(of: Readonly<Record<string, Outcome | null | undefined>>): Folded[] {
  const lines = new Map<string, { outcome: Outcome | null; names: string[] }>();
  for (const [name, outcome] of Object.entries(of)) {
    if (outcome === undefined) continue;
    const key = outcome === null ? '' : [spell(outcome.value), outcome.code, outcome.flags].join();
    const line = lines.get(key);
    if (line === undefined) lines.set(key, { outcome, names: [name] });
    else line.names.push(name);
  }
  return [...lines.values()];
}

/** A value on a line: all of a small format, by sign and magnitude; the number among them. */
export interface ValueLine {
  readonly ticks: readonly { readonly x: number; readonly value: number }[];
  readonly at: number | null;
  readonly result: number | null;
}

/** From −1 to 1, logarithmic towards the ends; null for formats of more than 8 bits. */
export function valueLine({ format, told }: Shown): ValueLine | null {
  if (format.bits > 8) return null;
  const values = new Set<number>();
  for (let code = 0; code < 2 ** format.bits; code++) {
    const value = decode(format, code);
    if (Number.isFinite(value)) values.add(value === 0 ? 0 : value);
  }
  const least = leastOf(format);
  const most = Math.max(...[...values].map(Math.abs));
  const place = (x: number): number =>
    (Math.sign(x) * Math.log2(1 + Math.abs(x) / least)) / Math.log2(1 + most / least);
  const near = Number(told.input);
  const clamp = (x: number): number => Math.max(-1.04, Math.min(1.04, place(x)));
  return {
    ticks: [...values].sort((p, q) => p - q).map((value) => ({ x: place(value), value })),
    at: Number.isNaN(near) ? null : near === Infinity ? 1.04 : near === -Infinity ? -1.04 : clamp(near),
    result: Number.isFinite(told.result.value) ? place(told.result.value) : null,
  };
}

function leastOf(format: Format): number {
  return format.kind === 'integer' ? 2 ** -format.fractionBits : (format.minSubnormal ?? format.minNormal);
}

/** A short text that every format shown rounds, by every rule, as it rounds the whole number. */
export function shortInput({ input, isExact, shown }: NumberView): string {
  if (isExact || input.length < 60) return input;
  const wanted = outcomesOf(shown, input);
  for (const length of [24, 48, 96]) {
    const short = `${input.slice(0, length)}1`;
    if (outcomesOf(shown, short) === wanted) return short;
  }
  return input;
}

function outcomesOf(shown: readonly Shown[], input: string): string {
  return JSON.stringify(
    shown.map(({ format }) => {
      const { result, modes, overflows, profiles } = explain(format, input);
      return [spell(result.value), result, modes, overflows, profiles];
    }),
  );
}

/** TypeScript and the command for what the page shows in one format. */
export function asCode(view: NumberView): { readonly code: string; readonly command: string } {
  const input = shortInput(view);
  const list = view.shown.map(({ name }) => `'${name}'`).join(', ');
  const code = `import { explain, parseFormat } from 'bittrue';

for (const name of [${list}]) {
  const { result } = explain(parseFormat(name), '${input}');
  console.log(name, result.value, \`0x\${result.code.toString(16)}\`);
}`;
  const [first] = view.shown;
  return {
    code,
    command:
      first === undefined ? '' : `npx bittrue explain ${first.name} ${input.startsWith('-') ? `-- ${input}` : input}`,
  };
}
