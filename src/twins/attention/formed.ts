/**
 * A function on a tile's panels: by its table where its numbers are short, else number by number by the specification.
 *
 * @module
 */
import type { Pointer } from '../../engine/module.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { type FormedParts, formOne } from '../../specification/attention/formed.ts';
import type { Row } from '../../specification/attention/operations.ts';
import { Placed } from '../../specification/attention/place.ts';
import type { Formed } from '../../specification/attention/plan.ts';
import { floats } from '../floats.ts';
import { closeMet, type FunctionTable, type Met, openMet, tableOf, tableShift } from '../functions/table.ts';
import type { Tile } from '../lanes/tile.ts';

/** A function, and its table where it has one. */
export interface PanelFunction {
  readonly formed: FormedParts;
  readonly table: FunctionTable | null;
  readonly met: Met;
}

/** Opens a function of numbers of a rounding's format. */
export function openFunction(
  { function: name, cap, method }: Formed,
  formed: FormedParts,
  operand: Rounding,
  result: Rounding,
): PanelFunction {
  const shift = tableShift(operand.format);
  const way = method.kind === 'composition' ? method.given : null;
  const table =
    shift === null
      ? null
      : tableOf(JSON.stringify(['attention', name, cap, way, result, shift]), shift, 1, false, () => {
          let placed: Placed | null = null;
          return (x, recorder) => {
            placed ??= new Placed(recorder);
            return formOne(formed, x, placed.inFunction(0, 0, 0));
          };
        });
  return { formed, table, met: openMet() };
}

/** z ← f(z) for the tile's rows, whose columns from `low` up to `high` of each are taken. */
export function formTile(
  { core, lane, lanes, rows: count }: Tile,
  { formed, table, met }: PanelFunction,
  panels: Pointer,
  panel: number,
  rows: readonly Row[],
  low: (row: number) => number,
  high: (row: number) => number,
  stage: number,
  counts: Float64Array,
  rowFlags: Uint16Array,
): void {
  const single = new Float32Array(1);
  const code = new Uint32Array(single.buffer);
  for (let r = 0; r < count; r++) {
    const at = panels + Math.floor(r / lanes) * panel;
    const size = panel / lane;
    const z = floats(core, lane, at, size);
    const own = rows[r] as Row;
    const [from, to] = [low(r), high(r)];
    if (table === null) {
      const { recorder } = own;
      recorder.stage = stage;
      recorder.row = own.row;
      for (let i = from; i < to; i++) {
        const place = i * lanes + (r % lanes);
        z[place] = formOne(formed, z[place] as number, own.placed.inFunction(0, 0, 0));
      }
      continue;
    }
    const { shift, ids, results, accounts } = table;
    let raised = 0;
    for (let i = from; i < to; i++) {
      const place = i * lanes + (r % lanes);
      single[0] = z[place] as number;
      const entry = (code[0] as number) >>> shift;
      let id = ids[entry] as number;
      if (id === 0) id = table.form(entry);
      met[id] = (met[id] as number) + 1;
      raised |= (accounts[id] as { readonly flags: readonly number[] }).flags[0] as number;
      z[place] = results[entry] as number;
    }
    rowFlags[own.row] |= raised;
  }
  if (table !== null) closeMet(table, met, counts, null, stage);
}
