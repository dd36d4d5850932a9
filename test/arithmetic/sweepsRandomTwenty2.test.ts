/** The other ten of the twenty random formats: twenty thousand biased random cases an operation and mode. */
import { describeRandom, twentyFormats } from './sweeps/describeRandom.ts';

describeRandom(twentyFormats.slice(10), 20_000, 5_000);
