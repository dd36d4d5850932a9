/**
 * `bittrue communicate`: tensor-parallel inference with low-bit communication, and what that costs.
 *
 * @module
 */
import { basename, dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { algorithms } from '../collectives/index.ts';
import { BittrueError, checkName } from '../errors/index.ts';
import type { Checkpoint } from '../files/index.ts';
import { readJsonObject } from '../files/json.ts';
import type { Model, Tokens } from '../models/index.ts';
import { embeddedModel, openFile } from '../node/index.ts';
import { checkFolder, writeFiles } from '../node/writeFiles.ts';
import { communicationHtml, formatCapturedCommunication, formatCommunication, toJson } from '../reports/index.ts';
import { wrap } from '../reports/text/layout.ts';
import { checkCodecText } from '../studies/communicate/codec.ts';
import {
  type CapturedCommunication,
  type Communication,
  calibrateCommunication,
  cancellingOutliers,
  codecNames,
  communicateCaptured,
  communicateModel,
  type ModelCalibration,
  parseModelCalibration,
  rotateOutliers,
} from '../studies/index.ts';
import type { Target } from '../targets/index.ts';
import { type CaptureFlags, captureAsked, capturedOptions, captureOptions } from './captured.ts';
import { EVENTS, OK } from './exit.ts';
import { type Io, look, print } from './io.ts';
import { openFamily } from './openModel.ts';
import { numberOption, refuse, targetOption } from './options.ts';
import { progressLine } from './progress.ts';
import { type CalibrationFlags, calibrationOptions, readCalibration, readSequences } from './sequences.ts';
import { useThreads } from './threads.ts';

/** The options as commander gives them. */
interface Flags extends CalibrationFlags, CaptureFlags {
  readonly devices?: string;
  readonly codec: string;
  readonly k: string;
  readonly asymmetric?: boolean;
  readonly collective: string;
  readonly gamma: string;
  readonly seed: string;
  readonly target?: string;
  readonly unit?: string;
  readonly rotate?: string;
  readonly cancelling?: string;
  readonly calibration?: string;
  readonly saveCalibration?: string;
  readonly text?: string;
  readonly tokens?: string;
  readonly sequences?: string;
  readonly html?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** The calibration of docs/communication.md: 32 sequences of 128 tokens, as long as those of the paper's re-implementation. */
const CALIBRATION = { length: 128, count: 32 };
/** Features that a model with outliers of our making gets them in. */
const CANCELLING_FEATURES = 2;
/** Outliers of the demonstration: those of docs/communication.md. */
const CANCELLING_TIMES = '64';

const INTRODUCTION =
  'Demonstration on the embedded model, a small Llama; give a MODEL to run your own. It has no outlier features, so two ' +
  'are made: partial sums some 64 times as wide as others, which cancel between devices, so that the function is the ' +
  'same. `hybrid` sends just these in BF16. --cancelling none runs the model as it is, where that gains 2 %.';

/** Adds the command. */
export function addCommunicate(program: Command, io: Io, exit: (status: number) => void): void {
  const command = program
    .command('communicate')
    .summary('tensor-parallel inference with low-bit communication: perplexity, errors, traffic')
    .description(
      'Runs a model with o_proj and down_proj shared out over devices, whose partial sums are sent by a codec; compares ' +
        'codecs by perplexity, error and bytes.\n' +
        'Without MODEL: a demonstration on the embedded model, with outlier features that cancel (--cancelling 64).\n' +
        'Codecs: bf16, fp16, fp8, int8, int4 send every value so; hybrid sends the k widest features in BF16 and the others ' +
        'as int4, random k features that a seed draws. Scales that follow the data: block formats (mxfp4, nvfp4, mxfp8e4m3, ' +
        'block:int8;size=32;scale=binary16), and groups of features: uint4/128 has codes of 4 bits (2 to 8) that count from ' +
        "each group's minimum, int8/128 symmetric ones, uint2/32;spikes the least and the largest number of each group apart.\n" +
        'Exit status: 1 for NaN, infinities or overflow; clipped codes are part of the method.',
    )
    .argument(
      '[MODEL]',
      'model folder, .safetensors, .safetensors.index.json, .gguf, or captured layers (default: the embedded model)',
    )
    .option('--devices <N>', 'devices of the group, 2 to 64; several with commas (default: 8)')
    .option('--codec <NAMES>', `with commas: ${codecNames.join(', ')}, blocks, groups`, 'bf16,int4,random,hybrid')
    .option('--k <k>', 'features that hybrid and random send in BF16: a share or a number', '1/64')
    .option('--asymmetric', 'integer codes with zero points')
    .option('--collective <NAME>', `how devices add up: ${algorithms.join(', ')}`, 'allGather')
    .option('--gamma <g>', 'weight of a new sequence in the calibrated ranges', '0.01')
    .option('--seed <n>', 'of the random features', '0')
    .option('--target <NAME>', 'where partial sums are computed: a name of `bittrue targets`, or a .json file')
    .option('--unit <NAME>', "the target's unit")
    .option(
      '--rotate <m>',
      'the same function, its residual stream turned so that the m directions of most energy are single features',
    )
    .option(
      '--cancelling <times>',
      'the same function with two outlier features in the partial sums, about so many times the median range; or none ' +
        '(default: none, of the demonstration 64)',
    )
    .option('--calibration <FILE>', 'ranges of features that --save-calibration wrote, instead of calibrating')
    .option('--save-calibration <FILE>', 'write the ranges of features as JSON')
    .option('--text <FILE>', 'evaluate on this text (default: validation.txt beside the weights)')
    .option('--tokens <FILE>', 'evaluate on the tokens of a JSON file')
    .option('--sequences <n>', 'use at most the first n sequences of either')
    .option('--html <FILE>', 'write a page with tables and charts')
    .option('--force', 'with --html or --save-calibration: replace files that this command did not write')
    .option('--json', 'print data')
    .action((path: string | undefined, flags: Flags) => exit(communicate(path, flags, io)));
  calibrationOptions(command, `${CALIBRATION.length} tokens`, CALIBRATION.count);
  captureOptions(command);
}

/** What captured layers have no use for: a model that is run, and its ranges. */
const ofModels = [
  'rotate',
  'cancelling',
  'calibration',
  'saveCalibration',
  'text',
  'tokens',
  'sequences',
  'html',
  'force',
  'calibrationText',
  'calibrationTokens',
  'calibrationSequences',
] as const;

/** The same of captured layers; the exit status. */
function communicateLayers(capture: Checkpoint, flags: Flags, io: Io): number {
  refuse(flags, ofModels, 'this option with a model, which is run');
  const codecs = listed(flags.codec).map((name) => checkCodecText('--codec', name));
  const algorithm = checkName('--collective', flags.collective, algorithms);
  const options = { codecs, algorithm, k: flags.k, symmetric: flags.asymmetric !== true, ...arithmetic(flags) };
  const seed = numberOption('--seed', flags.seed);
  const studies: CapturedCommunication[] = [];
  for (const devices of groups(flags, null)) {
    const progress = progressLine(io, `${devices} devices: `);
    try {
      const { onProgress } = progress;
      const asked = { ...options, ...capturedOptions(flags), seed, devices, onProgress };
      studies.push(communicateCaptured(capture, asked));
    } finally {
      progress.finish();
    }
    const study = studies[studies.length - 1];
    if (!flags.json) print(io, `${studies.length > 1 ? '\n' : ''}${formatCapturedCommunication(study, look(io))}`);
  }
  if (flags.json) print(io, toJson({ studies }, 'captured-communications/1'));
  return studies.every(({ runs }) => runs.every(({ ok }) => ok)) ? OK : EVENTS;
}

function communicate(file: string | undefined, given: Flags, io: Io): number {
  const capture = captureAsked(file, given, io);
  if (capture !== null) return communicateLayers(capture, given, io);
  const isDemonstration = file === undefined && given.rotate === undefined && given.cancelling === undefined;
  const path = file ?? embeddedModel();
  const flags = isDemonstration ? { ...given, cancelling: CANCELLING_TIMES } : given;
  const codecs = listed(flags.codec).map((name) => checkCodecText('--codec', name));
  const algorithm = checkName('--collective', flags.collective, algorithms);
  const split = arithmetic(flags);
  checkOutputs(flags);
  const known = flags.calibration === undefined ? null : readRanges(flags.calibration);
  const devices = groups(flags, known);
  const { calibration, evaluation, model } = read(path, openFamily(path, io).model, flags);
  const studies: Communication[] = [];
  useThreads();
  let saved: ModelCalibration | null = null;
  for (const count of devices) {
    const progress = progressLine(io, `${count} devices: `);
    try {
      progress.begin(known === null ? 'calibration' : 'the model without rounding');
      const ranges =
        known ??
        calibrateCommunication(model, calibration, {
          devices: count,
          gamma: numberOption('--gamma', flags.gamma),
          ...split,
          onProgress: progress.onProgress,
        });
      saved = ranges;
      const study = communicateModel(model, ranges, evaluation, {
        codecs,
        k: flags.k,
        symmetric: flags.asymmetric !== true,
        seed: numberOption('--seed', flags.seed),
        algorithm,
        ...split,
        onProgress: progress.onProgress,
      });
      studies.push(study);
      progress.finish();
      if (flags.json) continue;
      if (isDemonstration && studies.length === 1) print(io, `${wrap(INTRODUCTION, '', look(io)).join('\n')}\n`);
      print(io, `${studies.length > 1 ? '\n' : ''}${formatCommunication(study, look(io))}`);
    } finally {
      progress.finish();
    }
  }
  try {
    if (saved !== null) write(flags, 'saveCalibration', `${toJson(saved)}\n`);
    write(flags, 'html', communicationHtml(studies));
  } finally {
    // The work is done, whatever became of the files.
    if (flags.json) print(io, toJson({ studies }, 'communication-studies/1'));
  }
  return studies.every(({ runs }) => runs.every(({ ok }) => ok)) ? OK : EVENTS;
}

/** The files that the command may write, and what tells that it wrote one. */
const outputs = {
  html: { flag: '--html', mark: 'content="bittrue communicate"' },
  saveCalibration: { flag: '--save-calibration', mark: '"schema": "modelCalibration/' },
} as const;

/** Refuses what could not be written at the end. */
function checkOutputs(flags: Flags): void {
  const { html, saveCalibration, force = false } = flags;
  if (force && html === undefined && saveCalibration === undefined) {
    throw new BittrueError('unsupported', '--force', 'no file to write', '--html or --save-calibration with it');
  }
  for (const key of ['html', 'saveCalibration'] as const) {
    const file = flags[key];
    const { flag, mark } = outputs[key];
    if (file === undefined) continue;
    if (/[\\/]$/.test(file)) throw new BittrueError('file', flag, file, 'the name of a file, not of a folder');
    checkFolder(dirname(file), { [basename(file)]: { mark } }, { force, argument: flag });
  }
  if (html !== undefined && saveCalibration !== undefined && resolve(html) === resolve(saveCalibration)) {
    throw new BittrueError('file', '--save-calibration', saveCalibration, 'another file than that of --html');
  }
}

function write(flags: Flags, key: keyof typeof outputs, content: string): void {
  const file = flags[key];
  const { flag, mark } = outputs[key];
  const options = { force: flags.force ?? false, argument: flag };
  if (file !== undefined) writeFiles(dirname(file), { [basename(file)]: { content, mark } }, options);
}

function readRanges(file: string): ModelCalibration {
  const source = openFile(file);
  return parseModelCalibration(readJsonObject(source));
}

/** The sizes of group asked for; a calibration is of one. */
function groups({ devices, saveCalibration }: Flags, known: ModelCalibration | null): readonly number[] {
  const asked =
    devices === undefined ? [known?.devices ?? 8] : listed(devices).map((n) => numberOption('--devices', n));
  if (known !== null && (asked.length !== 1 || asked[0] !== known.devices)) {
    throw new BittrueError('unsupported', '--devices', devices, `${known.devices}, which the calibration is for`);
  }
  if (saveCalibration !== undefined && asked.length !== 1) {
    throw new BittrueError('unsupported', '--save-calibration', saveCalibration, 'one number of devices with it');
  }
  return asked;
}

function listed(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim());
}

function arithmetic({ target, unit }: Flags): { readonly target?: Target; readonly unit?: string } {
  if (target === undefined) {
    if (unit !== undefined) throw new BittrueError('unsupported', '--unit', unit, '--target NAME with it');
    return {};
  }
  return { target: targetOption(target), ...(unit === undefined ? {} : { unit }) };
}

/** What is run, and on which tokens. */
interface Work {
  readonly model: Model;
  readonly calibration: readonly Tokens[];
  readonly evaluation: readonly Tokens[];
}

function read(path: string, model: Model, flags: Flags): Work {
  const { rotate, cancelling } = flags;
  const most = flags.sequences === undefined ? Infinity : numberOption('--sequences', flags.sequences);
  if (!(most >= 1)) throw new BittrueError('range', '--sequences', flags.sequences, 'at least 1');
  const calibration = readCalibration(path, model.config, flags, CALIBRATION).slice(0, most);
  const evaluation = readSequences(path, model.config, flags).slice(0, most);
  let changed = model;
  if (rotate !== undefined) changed = rotateOutliers(changed, calibration, numberOption('--rotate', rotate));
  if (cancelling !== undefined && cancelling !== 'none') {
    const times = numberOption('--cancelling', cancelling);
    changed = cancellingOutliers(changed, calibration, { features: CANCELLING_FEATURES, times });
  }
  return { model: changed, calibration, evaluation };
}
