/**
 * What the terminal can show.
 *
 * @module
 */

/** Columns where there is no terminal: those of a printed page of code. */
const USUAL = 100;
/** Narrower, tables would be all breaks. */
const LEAST = 40;

/** Whether to colour: NO_COLOR and FORCE_COLOR say so, else whether a terminal reads it. */
export function wantsColor(
  { NO_COLOR: none = '', FORCE_COLOR: forced = '', TERM: term }: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (none !== '') return false;
  if (forced !== '') return !['0', 'false'].includes(forced);
  return isTerminal && term !== 'dumb';
}

/** Columns of the terminal that output or, if that is a file, mistakes go to. */
export function terminalColumns(
  streams: readonly { readonly columns?: number }[] = [process.stdout, process.stderr],
): number {
  const columns = streams.find((stream) => (stream.columns ?? 0) > 0)?.columns ?? USUAL;
  return Math.max(LEAST, columns);
}
