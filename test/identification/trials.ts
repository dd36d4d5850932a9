/**
 * Units hidden behind `identify`, measured one by one. Every result is a line of JSON in `.cache/identification`, with the commit
 * that it was measured at: a run that was stopped goes on after its last line.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { identify } from '../../src/identification/index.ts';
import type { MatrixUnit, Target } from '../../src/targets/index.ts';
import { differences, freshRows, hidden, questionOf } from './helpers.ts';

/** A unit and the length of its rows. */
export interface Case {
  readonly name: string;
  /** Other units that are the same data. */
  readonly same: readonly string[];
  readonly k: number;
  readonly target: Target;
  readonly unit: MatrixUnit;
}

/** What came of it. */
export interface Trial {
  /** The commit; with a + where files differed from it. */
  readonly version: string;
  readonly unit: string;
  readonly same: readonly string[];
  readonly k: number;
  /** Rows asked. */
  readonly rows: number;
  /** Of processor time. */
  readonly seconds: number;
  readonly verdict: 'identified' | 'unknown';
  /** What was found, or why nothing was. */
  readonly text: string;
  /** Fresh rows on which the target found gives other bits, of so many; null: none was found. */
  readonly differing: number | null;
  readonly fresh: number;
  /** The share of rows on which a target found may deviate. */
  readonly bound: number | null;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Fresh rows of each unit. */
const FRESH = 20_000;

function git(...args: string[]): string {
  return spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout.trim();
}

const version = `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', 'src', 'test') === '' ? '' : '+'}`;

/** What was measured at this commit, by the unit's name. */
function recorded(file: string): Map<string, Trial> {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  // A line that a stop cut short is measured again.
  const trials = lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as Trial);
  return new Map(trials.filter((one) => one.version === version).map((one) => [one.unit, one]));
}

/** A function that measures a unit, or gives what was measured before at this commit; `list`: the file's name. */
export function trials(list: string): (one: Case) => Trial {
  const file = join(root, '.cache/identification', `${list}.jsonl`);
  const known = recorded(file);
  mkdirSync(dirname(file), { recursive: true });
  return (one) => {
    const before = known.get(one.name);
    if (before !== undefined) return before;
    const trial = tried(one);
    appendFileSync(file, `${JSON.stringify(trial)}\n`);
    const { unit, rows, seconds, verdict, differing, text } = trial;
    console.log(`| ${unit} | ${rows} | ${seconds} s | ${verdict} | ${differing} | ${text} |`);
    return trial;
  };
}

function tried({ name, same, k, target, unit }: Case): Trial {
  const started = process.cpuUsage().user;
  const found = identify(hidden(target, unit), questionOf(unit, k));
  const seconds = Math.round((process.cpuUsage().user - started) / 1e5) / 10;
  const isFound = found.verdict === 'identified';
  return {
    ...{ version, unit: name, same, k, rows: found.rows, seconds, verdict: found.verdict },
    text: isFound ? found.arithmetic : found.reason,
    differing: isFound ? differences(target, found.target, unit, freshRows(unit, k, FRESH, name)).length : null,
    ...{ fresh: FRESH, bound: isFound ? found.bound : null },
  };
}

/** Every n-th of some cases, as the variable `SHARD` says: `2/3` is the second of three parts. */
export function sharded<T>(cases: readonly T[]): T[] {
  const [part, parts] = (process.env.SHARD ?? '1/1').split('/').map(Number) as [number, number];
  return cases.filter((_, i) => i % parts === part - 1);
}
