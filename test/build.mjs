/**
 * Before the first test: the engine's module, where it is missing or older than its sources, and the sources as modules.
 *
 * @module
 */
import { run } from '../scripts/lib/project.mjs';
import { compile } from './compiled.mjs';

export default async () => {
  if (run(process.execPath, ['scripts/assembly.mjs', '--if-needed']) !== 0)
    throw new Error('assembly/ does not compile');
  await compile();
};
