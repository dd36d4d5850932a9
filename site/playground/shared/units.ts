/**
 * The units that sum products, by the names that the library reads: `h100:f16`.
 *
 * @module
 */
import { targets } from 'bittrue/targets';

/** Every matrix unit without block scales, and every vector unit; targets that are the same as another are left out. */
export const dotUnits: readonly string[] = Object.values(targets)
  .filter(({ sameAs }) => sameAs === undefined)
  .flatMap(({ name, matrixUnits, vectorUnits }) => [
    ...Object.values(matrixUnits)
      .filter(({ scale }) => scale === null)
      .map((unit) => `${name}:${unit.name}`),
    ...(Object.keys(matrixUnits).length === 0 ? Object.keys(vectorUnits).map((unit) => `${name}:${unit}`) : []),
  ])
  .sort();

/** Targets that norms and softmax run on. */
export const vectorTargets: readonly string[] = Object.values(targets)
  .filter(({ sameAs, vectorUnits }) => sameAs === undefined && Object.keys(vectorUnits).length > 0)
  .map(({ name }) => name)
  .sort();

/** Names under a heading, as a list of choices shows them. */
export type Group = readonly [title: string, names: readonly string[]];

/** Units by the vendors of their targets; those that are no vendor's first. */
function byVendor(names: readonly string[]): Group[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const vendor = targets[name.split(':')[0] as keyof typeof targets]?.vendor || 'generic';
    groups.set(vendor, [...(groups.get(vendor) ?? []), name]);
  }
  return [...groups].sort(([p], [q]) => Number(q === 'generic') - Number(p === 'generic') || (p < q ? -1 : 1));
}

/** Every unit that sums products. */
export const productGroups: readonly Group[] = byVendor(dotUnits);

/** Every vector unit: a target's usual one by the target's name, others as `NAME:UNIT`. */
export const vectorGroups: readonly Group[] = byVendor(
  vectorTargets.flatMap((name) => {
    const { vectorUnits, defaults } = targets[name as keyof typeof targets] as (typeof targets)[keyof typeof targets];
    const others = Object.keys(vectorUnits).filter((unit) => unit !== defaults.vector);
    return [name, ...others.map((unit) => `${name}:${unit}`)];
  }),
);
