/**
 * Checks of a script, a line each.
 *
 * @module
 */

/** A check, which prints its line and what was found where it fails, and how many failed so far. */
export function checks() {
  let failed = 0;
  return {
    check(/** @type {string} */ title, /** @type {boolean} */ holds, found = '') {
      console.log(`${holds ? 'ok    ' : 'FAILED'} ${title}${holds || found === '' ? '' : `: ${found}`}`);
      if (!holds) failed++;
    },
    failures: () => failed,
  };
}
