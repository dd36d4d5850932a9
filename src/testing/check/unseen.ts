/**
 * Deviations that the operands of a check cannot show, and operands that can.
 *
 * @module
 */
import { binary64 } from '../../formats/binary64.ts';
import { bfloat16, binary16, binary32 } from '../../formats/catalogue.ts';
import type { Format } from '../../formats/format.ts';
import { formatName } from '../../formats/formatName.ts';
import type { CodeOutcome } from '../../rounding/profileOutcome.ts';
import { type Conversion, convertWith, type Setup, setupOf } from '../conformance/compute.ts';
import { formatOf, type Operand } from '../conformance/operand.ts';
import { draws } from '../conformance/sample.ts';
import type { VectorSource } from '../conformance/task.ts';
import { type Behaviour, composed } from '../diagnosis/behaviour.ts';
import { conversionBehaviours } from '../diagnosis/conversions.ts';
import type { Row } from './call.ts';
import type { Unseen } from './check.ts';
import { conversionCases, everyOperand } from './conversionCases.ts';

/** Cases of a check that a deviation is looked for in; of another source. */
const TRIED = 4096;
const ELSEWHERE = 400;

type Case = readonly Operand[];

/** Groups of deviations that depend on the source: what a converter does to the digits of a number. */
const groups: readonly string[] = [
  'rounding',
  'sticky',
  'cut',
  'via',
  'carry',
  'subnormals',
  'smallest',
  'flush',
  'overflow',
  'threshold',
  'limit',
  'top',
  'power',
];

/** The deviations that none of the cases shows, each with the narrowest usual source that shows it. */
export function unseenBehaviours(task: Conversion, tried: readonly Row[]): Unseen[] {
  if (task.format.bits > 53) return [];
  const step = Math.max(1, Math.floor(tried.length / TRIED));
  const cases = tried.filter((_, i) => i % step === 0 || i < 256).map(({ operands }) => operands);
  const candidates = conversionBehaviours(task, []).filter(
    ({ group, name }) => groups.includes(group) && !/ (for|in) /.test(name),
  );
  const hidden = candidates.filter((one) => !shows(task, one, cases));
  if (hidden.length === 0) return [];
  const elsewhere = otherSources(task.source).map((source) => ({ source, cases: casesOf(task.format, source) }));
  return hidden.flatMap((one) => {
    const found = elsewhere.find(({ source, cases: others }) => {
      const other = { ...task, source };
      const same = conversionBehaviours(other, []).find(({ name }) => name === one.name);
      return same !== undefined && shows(other, same, others);
    });
    if (found === undefined) return [];
    return [{ name: one.name, text: one.text, from: formatName(formatOf(found.source)) }];
  });
}

/** Whether a deviation changes the result of some case. */
function shows(task: Conversion, behaviour: Behaviour<Setup>, cases: readonly Case[]): boolean {
  const right = convertWith(task, setupOf(task));
  const compute = composed([behaviour], setupOf(task), (setup) => convertWith(task, setup));
  return cases.some((operands) => !equal(right(operands), compute(operands)(operands)));
}

function equal(a: CodeOutcome | null, b: CodeOutcome | null): boolean {
  return a === null || b === null ? a === b : Object.is(a.value, b.value);
}

/** The usual sources with more digits than this one, the narrowest first. */
function otherSources(source: VectorSource): VectorSource[] {
  const usual: Format[] = [bfloat16, binary16, binary32, binary64];
  const here = formatOf(source);
  return usual
    .filter((one) => one.bits > here.bits || (one.bits === here.bits && formatName(one) !== formatName(here)))
    .map((one) => (one.bits > 53 ? 'binary64' : one) as VectorSource);
}

function casesOf(format: Format, source: VectorSource): Case[] {
  const found: Case[] = [];
  const bits = formatOf(source).bits;
  const all = bits <= 8 ? everyOperand(source) : conversionCases(format, source, draws(1));
  for (const one of all) {
    found.push(one);
    if (found.length === ELSEWHERE) break;
  }
  return found;
}
