/**
 * The state of a page lies in the address, so that every state is a link.
 *
 * @module
 */
import { onMounted, onUnmounted, reactive, watch } from 'vue';

/** What differs from the defaults, as the part behind `#`. */
export function encodeState(
  state: Readonly<Record<string, string>>,
  defaults: Readonly<Record<string, string>>,
): string {
  const told = Object.entries(state).filter(([key, value]) => value !== defaults[key]);
  return told
    .map(
      ([key, value]) =>
        `${key}=${encodeURIComponent(value).replaceAll('%2C', ',').replaceAll('%2F', '/').replaceAll('%3A', ':')}`,
    )
    .join('&');
}

/** A state from an address; what is not known or cannot be read is left out. */
export function decodeState<T extends Record<string, string>>(hash: string, defaults: T): T {
  const given = new URLSearchParams(hash.replace(/^#/, '').replaceAll('+', '%2B'));
  return Object.fromEntries(Object.entries(defaults).map(([key, usual]) => [key, given.get(key) ?? usual])) as T;
}

/** Milliseconds between two addresses. */
const PAUSE = 250;

/** A page's state, kept in step with the address. */
export function useState<T extends Record<string, string>>(defaults: T): T {
  const state = reactive(decodeState(location.hash, defaults)) as T;
  const read = (): void => void Object.assign(state, decodeState(location.hash, defaults));
  onMounted(() => {
    window.addEventListener('hashchange', read);
    window.addEventListener('popstate', read);
  });
  onUnmounted(() => {
    window.removeEventListener('hashchange', read);
    window.removeEventListener('popstate', read);
  });
  const write = (): void => {
    written = performance.now();
    const hash = encodeState(state, defaults);
    const at = `${location.pathname}${location.search}${hash === '' ? '' : `#${hash}`}`;
    if (at !== location.pathname + location.search + location.hash) history.replaceState(history.state, '', at);
  };
  // A browser takes only so many addresses a second: while one drags, some are left out, never the last.
  let written = 0;
  let later: ReturnType<typeof setTimeout> | undefined;
  watch(state, () => {
    clearTimeout(later);
    if (performance.now() - written > PAUSE) write();
    else later = setTimeout(write, PAUSE);
  });
  onUnmounted(() => clearTimeout(later));
  return state;
}
