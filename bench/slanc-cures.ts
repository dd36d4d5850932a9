/**
 * The plot and the table of docs/slanc.md: every cure of an overflowing norm on the embedded model, the residual stream multiplied by
 * 2^0 … 2^14, on 254 predictions. Writes docs/pictures/slanc-cures.svg; takes about two minutes.
 *
 *     npm run bench slanc-cures
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { byteTokens, loadModel, splitTokens } from 'bittrue/models';
import { embeddedModel, openFile, openModel } from 'bittrue/node';
import { plotSvg } from 'bittrue/reports';
import { type CureComparison, compareCures } from 'bittrue/studies';
import { fp16 } from 'bittrue/targets';

const { config, checkpoint } = openModel(embeddedModel());
const model = loadModel(config, checkpoint);
const text = openFile(`${embeddedModel()}/validation.txt`);
const sequences = splitTokens(byteTokens(text.read(0, 256)), 128);
const runs: CureComparison[] = [];
for (let e = 0; e <= 14; e++) {
  runs.push(compareCures(model, sequences, { target: fp16, residualScale: 2 ** e }));
}
const names = runs[0].cures.map(({ name }) => name);
// One variant stands for those whose lines it covers.
const shown = names.filter((name) => !/dmx|Gate|powers of two/.test(name));
const series = shown.map((name) => ({
  name,
  mark: 'line' as const,
  points: runs.map(({ residualScale, cures }) => {
    const { perplexity } = cures.find((one) => one.name === name) as { perplexity: number };
    // NaN has no height: it is drawn at the border.
    return { x: residualScale, y: Number.isNaN(perplexity) ? Infinity : perplexity };
  }),
}));
const svg = plotSvg({
  title: 'Every RMSNorm in binary16 under each cure, the residual stream times c',
  x: { title: 'c', scale: 'logarithmic' },
  y: { title: 'perplexity', scale: 'logarithmic' },
  series,
});
writeFileSync(new URL('../docs/pictures/slanc-cures.svg', import.meta.url), `${svg}\n`);
const scales = [1, 8, 256, 4096, 16384];
console.log(`float64: ${runs[0].float64.perplexity.toFixed(4)}, ${runs[0].predictions} predictions\n`);
console.log(
  `| cure | ${scales.map((c) => `c = ${c}`).join(' | ')} | overflows at 8, 256, 16384 | cost a token and norm of width d |`,
);
console.log(`| --- | ${scales.map(() => '---:').join(' | ')} | --- | --- |`);
for (const [i, name] of names.entries()) {
  const at = (c: number) => (runs.find(({ residualScale }) => residualScale === c) as CureComparison).cures[i];
  const perplexities = scales.map((c) => at(c).perplexity.toFixed(4));
  const overflows = [8, 256, 16384].map((c) => at(c).overflows).join(', ');
  console.log(`| ${name} | ${perplexities.join(' | ')} | ${overflows} | ${at(1).cost} |`);
}
