/**
 * The tables of docs/formats.md and docs/targets.md, from the data that the library runs on.
 *
 * @module
 */

/** @typedef {Readonly<Record<string, any>>} Library functions and data of the rooms, by name */

/**
 * A table in Markdown.
 *
 * @param {readonly string[]} titles
 * @param {readonly (readonly string[])[]} rows
 */
function table(titles, rows) {
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(titles), `|${' --- |'.repeat(titles.length)}`, ...rows.map(line)].join('\n');
}

/** Values told at either end. */
const ENDS = 3;

/**
 * The positive values in order: all of a small format, both ends of a larger one.
 *
 * @param {any} format
 * @param {Library} library
 */
function valueLine(format, { decode }) {
  if (format.bits > 16) return '';
  /** @type {number[]} */
  const all = [];
  for (let code = 0; code < format.codes; code++) {
    const value = decode(format, code);
    if (value > 0 && Number.isFinite(value)) all.push(value);
  }
  all.sort((a, b) => a - b);
  const short = (/** @type {number} */ x) => String(Number(x.toPrecision(5)));
  if (all.length <= 8) return all.map(short).join(', ');
  return `${all.slice(0, ENDS).map(short).join(', ')} … ${all.slice(-2).map(short).join(', ')}`;
}

/**
 * @param {Library} library
 * @returns {string}
 */
export function formatsTable(library) {
  const { catalogue, formatSources, otherNames, fieldsText, rangeTexts, specialsText } = library;
  const rows = Object.entries(catalogue).map(([name, format]) => [
    `\`${name}\``,
    String(format.bits),
    fieldsText(format),
    ...rangeTexts(format),
    specialsText(format) || '–',
    valueLine(format, library) || '–',
    otherNames(name)
      .map((/** @type {string} */ other) => `\`${other}\``)
      .join(' ') || '–',
    `${formatSources[name].words}; ${formatSources[name].source}`,
  ]);
  const titles = [
    'format',
    'bits',
    'fields',
    'largest',
    'least normal',
    'least subnormal',
    'special',
    'positive values',
    'other names',
    'what, source',
  ];
  return table(titles, rows);
}

/**
 * @param {Library} library
 * @returns {string}
 */
export function blocksTable({ blockCatalogue, blockSources, formatName }) {
  const rows = Object.entries(blockCatalogue).map(([name, block]) => [
    `\`${name}\``,
    String(block.bitsPerNumber),
    formatName(block.element),
    formatName(block.scale) +
      (block.tensorScale === null ? '' : `, and ${formatName(block.tensorScale)} for the tensor`),
    String(block.size),
    block.scaleRule,
    `${blockSources[name].words}; ${blockSources[name].source}`,
  ]);
  return table(['block format', 'bits a number', 'element', 'scale', 'numbers a scale', 'rule', 'what, source'], rows);
}

/**
 * @param {Library} library
 * @returns {string}
 */
export function codebooksTable({ codebookCatalogue, codebookSources }) {
  const number = (/** @type {number} */ x) => String(+x.toPrecision(5)).replace('-', '−');
  const rows = Object.entries(codebookCatalogue).map(([name, { bits, values, ties }]) => [
    `\`${name}\``,
    String(bits),
    values.length > 16 ? `${values.length} codes` : values.map(number).join(', '),
    ties,
    `${codebookSources[name].words}; ${codebookSources[name].source}`,
  ]);
  return table(['codebook', 'bits', 'values', 'ties', 'what, source'], rows);
}

/**
 * @param {Library} library
 * @returns {string}
 */
export function targetsTable(library) {
  const { targets, formatName, accumulatorText, reductionText } = library;
  // By vendor and name: the order of a module's exports is not everywhere the same.
  const key = (/** @type {any} */ { vendor, name }) => `${vendor} ${name}`;
  const all = Object.values(targets).sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const parts = all
    .filter(({ sameAs }) => sameAs === undefined)
    .map((target) => {
      const { name, vendor, summary, source, verified, matrixUnits, vectorUnits } = target;
      const alike = all.filter(({ sameAs }) => sameAs === name).map((one) => one.name);
      const operands = (/** @type {any} */ { a, b, mixes, scale }) => {
        const [left, right] = [a.map(formatName).join(', '), b.map(formatName).join(', ')];
        const both = mixes === 'same' || left === right ? left : `${left} × ${right}`;
        return scale === null ? both : `${both}; ${formatName(scale.format)} to ${scale.block}`;
      };
      const rows = [
        ...Object.values(matrixUnits).map((unit) => [
          `\`${unit.name}\``,
          `${operands(unit)} → ${formatName(unit.output.format)}`,
          accumulatorText(unit),
          unit.verified + (unit.disputed.length > 0 ? ', disputed' : ''),
          unit.source,
        ]),
        ...Object.values(vectorUnits).map((unit) => [
          `\`${unit.name}\``,
          `${formatName(unit.load.format)} → ${formatName(unit.store.format)}`,
          `computes in ${formatName(unit.compute.format)}; sums: ${reductionText(unit.reduction)}`,
          unit.verified ?? verified,
          unit.source || source || '–',
        ]),
      ];
      const head = `### ${name}\n\n${vendor === '' ? '' : `${vendor}: `}${summary}.${alike.length === 0 ? '' : ` The same units: ${alike.join(', ')}.`}`;
      return `${head}\n\n${table(['unit', 'operands → result', 'accumulator', 'known by', 'source'], rows)}`;
    });
  return parts.join('\n\n');
}

/**
 * A text with what stands between its marks replaced.
 *
 * @param {string} text
 * @param {string} name
 * @param {string} content
 */
export function between(text, name, content) {
  const [open, close] = [`<!-- ${name}: written by \`npm run guides\` -->`, `<!-- /${name} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`no marks of ${name}`);
  return `${text.slice(0, start + open.length)}\n\n${content}\n\n${text.slice(end)}`;
}
