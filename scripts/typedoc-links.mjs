/**
 * A typedoc plugin: `{@link BittrueError}` resolves from every file, not only from those that import the name.
 * A name that two rooms export in different meanings stays unresolved, which is an error.
 *
 * @module
 */
import { ReflectionKind } from 'typedoc';

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.addUnknownSymbolResolver((reference, from) => {
    const path = reference.symbolReference?.path?.map((part) => part.path) ?? [];
    if (reference.moduleSource !== undefined || path.length !== 1) return undefined;
    const found = from.project
      .getReflectionsByKind(ReflectionKind.SomeExport)
      .filter((one) => one.name === path[0] && one.parent?.kindOf(ReflectionKind.Module));
    // The type asks for an address; a reflection, which typedoc takes as well, becomes a relative link.
    return found.length === 1 ? { target: /** @type {any} */ (found[0]) } : undefined;
  });
}
