/**
 * The units that sum products, by the names that the library reads: `h100:f16`.
 *
 * @module
 */
import { formatName } from 'bittrue/formats';
import {
  type BlockScale,
  findTarget,
  findVectorUnit,
  type MatrixUnit,
  type Target,
  targets,
  type VectorUnit,
} from 'bittrue/targets';

/** Targets that are the same as another are left out. */
const own = Object.values(targets)
  .filter(({ sameAs }) => sameAs === undefined)
  .sort((p, q) => (p.name < q.name ? -1 : 1));

/** Names under a heading, as a list of choices shows them. */
export type Group = readonly [title: string, names: readonly string[]];

/** Names of units by the vendors of their targets; those that are no vendor's first. */
function byVendor(names: readonly string[]): Group[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const vendor = targets[name.split(':')[0] as keyof typeof targets]?.vendor || 'generic';
    groups.set(vendor, [...(groups.get(vendor) ?? []), name]);
  }
  return [...groups].sort(([p], [q]) => Number(q === 'generic') - Number(p === 'generic') || (p < q ? -1 : 1));
}

function productUnits(isTaken: (unit: MatrixUnit, vectors: number) => boolean): Group[] {
  return byVendor(
    own.flatMap(({ name, matrixUnits, vectorUnits }) => {
      const vectors = Object.keys(vectorUnits);
      const products = Object.values(matrixUnits).filter((unit) => isTaken(unit, vectors.length));
      return [...products.map((unit) => unit.name), ...vectors].map((unit) => `${name}:${unit}`);
    }),
  );
}

/** Every unit that sums products: matrix units, those with block scales too, and vector units. */
export const productGroups: readonly Group[] = productUnits(() => true);

/** Those that attention runs on: it takes a vector unit for the softmax, and no block scales. */
export const attentionGroups: readonly Group[] = productUnits(({ scale }, vectors) => scale === null && vectors > 0);

/** Every vector unit: a target's usual one by the target's name, others as `NAME:UNIT`. */
export const vectorGroups: readonly Group[] = byVendor(
  own.flatMap(({ name, vectorUnits, defaults }) => {
    const all = Object.keys(vectorUnits);
    return all.length === 0
      ? []
      : [name, ...all.filter((unit) => unit !== defaults.vector).map((unit) => `${name}:${unit}`)];
  }),
);

/** The unit that sums products, of a target or where a name leads. */
export function productUnit(given: Target | string): MatrixUnit | VectorUnit {
  const target = typeof given === 'string' ? findTarget(given) : given;
  return target.matrixUnits[target.defaults.matrix ?? ''] ?? findVectorUnit(target, target.defaults.matrix);
}

/** The scales that blocks of its operands share; null where there are none. */
export function blockScale(given: Target | string): BlockScale | null {
  const unit = productUnit(given);
  return 'scale' in unit ? unit.scale : null;
}

/** What it reads, in words. */
export function operandText(given: Target | string): string {
  const unit = productUnit(given);
  if (!('scale' in unit)) return formatName(unit.load.format);
  const [a, b] = [unit.a, unit.b].map((formats) => formatName(formats[0] as (typeof formats)[0]));
  const scales =
    unit.scale === null ? '' : `, a scale of ${formatName(unit.scale.format)} for every ${unit.scale.block}`;
  return `${a === b ? a : `${a} and ${b}`}${scales}`;
}
