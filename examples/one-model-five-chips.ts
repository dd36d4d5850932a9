/**
 * One model on five chips, bit for bit: what it predicts, where each chip's errors grow, and why two cards give other bits.
 *
 *     npm run example one-model-five-chips
 */
import { byteTokens, loadModel } from 'bittrue/models';
import { embeddedModel, openModel } from 'bittrue/node';
import { plotText, simulationPlots } from 'bittrue/reports';
import { simulate } from 'bittrue/studies';
import { comparePlans } from 'bittrue/testing';

const { config, checkpoint } = openModel(embeddedModel());
const text = byteTokens('Let there be light');
const chips = ['fp16', 'a100:f16', 'h100:f16', 'h100:fp8Wgmma', 'b200:nvfp4'] as const;
const found = simulate(loadModel(config, checkpoint), [text], { targets: chips });

console.log(`in binary64: perplexity ${found.float64.perplexity.toFixed(4)}`);
for (const { name, perplexity, logits, totals } of found.targets) {
  const same = `${Math.round((logits?.sameToken ?? 0) * 100)} % the same token`;
  console.log(
    `${name.padEnd(14)} ${perplexity.toFixed(4)}, logits ${logits?.sqnr?.toFixed(1)} dB, ${same}, ${totals.absorption} lost addends`,
  );
}
console.log(
  `\n${simulationPlots(found)
    .map((plot) => plotText(plot, { columns: 76 }))
    .join('\n')}`,
);

// An A100 and an H100 align products to other widths; a library splits K by the size of the card.
console.log('\nThe smallest operands on which two cards differ');
const pairs = [
  [
    { name: 'A100', target: 'a100:f16' },
    { name: 'H100', target: 'h100:f16' },
  ],
  [
    { name: 'whole', target: 'a100:f16' },
    { name: 'in two', target: 'a100:f16', splitK: 2, k: 32 },
  ],
] as const;
for (const [left, right] of pairs) {
  const told = comparePlans(left, right, { rows: 256 });
  if (told.verdict !== 'different') console.log(`${left.name}, ${right.name}: ${told.verdict}`);
  else {
    const { a, b, c, sides } = told;
    console.log(`${left.name} ${sides[0].value}, ${right.name} ${sides[1].value}: a [${a}], b [${b}], c ${c}`);
  }
}
