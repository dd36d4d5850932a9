import { fileURLToPath } from 'node:url';

/** The folder of the site, and of the repository. */
export const site = fileURLToPath(new URL('..', import.meta.url));
export const root = fileURLToPath(new URL('../..', import.meta.url));
