/**
 * The text notation of block formats, both ways.
 *
 * ```text
 * mxfp4   nvfp4   msfp12                                       a name of the block catalogue
 * block:e2m1fn;size=16                                         an element, and how many share a scale (e8m0fnu)
 * block:int8:fraction=6;size=32;rule=ceil                      with another rule for the scale
 * block:int8;size=32;scale=binary16                            with a scale that has fraction bits
 * block:e2m1fn;size=16;scale=e4m3fn;tensor=binary32            and one for the tensor
 * block:nf4;size=64;scale=binary32                             elements of a codebook
 * block:e4m3fn;size=128;rows=128;scale=binary32                two-dimensional blocks
 * block:uint4;size=128;scale=binary16;zero=uint4               with a zero point (GPTQ, AWQ)
 * block:e2m1fn;size=128;scale=binary16;signs=2                 with a scale for each sign (AFPQ)
 * block:e1m2;size=64;scale=binary16;exponents=8/4              with a bit of exponent for every 8 and every 4 numbers
 * ```
 *
 * @module
 */
import { BittrueError, checkMade, checkText, nearest } from '../errors/index.ts';
import { blockCatalogue, defineBlock } from './block.ts';
import type { AnyBlock, Beside } from './blockFormat.ts';
import { codebookCatalogue, type ElementFormat } from './codebook.ts';
import type { FloatFormat, IntegerFormat } from './format.ts';
import { formatName, parseFormat } from './formatName.ts';
import { defaultRule, type ScaleRule } from './scaleRule.ts';

/**
 * The block format that a text names, in any case; one that is no name of the catalogue is called by its text.
 *
 * @throws {@link BittrueError} for a name or an option that does not exist, and as `parseFormat` and `defineBlock`
 * @example
 * import { parseBlock } from 'bittrue/formats';
 * parseBlock('mxfp4').size; // 32
 * parseBlock('block:e2m1fn;size=16;rule=even').bitsPerNumber; // 4.5
 */
export function parseBlock(text: string): AnyBlock {
  checkText('block', text, 'the notation of a block format');
  const written = text.toLowerCase();
  // mxfp8_e4m3, as torch and others write it
  const name = written.replace(/[_-]/g, '');
  if (Object.hasOwn(blockCatalogue, name)) return blockCatalogue[name];
  const [head = '', ...parts] = written.split(';');
  const found: Record<string, string> = {};
  for (const part of parts) {
    const [, key = '', value = ''] = /^(size|rows|scale|tensor|zero|signs|exponents|rule)=(.+)$/.exec(part) ?? [];
    if (key === '' || Object.hasOwn(found, key)) throw unknown(text);
    found[key] = value;
  }
  if (!head.startsWith('block:') || !isCount(found.size) || !isCount(found.rows ?? '1')) throw unknown(text);
  const beside = besideOf(text, found);
  return defineBlock({
    name: text,
    element: parseElement(head.slice('block:'.length)),
    size: Number(found.size),
    rows: Number(found.rows ?? 1),
    ...(beside === undefined ? {} : { beside }),
    ...(found.scale === undefined ? {} : { scale: parseFormat(found.scale) as FloatFormat }),
    ...(found.tensor === undefined ? {} : { tensorScale: parseFormat(found.tensor) as FloatFormat }),
    ...(found.rule === undefined ? {} : { scaleRule: found.rule as ScaleRule }),
  });
}

function isCount(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,10}$/.test(text);
}

function besideOf(text: string, { zero, signs, exponents }: Readonly<Record<string, string>>): Beside | undefined {
  const given = [zero, signs, exponents].filter((one) => one !== undefined);
  if (given.length === 0) return undefined;
  if (given.length > 1) throw unknown(text);
  if (zero !== undefined) return { kind: 'zeroPoint', format: parseFormat(zero) as IntegerFormat };
  if (signs === '2') return { kind: 'signs' };
  const groups = exponents?.split('/') ?? [];
  if (groups.length === 0 || !groups.every(isCount)) throw unknown(text);
  return { kind: 'exponents', groups: groups.map(Number) };
}

function parseElement(text: string): ElementFormat {
  return Object.hasOwn(codebookCatalogue, text) ? codebookCatalogue[text] : parseFormat(text);
}

function unknown(text: string): BittrueError {
  const known = Object.keys(blockCatalogue);
  const longer = known.filter((name) => name.startsWith(text.toLowerCase()) && text !== '');
  return new BittrueError(
    'name',
    'block',
    text,
    `one of ${known.join(', ')}, block:e2m1fn;size=16 with rows=, scale=, tensor=, zero=, signs=2, exponents= and rule=`,
    longer.length > 0 ? longer.slice(0, 3) : nearest(text, known),
  );
}

/**
 * The shortest text that names a block format, whatever it is called: `parseBlock` gives the same format back, but where its element
 * is a codebook of one's own, or a choice of one's own stands beside it.
 *
 * @throws {@link BittrueError} for what is no block format
 * @example
 * import { blockName, defineBlock, e2m1fn, nvfp4 } from 'bittrue/formats';
 * blockName(nvfp4); // 'nvfp4'
 * blockName(defineBlock({ name: 'mine', element: e2m1fn, size: 16 })); // 'block:e2m1fn;size=16'
 */
export function blockName(format: AnyBlock): string {
  checkMade(
    'format',
    format,
    ['element', 'size', 'scale', 'tensorScale', 'scaleRule'],
    'a block format, such as mxfp4',
  );
  const text = parameters(format);
  for (const [name, named] of Object.entries(blockCatalogue)) if (parameters(named) === text) return name;
  return text;
}

function parameters({ element, size, rows = 1, scale, tensorScale, beside, scaleRule }: AnyBlock): string {
  const parts = [`block:${elementName(element)}`, `size=${size}`];
  if (rows > 1) parts.push(`rows=${rows}`);
  if (formatName(scale) !== 'e8m0fnu') parts.push(`scale=${formatName(scale)}`);
  if (tensorScale !== null) parts.push(`tensor=${formatName(tensorScale)}`);
  if (beside !== undefined) parts.push(besideName(beside));
  if (scaleRule !== defaultRule(scale, tensorScale)) parts.push(`rule=${scaleRule}`);
  return parts.join(';');
}

function besideName(beside: Beside): string {
  switch (beside.kind) {
    case 'zeroPoint':
      return `zero=${formatName(beside.format)}`;
    case 'signs':
      return 'signs=2';
    case 'choice':
      return `choice=${elementName(beside.element)}*${beside.ratio}`;
    case 'exponents':
      return `exponents=${beside.groups.join('/')}`;
  }
}

/** The name of an element: a codebook carries its own. */
export function elementName(element: ElementFormat): string {
  return element.kind === 'codebook' ? element.name : formatName(element);
}
