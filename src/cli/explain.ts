/**
 * `bittrue explain`: one number in one format, or some numbers in a block format.
 *
 * @module
 */
import type { Command } from 'commander';
import { BittrueError } from '../errors/index.ts';
import { type AnyBlock, binary64, blockName, type Codebook } from '../formats/index.ts';
import { dequantizeBlocks, quantizeBlocks } from '../quantization/index.ts';
import { formatCodebookExplanation, formatExplanation, toJson } from '../reports/index.ts';
import { type BlockExplanation, formatBlocks } from '../reports/text/blocks.ts';
import { decoder } from '../rounding/decoder.ts';
import {
  decode,
  explain,
  explainCodebook,
  flushFlagsRules,
  overflowPolicies,
  type Policy,
  roundDecimal,
  roundingModes,
  subnormalPolicies,
  tininessRules,
} from '../rounding/index.ts';
import { OK } from './exit.ts';
import { type Io, look, print } from './io.ts';
import { readNumber } from './numerals.ts';
import { anyFormatOption, checkOrder, isFormat, noteOf, printNote, QUIET } from './options.ts';

/** Adds the command. */
export function addExplain(program: Command, io: Io, exit: (status: number) => void): void {
  program
    .command('explain')
    .summary('one number in one format: code, bits, neighbours, every rounding mode')
    .description(
      'Explains how a number lands in a format: its code, its neighbours, and what each rounding mode, overflow policy and ' +
        'library makes of it. A decimal may have any length and is rounded once; 0x7e is a code of the format. Of a block ' +
        'format such as mxfp4 it takes several numbers, which share scales.',
    )
    .argument('<FORMAT>', 'such as binary16, e4m3fn, int8, binary8p3se, float:e5m4, mxfp4: see `bittrue formats`')
    .argument('<NUMBER...>', 'such as 465, -1.5, 1e-7, 1/3, 0x1p-14, 0x7e, Infinity, NaN')
    .option('--rounding <MODE>', roundingModes.filter((mode) => mode !== 'stochastic').join(', '))
    .option('--overflow <POLICY>', overflowPolicies.join(', '))
    .option('--subnormals <POLICY>', subnormalPolicies.join(', '))
    .option('--tininess <RULE>', tininessRules.join(', '))
    .option('--flush-flags <RULE>', flushFlagsRules.join(', '))
    .option('--json', 'print data')
    .action((text: string, numbers: string[], { json, ...policy }: Partial<Policy> & { json?: boolean }) => {
      checkOrder('FORMAT', [text, numbers[0]], isFormat, `explain ${numbers[0]} ${text}`);
      const format = anyFormatOption(QUIET, text);
      const note = noteOf(text, format);
      if (format.kind === 'block' || format.kind === 'codebook') {
        for (const [name, given] of Object.entries(policy)) {
          throw new BittrueError(
            'unsupported',
            `--${name}`,
            given,
            'a format of other numbers: blocks and codebooks have their own rules',
          );
        }
        if (format.kind === 'codebook') return exit(inCodebook(io, format, numbers, json === true));
        const told = inBlocks(format, numbers);
        print(io, json ? toJson(told, 'block-explanation/1') : formatBlocks(told, look(io)));
        return exit(OK);
      }
      const number = only(numbers);
      const told = { ...explain(format, readNumber('NUMBER', number, format), policy), input: number };
      const noted = note === null ? told : { ...told, note };
      if (!json) printNote(io, note);
      print(io, json ? toJson(noted, 'explanation/1') : formatExplanation(told, look(io)));
      return exit(OK);
    });
}

function only([number = '', second]: readonly string[]): string {
  if (second === undefined) return number;
  throw new BittrueError('unsupported', 'NUMBER', second, 'one number, or a block format such as mxfp4');
}

function inCodebook(io: Io, codebook: Codebook, numbers: readonly string[], json: boolean): number {
  const number = only(numbers);
  const told = { ...explainCodebook(codebook, readNumber('NUMBER', number, codebook)), input: number };
  print(io, json ? toJson(told, 'codebook-explanation/1') : formatCodebookExplanation(told, look(io)));
  return OK;
}

/** Numbers as one row of a block format. */
function inBlocks(format: AnyBlock, texts: readonly string[]): BlockExplanation {
  // A code is one of an element; the numbers of a block are read to binary64.
  const inputs = texts.map((text) => {
    const number = readNumber('NUMBER', text, format.element);
    return typeof number === 'number' ? number : roundDecimal(binary64, number);
  });
  const made = quantizeBlocks({ data: Float64Array.from(inputs), shape: [inputs.length] }, format);
  const values = dequantizeBlocks(made);
  const read = decoder(format.element);
  const numbers = inputs.map((input, i) => ({
    input,
    code: made.codes[i],
    element: read(made.codes[i]!),
    value: values[i],
  }));
  return {
    format: blockName(format),
    tensorScale: made.tensorScale,
    blocks: Array.from(made.scaleCodes, (scaleCode, block) => ({
      scale: decode(format.scale, scaleCode),
      scaleCode,
      clips: made.clips[block],
      zeroed: made.zeroed[block],
      numbers: numbers.slice(block * format.size, (block + 1) * format.size),
    })),
  };
}
