/**
 * The options that say what a capture's tensors go into.
 *
 * @module
 */

/** Keys of `CapturedInputsOptions`. */
export const capturedKeys = ['kernel', 'tensors', 'model', 'config', 'epsilon'] as const;
