/**
 * Before the first test: the engine's module, where it is missing or older than its sources.
 *
 * @module
 */
import { run } from '../scripts/lib/project.mjs';

export default () => {
  if (run(process.execPath, ['scripts/assembly.mjs', '--if-needed']) !== 0)
    throw new Error('assembly/ does not compile');
};
