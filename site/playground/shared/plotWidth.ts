/** Pixels that a plot may take: those of the page, at most 640. */
export function plotWidth(): number {
  const room = document.querySelector('.playground')?.clientWidth ?? 640;
  return Math.max(240, Math.min(640, room));
}
