/**
 * The families that are known, and a config.json read by its own.
 *
 * @module
 */
import { BittrueError, checkList, nearest } from '../../errors/index.ts';
import { type Fields, fieldsOf, WAYS_ON } from '../fields.ts';
import { bertFamilies } from './bert.ts';
import { cousinFamilies } from './cousins.ts';
import type { Described, DescribedEncoder, EncoderFamily, Family } from './family.ts';
import { gemmaFamilies } from './gemma.ts';
import { gptFamilies } from './gpt.ts';
import { llamaFamilies } from './llama.ts';
import { visionFamilies } from './vision.ts';

/** All families. */
export const families: readonly (Family | EncoderFamily)[] = /* @__PURE__ */ Object.freeze([
  ...llamaFamilies,
  ...cousinFamilies,
  ...gemmaFamilies,
  ...gptFamilies,
  ...bertFamilies,
  ...visionFamilies,
]);

/** Refuses checkpoints of codes: GPTQ, AWQ, FP8, MXFP4, bitsandbytes. */
function checkNumbersStored(fields: Fields): void {
  const quantized = fields.any('quantization_config');
  if (quantized === undefined) return;
  const { quant_method: method = 'codes' } = (typeof quantized === 'object' ? quantized : {}) as {
    quant_method?: unknown;
  };
  const wanted = 'weights stored as floating-point numbers: the checkpoint before it was quantized, or its .gguf file';
  throw new BittrueError('unsupported', 'config.quantization_config', method, `${wanted}${WAYS_ON}`);
}

/** A config.json, read by its family. */
export type ParsedConfig =
  | ({ readonly family: Family } & Described)
  | ({ readonly family: EncoderFamily } & DescribedEncoder);

/**
 * Reads a parsed config.json.
 *
 * @throws {@link BittrueError} `unsupported` for a `model_type` of no family here (the error lists them, the nearest, and the ways on),
 *   for fields that change what is computed and are not computed here, and for those that are not known to change nothing; `type`,
 *   `range`, `shape` for fields that are missing or impossible
 */
export function parseConfig(json: unknown): ParsedConfig {
  const fields = fieldsOf(json);
  const type = fields.any('model_type');
  const family = families.find(({ name }) => name === type);
  if (family === undefined) {
    const names = families.map(({ name }) => name);
    const near = nearest(type, names);
    const told = near.length === 0 ? '' : ` (${near.join(' and ')} ${near.length === 1 ? 'is' : 'are'} near)`;
    throw new BittrueError('unsupported', 'config.model_type', type, `one of ${names.join(', ')}${told}${WAYS_ON}`);
  }
  const classes = fields.any('architectures');
  if (classes !== undefined) {
    for (const one of checkList('config.architectures', classes)) {
      if (typeof one === 'string' && family.classes.test(one)) continue;
      throw new BittrueError('unsupported', 'config.architectures', one, `a class of ${family.title}`);
    }
  }
  checkNumbersStored(fields);
  const read = family.read(fields);
  fields.finish(`a ${family.title}`);
  return { family, config: Object.freeze(read.config), plan: read.plan } as ParsedConfig;
}
