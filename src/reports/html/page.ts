/**
 * The frame of an HTML page: nothing is fetched.
 *
 * @module
 */

const style = `body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
table{border-collapse:collapse}td,th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid #8884}
td:first-child,th:first-child{text-align:left}svg{max-width:40rem;width:100%}.wide{overflow-x:auto}
.failed td{background:#d0302820}`;

/** A page of a command, which names it as its generator: by this the command knows a file that it may replace. */
export function page(generator: string, body: readonly string[]): string {
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><meta name="generator" content="${generator}"><title>${generator}</title>`,
    `<style>${style}</style></head><body>`,
    ...body,
    '</body></html>',
    '',
  ].join('\n');
}
