/**
 * The frame of an HTML page: nothing is fetched, light and dark by the reader's scheme.
 *
 * @module
 */
import { grounds } from '../plots/svg.ts';

const look = (scheme: 'light' | 'dark'): string => `background:${grounds[scheme][0]};color:${grounds[scheme][1]}`;

const style = /* @__PURE__ */ (() => `:root{color-scheme:light dark}
body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere;${look('light')}}
@media(prefers-color-scheme:dark){body{${look('dark')}}}
table{border-collapse:collapse}td,th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid #8884;white-space:nowrap}
td:first-child,th:first-child{text-align:left}
.words :is(td,th):last-child{text-align:left;white-space:normal;overflow-wrap:normal;min-width:16em}.wide{overflow-x:auto}
figure{margin:1.5rem 0}svg{max-width:100%;height:auto}.narrow{display:none}
@media(max-width:760px){.broad{display:none}.narrow{display:block}}
.failed td{background:#d0302820}`)();

/** A page of a command, which names it as its generator: by this the command knows a file that it may replace. */
export function page(generator: string, body: readonly string[]): string {
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">`,
    `<meta name="generator" content="${generator}"><title>${generator}</title>`,
    `<style>${style}</style></head><body>`,
    ...body,
    '</body></html>',
    '',
  ].join('\n');
}
