/**
 * Numbers in a block format: what each block keeps and loses.
 *
 * @module
 */
import { blockCatalogue, formatName, parseBlock } from 'bittrue/formats';
import { dequantizeBlocks, quantizeBlocks } from 'bittrue/quantization';
import { decode } from 'bittrue/rounding';
import { numbersIn } from '../shared/numbers';

export const blockNames = Object.keys(blockCatalogue);

export interface BlockView {
  readonly scale: number;
  readonly scaleCode: string;
  readonly elements: readonly {
    readonly given: number;
    readonly code: string;
    readonly kept: number;
    readonly fate: 'exact' | 'rounded' | 'lost' | 'clipped';
  }[];
}

/** The numbers as blocks; those that fill no block stand in one that is padded with zeros. */
export function viewBlocks(
  name: string,
  text: string,
): { readonly blocks: readonly BlockView[]; readonly format: string } {
  const format = parseBlock(name);
  const given = numbersIn(text);
  const width = Math.max(1, Math.ceil(given.length / format.size)) * format.size;
  const data = new Float64Array(width);
  data.set(given);
  const made = quantizeBlocks({ data, shape: [1, width] }, format);
  const kept = dequantizeBlocks(made);
  const most = 'max' in format.element ? format.element.max : 0;
  const hex = (code: number, bits: number): string => `0x${code.toString(16).padStart(Math.ceil(bits / 4), '0')}`;
  const blocks = Array.from({ length: width / format.size }, (_, n) => {
    const from = n * format.size;
    const scaleCode = made.scaleCodes[n] as number;
    const scale = decode(format.scale, scaleCode) * made.tensorScale;
    const elements = Array.from({ length: Math.min(format.size, given.length - from) }, (_, k) => {
      const x = given[from + k] as number;
      const back = kept[from + k] as number;
      const isTop = Math.abs(back) === most * scale && Math.abs(x) > Math.abs(back);
      const fate = x === back ? 'exact' : back === 0 ? 'lost' : isTop ? 'clipped' : 'rounded';
      return { given: x, code: hex(made.codes[from + k] as number, format.element.bits), kept: back, fate } as const;
    });
    return { scale, scaleCode: hex(scaleCode, format.scale.bits), elements };
  });
  const { element, size } = format;
  return {
    blocks,
    format: `${size} of ${element.kind === 'codebook' ? element.name : formatName(element)} with a scale of ${formatName(format.scale)}`,
  };
}
