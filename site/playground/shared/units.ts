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
