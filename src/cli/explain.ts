/**
 * `bittrue explain`: one number in one format, or some numbers in a block format.
 *
 * @module
 */
import type { Command } from 'commander';
import { BittrueError } from '../errors/index.ts';
import { type BlockFormat, binary64, blockName } from '../formats/index.ts';
import { dequantizeBlocks, quantizeBlocks } from '../quantization/index.ts';
import { formatExplanation, toJson } from '../reports/index.ts';
import { type BlockExplanation, formatBlocks } from '../reports/text/blocks.ts';
import {
  decode,
  explain,
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
      if (format.kind === 'block') {
        for (const [name, given] of Object.entries(policy)) {
          throw new BittrueError(
            'unsupported',
            `--${name}`,
            given,
            'a format of single numbers: a block has its own rules',
          );
        }
        const told = inBlocks(format, numbers);
        print(io, json ? toJson(told, 'block-explanation/1') : formatBlocks(told, look(io)));
        return exit(OK);
      }
      const [number = '', second] = numbers;
      if (second !== undefined) {
        throw new BittrueError('unsupported', 'NUMBER', second, 'one number, or a block format such as mxfp4');
      }
      const told = { ...explain(format, readNumber('NUMBER', number, format), policy), input: number };
      const noted = note === null ? told : { ...told, note };
      if (!json) printNote(io, note);
      print(io, json ? toJson(noted, 'explanation/1') : formatExplanation(told, look(io)));
      return exit(OK);
    });
}

/** Numbers as one row of a block format. */
function inBlocks(format: BlockFormat, texts: readonly string[]): BlockExplanation {
  // A code is one of an element; the numbers of a block are read to binary64.
  const inputs = texts.map((text) => {
    const number = readNumber('NUMBER', text, format.element);
    return typeof number === 'number' ? number : roundDecimal(binary64, number);
  });
  const made = quantizeBlocks({ data: Float64Array.from(inputs), shape: [inputs.length] }, format);
  const values = dequantizeBlocks(made);
  const numbers = inputs.map((input, i) => ({
    input,
    code: made.codes[i],
    element: decode(format.element, made.codes[i]),
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
