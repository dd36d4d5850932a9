import { byteTokens, loadModel, type Model, splitTokens } from '../../src/models/index.ts';
import { embeddedModel, openFile, openModel } from '../../src/node/index.ts';

/** The embedded model. */
export function tinyLlama(): Model {
  const { config, checkpoint } = openModel(embeddedModel());
  return loadModel(config, checkpoint);
}

/** Its validation text: 8 sequences of 257 tokens. */
export function validation(): Uint8Array[] {
  const source = openFile(`${embeddedModel()}/validation.txt`);
  return splitTokens(byteTokens(source.read(0, source.size)), 257);
}

/** The calibration of docs/quantization.md: the first 8 sequences of 256 tokens of its calibration text. */
export function calibration(): Uint8Array[] {
  const source = openFile(`${embeddedModel()}/calibration.txt`);
  return splitTokens(byteTokens(source.read(0, source.size)), 256).slice(0, 8);
}
