/**
 * Outside CI: binary16, bfloat16, tf32 and binary32 with a million biased random cases an operation and mode, and the
 * twenty random formats with another million between them.
 */
import { describeRandom, namedFormats, twentyFormats } from './sweeps/describeRandom.ts';

describeRandom(namedFormats, 1_000_000);
describeRandom(twentyFormats, 50_000);
