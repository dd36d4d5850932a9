/**
 * Another implementation's table against ours.
 *
 * @module
 */
import { checkBoolean, checkInteger, checkObject, checkText } from '../../errors/index.ts';
import { formatName } from '../../formats/formatName.ts';
import { type EventKind, flagNames } from '../../rounding/flags.ts';
import type { CodeOutcome } from '../../rounding/profileOutcome.ts';
import { composed } from '../diagnosis/behaviour.ts';
import type { Diagnosis } from '../diagnosis/diagnose.ts';
import { behavioursFor } from './behaviours.ts';
import { computeWith, setupOf, unitCompute } from './compute.ts';
import { agreement, diagnoseTable, type Strictness } from './diagnose.ts';
import { TESTFLOAT_FLAGS } from './generate.ts';
import { hexBits } from './operand.ts';
import { type VectorRow, vectorRows } from './parse.ts';
import { defineVectorTask, sourceName, taskKeys, type VectorTask, type VectorTaskOptions } from './task.ts';
import { Thinned } from './thinned.ts';

/** How to compare, beside what the table is about. */
export interface VerifyOptions extends VectorTaskOptions {
  /** Another implementation's table; see `parseVectors`. Its pieces may come one after the other: none is kept. */
  readonly vectors: string | Iterable<string>;
  /** Its name, for errors. */
  readonly name?: string;
  /** Whether NaN results must have the same code. Default: any NaN equals any other. */
  readonly strictNaN?: boolean;
  /** Whether flags are left out. Rows without flags never compare them. */
  readonly ignoreFlags?: boolean;
  /** How many differences are told in full; default 10. */
  readonly limit?: number;
}

/** One side of a difference. */
export interface VectorResult {
  readonly value: number;
  /** Hexadecimal; null where the number is none of the format's values. */
  readonly code: string | null;
  /** Null where the row has none. */
  readonly flags: readonly EventKind[] | null;
}

/** One row that differs. */
export interface VectorDifference {
  readonly line: number;
  /** Operands as hexadecimal codes, or binary64 bits. */
  readonly operands: readonly string[];
  readonly inputs: readonly number[];
  readonly theirs: VectorResult;
  readonly ours: VectorResult;
  readonly differs: 'value' | 'nan' | 'flags';
  /** Deviations that would each, alone, give their result. */
  readonly explanations: readonly string[];
}

/** The outcome of a comparison, as data. */
export interface Verification {
  readonly format: string;
  readonly operation: string;
  /** The formats of the operands. */
  readonly from: string;
  /** Whether codes were read in the format that a cast takes where none is named. */
  readonly isFromDefault: boolean;
  readonly rounding: string;
  readonly profile: string | null;
  /** Rows in the table. */
  readonly rows: number;
  /** Rows whose result the policy does not define: not compared. */
  readonly undefinedRows: number;
  readonly mismatches: number;
  /** Of those, how many differ in value, in the code of a NaN, or in flags alone. */
  readonly differing: { readonly value: number; readonly nan: number; readonly flags: number };
  readonly first: readonly VectorDifference[];
  readonly diagnosis: Diagnosis | null;
  /** One row that differs and that the diagnosis leaves unexplained; null where there is none. */
  readonly unexplained: VectorDifference | null;
  /** Whether nothing differs. */
  readonly ok: boolean;
}

/** Rows of each kind that are kept for the diagnosis. */
const MOST_KEPT = 100_000;

/**
 * Compares another implementation's table with ours, and says what that implementation seems to do. All rows are
 * compared; the diagnosis is made on up to 100,000 equal ones and as many that differ, evenly spaced.
 *
 * @throws {@link BittrueError} as `defineVectorTask` and `parseVectors`
 * @example
 * import { verifyVectors } from 'bittrue/testing';
 * const vectors = 'input,output\n449,448\n463,448\n1000,448\n-inf,-448\n1.0625,1\n';
 * const found = verifyVectors({ format: 'e4m3fn', operation: 'cast', vectors });
 * found.mismatches; // 2
 * found.diagnosis?.behaviours[0]?.name; // 'saturate'
 * found.diagnosis?.verdict; // 'all'
 */
export function verifyVectors(options: VerifyOptions): Verification {
  checkObject('options', options, [...taskKeys, 'vectors', 'name', 'strictNaN', 'ignoreFlags', 'limit']);
  const { vectors, name = 'text', strictNaN = false, ignoreFlags = false, limit = 10, ...rest } = options;
  checkText('options.name', name);
  checkBoolean('strictNaN', strictNaN);
  checkBoolean('ignoreFlags', ignoreFlags);
  checkInteger('limit', limit, 0, 1_000_000);
  const task = defineVectorTask(rest);
  const strictness: Strictness = { strictNaN, ignoreFlags };
  const compute = unitCompute(task);
  const equal = new Thinned<VectorRow>(MOST_KEPT);
  const differing = new Thinned<VectorRow>(MOST_KEPT);
  const kinds = { value: 0, nan: 0, flags: 0 };
  const operands = new Set<'number' | 'bigint'>();
  const explain = explainer(task, strictness);
  const first: VectorDifference[] = [];
  const differenceOf = (row: VectorRow): VectorDifference =>
    difference(task, row, compute(row.operands) as CodeOutcome, strictness, explain);
  let rows = 0;
  let hasCodes = false;
  for (const row of vectorRows(task, vectors, name, 'vectors')) {
    rows++;
    hasCodes ||= row.isCoded;
    for (const { bits } of row.operands) operands.add(typeof bits as 'number' | 'bigint');
    const ours = compute(row.operands);
    if (ours === null) continue;
    const found = agreement(row, ours, strictness);
    if (found === 2) {
      equal.add(row);
      continue;
    }
    differing.add(row);
    kinds[kindOf(found, row, ours)] += 1;
    if (first.length < limit) first.push(differenceOf(row));
  }
  const found = differing.total === 0 ? null : diagnoseTable(task, differing, equal, strictness);
  const [left] = found === null ? [] : found.unexplained;
  return {
    format: formatName(task.format),
    operation: task.operation,
    // Decimals of a cast are binary64 numbers, codes are the task's.
    from: [...operands].map((type) => (type === 'bigint' ? 'binary64' : sourceName(task.source))).join(' and '),
    isFromDefault: task.operation === 'cast' && !task.sourceGiven && hasCodes,
    rounding: task.policy.rounding,
    profile: task.profile,
    rows,
    undefinedRows: rows - equal.total - differing.total,
    mismatches: differing.total,
    differing: kinds,
    first,
    diagnosis: found?.diagnosis ?? null,
    unexplained: left === undefined ? null : differenceOf(left),
    ok: differing.total === 0,
  };
}

function kindOf(found: 0 | 1 | 2, row: VectorRow, ours: CodeOutcome): 'value' | 'nan' | 'flags' {
  if (found === 1) return 'flags';
  return row.value !== row.value && ours.value !== ours.value ? 'nan' : 'value';
}

/** The single deviations that give a row's result. */
function explainer(task: VectorTask, strictness: Strictness): (row: VectorRow) => string[] {
  const ways = behavioursFor(task, [], []).map((one) => ({
    name: one.name,
    compute: composed([one], setupOf(task), (setup) => computeWith(task, setup)),
  }));
  return (row) =>
    ways
      .filter(({ compute }) => agreement(row, compute(row.operands)(row.operands), strictness) === 2)
      .map(({ name }) => name);
}

function difference(
  task: VectorTask,
  row: VectorRow,
  ours: CodeOutcome,
  strictness: Strictness,
  explain: (row: VectorRow) => string[],
): VectorDifference {
  const { result } = task;
  const theirFlags = row.flags === null || strictness.ignoreFlags ? null : flagNames(row.flags);
  return {
    line: row.line,
    operands: row.operands.map(({ bits }) => hexBits(typeof bits === 'bigint' ? 'binary64' : task.source, bits)),
    inputs: row.operands.map(({ x }) => x),
    theirs: { value: row.value, code: row.code === null ? null : hexBits(result, row.code), flags: theirFlags },
    ours: {
      value: ours.value,
      code: hexBits(result, ours.code),
      flags: theirFlags === null ? null : flagNames(ours.flags & TESTFLOAT_FLAGS),
    },
    differs: kindOf(agreement(row, ours, strictness), row, ours),
    explanations: explain(row),
  };
}
