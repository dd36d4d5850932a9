/**
 * SLaNC's scales as a table.
 *
 * @module
 */
import { checkSchema, printableData } from '../../errors/index.ts';
import type { SlancScales } from '../../studies/index.ts';
import { checkLook, type RenderOptions, table, wrap } from './layout.ts';

const claims = {
  proved: 'proved, no step of a square-sum in binary16 can overflow',
  typical: 'typical, inputs are expected near alpha but nothing bounds them, so a run decides (bittrue check --slanc)',
} as const;

/**
 * A line a norm: what stands before it, α, the scale.
 *
 * @example
 * import { loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { formatSlanc } from 'bittrue/reports';
 * import { slancScales } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const lines = formatSlanc(slancScales(loadModel(config, checkpoint))).split('\n');
 * lines[0]; // 'SLaNC frobenius: 9 norms of width 128'
 */
export function formatSlanc(scales: SlancScales, options: RenderOptions = {}): string {
  checkLook(options);
  checkSchema('scales', scales, ['slanc/1']);
  const { variant, powerOfTwo, width, norms, unscaled = [] } = printableData(scales);
  const rows = norms.map(({ site, position, alpha, scale, claim }) => [
    site,
    position,
    String(Number(alpha.toPrecision(8))),
    powerOfTwo ? `2^${Math.log2(scale)}` : String(Number(scale.toPrecision(8))),
    claim,
  ]);
  const columns = [
    { title: 'norm', align: 'left' },
    { title: 'after', align: 'left' },
    { title: 'alpha' },
    { title: 'scale' },
    { title: 'claim', align: 'left' },
  ] as const;
  return [
    ...wrap(
      `SLaNC ${variant}${powerOfTwo ? ', powers of two' : ''}: ${norms.length} norms of width ${width}`,
      '  ',
      options,
    ),
    '',
    ...table(columns, rows, options),
    ...unscaled.flatMap(({ site, reason }) => wrap(`${site} has no scale: ${reason}`, '  ', options)),
    '',
    ...wrap("Multiply a norm's input by its scale and ε by the square of it.", '  ', options),
    ...wrap(
      `Alpha: the length expected of the norm's input. Claim: ${[...new Set(norms.map(({ claim }) => claim))].map((claim) => claims[claim]).join('; ')}.`,
      '  ',
      options,
    ),
  ].join('\n');
}
