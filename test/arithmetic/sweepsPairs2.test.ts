/** Every pair of values of every format of at most 8 bits, in every mode: quarter 2 of the formats. */
import { describePairs } from './sweeps/describe.ts';

describePairs(2, 4);
