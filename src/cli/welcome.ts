/**
 * What `bittrue` alone says.
 *
 * @module
 */
import { VERSION } from '../events/index.ts';

/** What it can do, in ten lines of at most 80 columns. */
export function welcome(): string {
  return `bittrue ${VERSION}: kernels in low precision, bit for bit, and where they break

  bittrue check [MODEL]           does a norm overflow? alone: a demonstration
  bittrue explain e4m3fn 465      one number: every rounding, every library
  bittrue formats                 the formats that have names: e4m3fn, mxfp4
  bittrue targets                 the chips that are known; NAME: one in full
  bittrue compare h100:f16 a100:f16       where two chips give different bits
  bittrue verify e4m3fn cast FILE         what another implementation gives

bittrue --help lists every command, bittrue COMMAND --help its options`;
}
