/**
 * `node scripts/identified.mjs`: writes the results of test/identification's exhaustive runs, from the lines that they left in
 * `.cache/identification`, into docs/verification.md, between the remarks that begin and end them.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, root } from './lib/project.mjs';

/** @type {{ targets: Record<string, any> }} */
const { targets } = await import(join(root, 'dist/targets/index.js'));
const folder = join(cache, 'identification');
const page = join(root, 'docs/verification.md');

/** The last line of each unit. @param {string} file */
function trialsOf(file) {
  const lines = readFileSync(join(folder, file), 'utf8').split('\n');
  const all = lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line));
  return [...new Map(all.map((trial) => [trial.unit, trial])).values()];
}

/** From the least to the most. @param {number[]} numbers */
function span(numbers) {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? `${least}` : `${least} – ${most}`;
}

/** @param {any[]} trials */
const versions = (trials) => [...new Set(trials.map(({ version }) => version))].join(', ');

/** Units that were found to be the same arithmetic of rows as long share a line. @param {any[]} trials */
function catalogue(trials) {
  /** @type {Map<string, any[]>} */
  const groups = new Map();
  for (const trial of trials) {
    const key = [trial.text, trial.k, trial.verdict, trial.differing].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), trial]);
  }
  const names = trials.flatMap(({ unit, same }) => [unit, ...same]);
  const all = Object.values(targets)
    .filter(({ sameAs }) => sameAs === undefined)
    .flatMap(({ matrixUnits }) => Object.keys(matrixUnits)).length;
  const found = trials.filter(({ differing }) => differing === 0);
  const seconds = trials.map((trial) => trial.seconds).sort((p, q) => p - q);
  return [
    `${names.length} of the ${all} units of the catalogue (those that are the same data once: ${trials.length}), at ${versions(trials)}: ${found.length} ` +
      `identified without a difference on 20,000 fresh rows; at most ${Math.max(...trials.map(({ rows }) => rows))} rows; ` +
      `processor time ${seconds[seconds.length >> 1]} s in the median, ${seconds.at(-1)} s at most, on a machine with other work.`,
    '',
    '| units | K | rows | seconds | verdict | differing | arithmetic |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...[...groups.values()].map((group) => {
      const [{ k, verdict, differing, text }] = group;
      const units = group.flatMap(({ unit, same }) => [unit, ...same]).join(', ');
      const rows = span(group.map((one) => one.rows));
      return `| ${units} | ${k} | ${rows} | ${span(group.map((one) => one.seconds))} | ${verdict} | ${differing ?? '–'} | ${text} |`;
    }),
  ];
}

/** Counts, and those that were not found. @param {string} seed @param {any[]} trials */
function random(seed, trials) {
  const found = trials.filter(({ differing }) => differing === 0);
  const unknown = trials.filter(({ verdict }) => verdict === 'unknown');
  const deviating = trials.filter(({ differing }) => differing > 0);
  const beyond = deviating.filter(({ differing, fresh, bound }) => differing / fresh > bound);
  const seconds = trials.map((trial) => trial.seconds).sort((p, q) => p - q);
  return [
    `${trials.length} units drawn with seed ${seed}, at ${versions(trials)}: ${found.length} found, ${unknown.length} unknown, ` +
      `${deviating.length} targets that deviate, ${beyond.length} of them on more rows than their bound says; processor time ` +
      `${seconds[seconds.length >> 1]} s in the median, ${seconds.at(-1)} s at most.`,
    ...(unknown.length + deviating.length === 0
      ? []
      : [
          '',
          '| unit | K | rows | seconds | verdict | differing of 20,000 | |',
          '| --- | --- | --- | --- | --- | --- | --- |',
          ...[...unknown, ...deviating].map(
            (one) =>
              `| ${one.unit} | ${one.k} | ${one.rows} | ${one.seconds} | ${one.verdict} | ${one.differing ?? '–'} | ${one.text} |`,
          ),
        ]),
  ];
}

/** @param {string} text @param {string} name @param {string[]} lines */
function between(text, name, lines) {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [i, j] = [text.indexOf(begin), text.indexOf(end)];
  if (i < 0 || j < i) throw new Error(`docs/verification.md has no ${begin} … ${end}`);
  return `${text.slice(0, i)}${begin}\n${lines.join('\n')}\n${text.slice(j)}`;
}

let text = readFileSync(page, 'utf8');
for (const file of existsSync(folder) ? readdirSync(folder).sort() : []) {
  const trials = trialsOf(file);
  const [, seed] = /^random-(.*)\.jsonl$/.exec(file) ?? [];
  if (file === 'catalogue.jsonl') text = between(text, 'identified catalogue', catalogue(trials));
  else if (seed !== undefined) text = between(text, 'identified random units', random(seed, trials));
}
writeFileSync(page, text);
