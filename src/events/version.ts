/**
 * What reports carry so that two of them can be told to be comparable.
 *
 * @module
 */

/** The package's version; a test holds it against package.json. */
export const VERSION = '0.1.0';

/** Raised whenever a bit of any result or a count of any event changes its meaning; see the CHANGELOG under "Bits". */
export const SEMANTICS = 1;
