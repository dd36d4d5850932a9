/**
 * What a table of vectors is about: an operation, its formats, and the policy that its results follow.
 *
 * @module
 */

import { BittrueError, checkMade, checkName, checkObject, checkRecord } from '../../errors/index.ts';
import { binary32, int32 } from '../../formats/catalogue.ts';
import { checkFormat } from '../../formats/check.ts';
import type { FloatFormat, Format, IntegerFormat } from '../../formats/format.ts';
import { formatName, parseFormat } from '../../formats/formatName.ts';
import { checkCodes } from '../../rounding/binary64.ts';
import { type PartialPolicy, type Policy, type RoundingMode, resolvePolicy } from '../../rounding/policy.ts';
import type { Profile, ProfileRules } from '../../rounding/profile.ts';
import { plainRules, resolveProfile } from '../../rounding/profiles.ts';

/** The operations, under TestFloat's names, with their number of operands. */
export const vectorOperations = {
  add: 2,
  sub: 2,
  mul: 2,
  div: 2,
  sqrt: 1,
  mulAdd: 3,
  roundToInt: 1,
  /** From another format, or the bits of a binary64 number. */
  cast: 1,
  /** To a 32-bit integer, out of range as x86. */
  toI32: 1,
  fromI32: 1,
} as const;
export type VectorOperation = keyof typeof vectorOperations;

/** Where the operands of a cast come from: a float format, or binary64, whose codes no number holds. */
export type VectorSource = FloatFormat | IntegerFormat | 'binary64';

/** One table: operation, formats, policy. */
export interface VectorTask {
  readonly format: FloatFormat;
  readonly operation: VectorOperation;
  /** The format of the operands. */
  readonly source: VectorSource;
  /** Whether `source` was asked for, or is the default of a cast. */
  readonly sourceGiven: boolean;
  /** The format of the results. */
  readonly result: Format;
  readonly policy: Policy;
  readonly rules: ProfileRules;
  /** The profile's name, where one was asked for. */
  readonly profile: string | null;
}

/** What {@link defineVectorTask} takes. */
export interface VectorTaskOptions {
  /** A float format, or its notation. */
  readonly format: FloatFormat | string;
  readonly operation: VectorOperation;
  /** For `cast`: where the operands come from, floats or integers. Default binary32, or binary64 for a binary32 result. */
  readonly from?: Format | string;
  readonly rounding?: RoundingMode;
  /** A profile, or the name of one. Default: the format's default policy. */
  readonly profile?: Profile | string;
  /** What else differs from the policy of the profile, or of the format. */
  readonly policy?: PartialPolicy;
}

/** The options of a task. */
export const taskKeys = ['format', 'operation', 'from', 'rounding', 'profile', 'policy'] as const;

/**
 * Checks and completes what a table of vectors is about.
 *
 * @throws {@link BittrueError} for unknown names, integer formats, and stochastic rounding
 * @example
 * import { defineVectorTask } from 'bittrue/testing';
 * defineVectorTask({ format: 'e4m3fn', operation: 'cast', profile: 'torch' }).policy.overflow; // 'saturate'
 */
export function defineVectorTask(options: VectorTaskOptions): VectorTask {
  checkObject('options', options, taskKeys);
  const format = floatFormat('format', options.format);
  const operation = checkName('operation', options.operation, Object.keys(vectorOperations) as VectorOperation[]);
  if (operation !== 'cast' && options.from !== undefined) {
    throw new BittrueError('unsupported', 'from', options.from, 'the operation cast with it');
  }
  const policy: PartialPolicy = {
    ...checkRecord('policy', options.policy ?? {}, 'a policy'),
    ...(options.rounding === undefined ? {} : { rounding: options.rounding }),
  };
  const resolved =
    options.profile === undefined
      ? { name: null, policy: resolvePolicy(format, policy), rules: plainRules }
      : resolveProfile(options.profile, format, policy);
  if (resolved.policy.rounding === 'stochastic') {
    throw new BittrueError(
      'unsupported',
      'rounding',
      'stochastic',
      'a deterministic mode: vectors carry no random bits',
    );
  }
  return Object.freeze({
    format,
    operation,
    source: operation === 'cast' ? castSource(format, options.from) : operation === 'fromI32' ? int32 : format,
    sourceGiven: options.from !== undefined,
    result: operation === 'toI32' ? int32 : format,
    policy: resolved.policy,
    rules: resolved.rules,
    profile: resolved.name,
  });
}

function castSource(format: FloatFormat, from: Format | string | undefined): VectorSource {
  const name = from === undefined || typeof from === 'string' ? from : formatName(from);
  if (name === 'binary64' || (from === undefined && formatName(format) === 'binary32')) return 'binary64';
  if (from === undefined) return binary32;
  return checkCodes('from', typeof from === 'string' ? parseFormat(from) : checkFormat('from', from));
}

function floatFormat(argument: string, format: Format | string): FloatFormat {
  const found = typeof format === 'string' ? parseFormat(format) : format;
  checkFormat(argument, found);
  if (found.kind !== 'float') {
    throw new BittrueError('unsupported', argument, formatName(found), 'a float format');
  }
  return checkCodes(argument, found);
}

/** A source as text. */
export function sourceName(source: VectorSource): string {
  return source === 'binary64' ? source : formatName(source);
}

/** Refuses what is no task. */
export function checkTask(task: VectorTask): VectorTask {
  const fields = ['format', 'operation', 'source', 'result', 'policy', 'rules'];
  return checkMade('task', task, fields, 'a task, as defineVectorTask gives it');
}
