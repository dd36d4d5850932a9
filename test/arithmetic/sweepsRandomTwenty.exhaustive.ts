/** Twenty random formats: twenty thousand biased random cases an operation and mode. */
import { describeRandom, twentyFormats } from './sweeps/describeRandom.ts';

describeRandom(twentyFormats, 20_000, 5000);
