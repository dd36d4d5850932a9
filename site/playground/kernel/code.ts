/**
 * The page's run as TypeScript.
 *
 * @module
 */
import { codeList } from '../shared/numbers';
import { type Asked, isMirrored, secondShape } from './asked';
import { callOf } from './call';
import { pasted, SECOND } from './rows';

const draw = `function hash(i: number): number {
  let x = Math.imul(i ^ 0x9e3779b9, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
function normal(length: number, size: number, start = 0): Float32Array {
  return Float32Array.from({ length }, (_, i) => {
    const [p, q] = [hash(2 * (start + i)) / 2 ** 32, hash(2 * (start + i) + 1) / 2 ** 32];
    return Math.fround(Math.sqrt(-2 * Math.log(p + 2 ** -33)) * Math.cos(2 * Math.PI * q)) * size;
  });
}`;

/** Where names are from that are no kernels'. */
const rooms: Readonly<Record<string, string>> = {
  ...{ defineTarget: 'bittrue/targets', findTarget: 'bittrue/targets', findVectorUnit: 'bittrue/targets' },
  ...{ parseBlock: 'bittrue/formats', parseFormat: 'bittrue/formats', toJson: 'bittrue/reports' },
  ...{ decode: 'bittrue/rounding', roundTo: 'bittrue/rounding', quantizeBlocks: 'bittrue/quantization' },
};

/** A program that runs the same and prints its report; null for rows of a file. */
export function asCode(asked: Asked): string | null {
  const { source, size, outlier } = asked;
  if (source === 'file') return null;
  const given = source === 'pasted' ? pasted(asked.text) : asked;
  const { rows, width } = given;
  const call = callOf(asked, rows, width);
  const shape = secondShape(asked, rows, width);
  const lines: string[] = [];
  if (source === 'normal' || shape !== null) lines.push(draw);
  if (source === 'pasted') lines.push(`const x = Float32Array.from(${codeList(Array.from(pasted(asked.text).data))});`);
  else if (source === 'normal') lines.push(`const x = normal(${rows * width}, ${size});`);
  else
    lines.push(
      `const x = Float32Array.from({ length: ${rows * width} }, (_, i) => (i % 2 === 0 ? ${size} : ${-size}));`,
    );
  if (source === 'normal' && outlier !== 0)
    lines.push(`for (let r = 0; r < ${rows}; r++) x[r * ${width} + (r % ${width})] = ${outlier * size};`);
  if (shape !== null) lines.push(`const second = normal(${shape[0] * shape[1]}, ${asked.second.size}, ${SECOND});`);
  lines.push(...call.lines);
  const operands = call.preparation?.operands ?? call.operands;
  const ran = `${call.name}(${operands.join(', ')}, { ${call.text} })`;
  const heads = isMirrored(asked) ? Math.min(8, width) : 8;
  const first = `console.log(...Array.from(output.slice(0, ${heads}), (x) => Number(x.toPrecision(8))));`;
  const told =
    call.name === 'gemm'
      ? `const { output, sums, epilogue } = ${ran};\n${first}\nconsole.log(formatReport(sums));\nif (epilogue !== null) console.log(formatReport(epilogue));`
      : `const { output, report } = ${ran};\n${first}\nconsole.log(formatReport(report));`;
  const imports = new Map<string, Set<string>>([['bittrue/reports', new Set(['formatReport'])]]);
  for (const one of [call.name, ...call.imports]) {
    const room = rooms[one] ?? 'bittrue/kernels';
    imports.set(room, (imports.get(room) ?? new Set()).add(one));
  }
  const head = [...imports].sort().map(([room, names]) => `import { ${[...names].sort().join(', ')} } from '${room}';`);
  return `${head.join('\n')}

${lines.join('\n')}
${told}`;
}
