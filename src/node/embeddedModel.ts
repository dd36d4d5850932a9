/**
 * Where the model that ships with the package lies.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';

/**
 * The folder of tiny-llama: config.json, model.safetensors, validation.txt, calibration.txt.
 *
 * @example
 * import { embeddedModel } from 'bittrue/node';
 * embeddedModel().endsWith('tiny-llama'); // true
 */
export function embeddedModel(): string {
  // src/node and dist/node lie equally deep, so one relative path serves both.
  return fileURLToPath(new URL('../../models/tiny-llama', import.meta.url));
}
