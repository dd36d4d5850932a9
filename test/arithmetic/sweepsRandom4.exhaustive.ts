/** Outside CI: a quarter of the twenty-four formats with a million biased random cases an operation and mode. */
import { describeMillions } from './sweeps/describeRandom.ts';

describeMillions(4);
