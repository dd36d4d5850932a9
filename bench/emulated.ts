/**
 * The numbers of docs/quantization.md on next tokens under emulation: the embedded model's linear layers on the codes of a unit, and as
 * frameworks emulate it, both operands as bfloat16 numbers on the same chip; results of layers are bfloat16 numbers, all else is exact.
 * Tokens are those of the validation text, read and not generated. A minute or two.
 *
 *     npm run bench emulated [TARGETS, with commas]
 *
 * @module
 */
import { createEngine } from 'bittrue/engine';
import { bfloat16 } from 'bittrue/formats';
import { matmul } from 'bittrue/kernels';
import { byteTokens, loadModel, splitTokens } from 'bittrue/models';
import { embeddedModel, openFile, openModel } from 'bittrue/node';
import { dequantizeBlocks, quantizeBlocks } from 'bittrue/quantization';
import { round } from 'bittrue/rounding';
import { logits } from 'bittrue/studies';
import type { MatrixUnit } from 'bittrue/targets';
import { type LinearCall, onLinear } from '../src/studies/linearCall.ts';
import { linearOn, operandFormats } from '../src/studies/simulate/operands.ts';
import { givenTarget } from '../src/targets/table.ts';
import { productUnitOf } from '../src/targets/units.ts';
import { transposed } from '../src/tensors/transposed.ts';

const { config, checkpoint } = openModel(embeddedModel());
const model = loadModel(config, checkpoint);
const engine = await createEngine();
const source = openFile(`${embeddedModel()}/validation.txt`);
const texts = splitTokens(byteTokens(source.read(0, source.size)), model.config.context);
const short = (x: ArrayLike<number>) => Float64Array.from(x, (one) => round(bfloat16, one));
const { vocabulary } = model.config;

/** The largest logit of every token, and by how much it leads. */
function best(data: ArrayLike<number>) {
  return Array.from({ length: data.length / vocabulary }, (_, row) => {
    let [at, first, second] = [0, -Infinity, -Infinity];
    for (let i = 0; i < vocabulary; i++) {
      const x = data[row * vocabulary + i]!;
      if (x > first) [at, first, second] = [i, x, first];
      else if (x > second) second = x;
    }
    return { at, lead: first - second };
  });
}

/** Of every next token in the texts; the last of each is predicted, but not there. */
function perplexityOf(data: ArrayLike<number>): number {
  let [sum, count, row] = [0, 0, 0];
  for (const text of texts) {
    for (let t = 0; t < text.length; t++, row++) {
      if (t + 1 === text.length) continue;
      const own = Array.from({ length: vocabulary }, (_, i) => data[row * vocabulary + i]!);
      const most = Math.max(...own);
      sum += Math.log(own.reduce((all, x) => all + Math.exp(x - most), 0)) + most - own[text[t + 1]!]!;
      count++;
    }
  }
  return Math.exp(sum / count);
}

const rms = (x: ArrayLike<number>) => Math.sqrt(Array.from(x).reduce((sum, one) => sum + one * one, 0) / x.length);
const middle = (x: readonly number[]) => x.toSorted((a, b) => a - b)[Math.floor(x.length / 2)] ?? Number.NaN;
const percent = (x: number) => `${(100 * x).toFixed(2)} %`;
const exact = logits(model, texts);
const exactBest = best(exact.data);

console.log(`without rounding: perplexity ${perplexityOf(exact.data).toFixed(3)}\n`);
console.log(
  '| unit | next tokens differ | logits, rms of the difference | lead where tokens differ: median, largest | median lead | from exact: codes | emulated | perplexity: codes | emulated |',
);
console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
for (const name of process.argv[2]?.split(',') ?? ['b200:nvfp4', 'b200:mxfp4']) {
  const target = givenTarget('target', name);
  const { unit } = productUnitOf('target', target);
  const onCodes = linearOn(target, unit.name, null, { engine });
  const codes = onLinear(({ name: layer, input, rows, weight }) =>
    short(onCodes(layer, { x: input, rows, weight, bias: null }).output),
  );
  const kept = new Map<string, Float64Array>();
  const emulated = onLinear(({ name: layer, input, rows, weight }: LinearCall) => {
    const [n, k] = weight.shape as [number, number];
    const formats = operandFormats(unit as MatrixUnit, k);
    const b = kept.get(layer) ?? transposed(short(dequantizeBlocks(quantizeBlocks(weight, formats.weight))), n, k);
    kept.set(layer, b);
    const a = short(dequantizeBlocks(quantizeBlocks({ data: input, shape: [rows, k] }, formats.x)));
    return short(matmul(a, b, { m: rows, n, k, target, unit: 'bf16', engine }).output);
  });
  const [one, other] = [codes, emulated].map((on) => logits(model, texts, { on }).data) as [Float64Array, Float64Array];
  const [tokens, others] = [best(one), best(other)];
  const differ = tokens.filter(({ at }, i) => at !== others[i]!.at);
  const apart = rms(one.map((x, i) => x - other[i]!)) / rms(one);
  const leads = differ.map(({ lead }) => lead);
  const strange = [tokens, others].map((all) => all.filter(({ at }, i) => at !== exactBest[i]!.at).length / all.length);
  const cells = [
    `\`${name}\``,
    `${differ.length} of ${tokens.length}, ${percent(differ.length / tokens.length)}`,
    percent(apart),
    differ.length === 0 ? '' : `${middle(leads).toFixed(2)}, ${Math.max(...leads).toFixed(2)}`,
    middle(tokens.map(({ lead }) => lead)).toFixed(2),
    ...strange.map(percent),
    ...[one, other].map((data) => perplexityOf(data).toFixed(3)),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
