/**
 * Exit statuses, which scripts rely on.
 *
 * @module
 */

/** The configuration asked for is ok. */
export const OK = 0;
/** Events were found that make it not ok, or there is no verdict. */
export const EVENTS = 1;
/** Wrong usage, input that cannot be read, or output that cannot be written. */
export const USAGE = 2;
/** A mistake of ours. */
export const INTERNAL = 70;
