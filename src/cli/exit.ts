/**
 * Exit statuses, which scripts rely on.
 *
 * @module
 */

/** The configuration asked for is ok. */
export const OK = 0;
/** Events were found that make it not ok. */
export const EVENTS = 1;
/** Wrong usage, or input that cannot be read. */
export const USAGE = 2;
