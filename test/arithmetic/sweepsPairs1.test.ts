/** Every pair of values of every format of at most 8 bits, in every mode: quarter 1 of the formats. */
import { describePairs } from './sweeps/describe.ts';

describePairs(1, 4);
