/**
 * Property tests draw from one seed, so that a run can be repeated; `PROPERTY_SEED=n npm test` draws other cases.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20261122) });
