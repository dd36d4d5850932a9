/**
 * What the terminal can show.
 *
 * @module
 */

/** Columns where there is no terminal: those of a printed page of code. */
const USUAL = 100;
/** Narrower, tables would be all breaks. */
const LEAST = 40;

/** Columns of the terminal that output or, if that is a file, mistakes go to. */
export function terminalColumns(
  streams: readonly { readonly columns?: number }[] = [process.stdout, process.stderr],
): number {
  const columns = streams.find((stream) => (stream.columns ?? 0) > 0)?.columns ?? USUAL;
  return Math.max(LEAST, columns);
}
