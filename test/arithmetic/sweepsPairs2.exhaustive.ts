/** Outside CI: half of the formats of at most 8 bits, see `sweeps/describeAllPairs.ts`. */
import { describeAllPairs } from './sweeps/describeAllPairs.ts';

describeAllPairs(2, 2);
