/**
 * Numbers in a block format: what each block keeps and loses.
 *
 * @module
 */
import { blockCatalogue, formatName, parseBlock } from 'bittrue/formats';
import { dequantizeBlocks, quantizeBlocks } from 'bittrue/quantization';
import { decode } from 'bittrue/rounding';
import { codeList, numbersIn } from '../shared/numbers';

export const blockNames = Object.keys(blockCatalogue);

/** What became of a number. */
export type Fate = 'exact' | 'rounded' | 'lost' | 'clipped';

export interface ElementView {
  readonly given: number;
  readonly code: string;
  readonly kept: number;
  readonly fate: Fate;
}

export interface BlockView {
  readonly scale: number;
  readonly scaleCode: string;
  /** The code of what is beside the scale; null where nothing is. */
  readonly besideCode: string | null;
  readonly elements: readonly ElementView[];
  /** How many numbers came to what, and the largest error. */
  readonly told: string;
}

/** Numbers, and numbers to a block, that the page shows. */
const MOST = 1024;

/** The numbers as blocks; those that fill no block stand in one that is padded with zeros. */
export function viewBlocks(
  name: string,
  text: string,
): { readonly blocks: readonly BlockView[]; readonly format: string } {
  const format = parseBlock(name);
  const { element, size, scale: scales } = format;
  const given = numbersIn(text);
  if (given.length === 0) throw new Error('type numbers, between commas');
  if (given.length > MOST || size > MOST) {
    const what = size > MOST ? `blocks of ${size}` : `${given.length} numbers`;
    throw new Error(`${what}; this page shows at most ${MOST}`);
  }
  if ((format.rows ?? 1) > 1) throw new Error(`${name}: blocks of several rows are not shown here`);
  const width = Math.ceil(given.length / size) * size;
  const data = new Float64Array(width);
  data.set(given);
  const made = quantizeBlocks({ data, shape: [1, width] }, format);
  const kept = dequantizeBlocks(made);
  const blocks = Array.from({ length: width / size }, (_, n): BlockView => {
    const from = n * size;
    const scaleCode = made.scaleCodes[n] as number;
    const own = given.slice(from, from + size);
    const clipped = largest(own, made.clips[n] as number);
    const elements = own.map((x, k): ElementView => {
      const back = kept[from + k] as number;
      const isLost = (back === 0 && x !== 0) || (Number.isNaN(back) && !Number.isNaN(x));
      const fate = Object.is(x, back) ? 'exact' : clipped.has(k) ? 'clipped' : isLost ? 'lost' : 'rounded';
      return { given: x, code: hex(made.codes[from + k] as number, element.bits), kept: back, fate };
    });
    const beside = made.besideCodes?.[n];
    return {
      scale: decode(scales, scaleCode) * made.tensorScale,
      scaleCode: hex(scaleCode, scales.bits),
      besideCode: beside === undefined ? null : `0x${beside.toString(16)}`,
      elements,
      told: tell(elements),
    };
  });
  const of = element.kind === 'codebook' ? element.name : formatName(element);
  const tensor = made.tensorScale === 1 ? '' : `, times ${made.tensorScale} over all of them`;
  return { blocks, format: `${size} of ${of} with a scale of ${formatName(scales)}${tensor}` };
}

function hex(code: number, bits: number): string {
  return `0x${code.toString(16).padStart(Math.ceil(bits / 4), '0')}`;
}

/** The places of so many of the largest magnitudes: those are what clipping cuts. */
function largest(values: readonly number[], count: number): ReadonlySet<number> {
  const places = values.map((_, i) => i).sort((i, j) => Math.abs(values[j] as number) - Math.abs(values[i] as number));
  return new Set(places.slice(0, count));
}

function tell(elements: readonly ElementView[]): string {
  const counts = (['exact', 'rounded', 'lost', 'clipped'] as const).flatMap((fate) => {
    const count = elements.filter((one) => one.fate === fate).length;
    return count === 0 ? [] : [`${count} ${fate}`];
  });
  const errors = elements.map(({ given, kept }) => Math.abs(given - kept)).filter(Number.isFinite);
  const most = Math.max(0, ...errors);
  return `${counts.join(', ')}${most > 0 ? `; at most ${Number(most.toPrecision(3))} is lost` : ''}`;
}

/** The same as TypeScript. */
export function asCode(name: string, text: string): string {
  return `import { parseBlock } from 'bittrue/formats';
import { dequantizeBlocks, quantizeBlocks } from 'bittrue/quantization';

const data = Float64Array.from(${codeList(numbersIn(text))});
const blocks = quantizeBlocks({ data, shape: [data.length] }, parseBlock('${name}'));
console.log(...[...blocks.codes].map((code) => \`0x\${code.toString(16)}\`));
console.log(...dequantizeBlocks(blocks));`;
}
