/**
 * A typedoc plugin: `{@link BittrueError}` resolves from every file, not only from those that import the name.
 * A name that two rooms export in different meanings stays unresolved, which is an error. Guides are called by their
 * headings in the side bar.
 *
 * @module
 */
import { Converter, ReflectionKind } from 'typedoc';

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const guide of project.documents ?? []) {
      const [first] = guide.content;
      const heading = first?.kind === 'text' ? /^# (.*)$/m.exec(first.text)?.[1] : undefined;
      if (heading !== undefined) guide.name = heading.replaceAll('`', '');
    }
  });
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
