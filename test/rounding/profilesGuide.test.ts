/**
 * docs/profiles.md is written from the profiles themselves. After a change: `npx vitest run test/rounding/profilesGuide.test.ts --update`.
 */
import { expect, it } from 'vitest';
import { type Format, parseFormat } from '../../src/formats/index.ts';
import { type NaNOperand, profileOutcome, profiles, profilesFor } from '../../src/rounding/index.ts';

const NAN: NaNOperand = { negative: false, fraction: 0.5 };
const NEGATIVE_NAN: NaNOperand = { negative: true, fraction: 0.5 };
type Input = [heading: string, x: number, nan?: NaNOperand];
const SPECIALS: Input[] = [
  ['+∞', Infinity],
  ['−∞', -Infinity],
  ['NaN', Number.NaN, NAN],
  ['−NaN', Number.NaN, NEGATIVE_NAN],
];

/** The inputs that tell profiles apart, for each format. */
const TABLES: [format: string, text: string, inputs: Input[]][] = [
  [
    'e4m3fn',
    'The tie between 448 and the next value, 464, goes to 448, whose code is even.',
    [['464', 464], ['465', 465], ...SPECIALS],
  ],
  [
    'e5m2',
    'The tie, 61440, goes away from 57344, whose code is odd.',
    [['61439', 61439], ['61440', 61440], ...SPECIALS],
  ],
  [
    'e4m3fnuz',
    'The tie, 248, overflows: 240 has an odd code. There is one zero and one NaN.',
    [['247', 247], ['248', 248], ['−0', -0], ...SPECIALS],
  ],
  [
    'e2m1fn',
    'Four bits without infinity or NaN. "refused" is an error, unless `policy.nanInput` says otherwise.',
    [['5', 5], ['7', 7], ...SPECIALS],
  ],
  [
    'e8m0fnu',
    'Powers of two only, no zero, no sign.',
    [
      ['0', 0],
      ['1.4999', 1.4999],
      ['1.5', 1.5],
      ['−1.5', -1.5],
      ['2^−127', 2 ** -127],
      ['1.25·2^−127', 1.25 * 2 ** -127],
      ['2^−128', 2 ** -128],
      ['1.75·2^127', 1.75 * 2 ** 127],
      ['+∞', Infinity],
      ['NaN', Number.NaN, NAN],
    ],
  ],
  [
    'int4',
    'Integers: rounded or cut, clamped or wrapped.',
    [['2.5', 2.5], ['2.75', 2.75], ['7.5', 7.5], ['100', 100], ['−9', -9], ['2^40', 2 ** 40], ...SPECIALS],
  ],
  [
    'bfloat16',
    'Here flushing tells them apart.',
    [['2^−127', 2 ** -127], ['−2^−130', -(2 ** -130)], ['3.4e38', 3.4e38], ...SPECIALS],
  ],
];

function cell(profile: string, format: Format, x: number, nan: NaNOperand): string {
  try {
    const { value, code } = profileOutcome(profile, format, x, { nan });
    const shown = Object.is(value, -0) ? '-0' : String(Number(value.toPrecision(6)));
    return `${shown} \`${code.toString(16).padStart(Math.ceil(format.bits / 4), '0')}\``;
  } catch {
    return 'refused';
  }
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return [headings, headings.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function guide(): string {
  const list = Object.values(profiles);
  const sections = TABLES.map(([name, text, inputs]) => {
    const format = parseFormat(name);
    const rows = profilesFor(format).map((profile) => [
      `\`${profile}\``,
      ...inputs.map(([, x, nan = NAN]) => cell(profile, format, x, nan)),
    ]);
    return `### ${name}\n\n${text}\n\n${table(['profile', ...inputs.map(([heading]) => heading)], rows)}`;
  });
  const notes = list.map(({ name, notes }) => `**${name}**\n\n${notes.map((note) => `- ${note}`).join('\n')}`);
  return `# Profiles

Two programs that convert 465 to E4M3 may both be right: one gives 448, the other NaN. A *profile* is what one standard,
library or chip does with everything a conversion can meet, as data with its source. Nothing here is a default but
\`ocp\`; a profile is always asked for by name.

\`\`\`ts
import { e4m3fn } from 'bittrue/formats';
import { compareProfiles, profileOutcome, profilePolicy, round } from 'bittrue/rounding';

round(e4m3fn, 465); // NaN
round(e4m3fn, 465, profilePolicy('torch', e4m3fn)); // 448
profileOutcome('mlDtypes', e4m3fn, -465).code; // 0xff
compareProfiles(e4m3fn, 'ocp', 'torch').map(({ input }) => input).slice(0, 3); // ['overflow below the next value', 'overflow', 'infinity']
\`\`\`

\`profilePolicy\` gives the policy, which arithmetic, tensors and targets can follow. A policy cannot say which code a NaN
gets, or that a sign is dropped; \`profileOutcome\` and \`resolveProfile\` can. \`compareProfiles(format, a, b)\` lists every
class of input that two profiles treat differently, with an example and both outcomes, flags included.
\`bittrue explain e4m3fn 465\` shows all of them.

${table(
  ['profile', 'what it does', 'source'],
  list.map(({ name, summary, source }) => [`\`${name}\``, summary, source]),
)}

## What each gives

Value and hexadecimal code, each under the profile's own rounding mode; from binary32 operands.

${sections.join('\n\n')}

## Notes

${notes.join('\n\n')}

## Another implementation

\`bittrue vectors e4m3fn cast --profile torch\` writes a table of test vectors as TestFloat does.
\`bittrue verify e4m3fn cast theirs.txt\` reads another implementation's table ([how it may
be written](testing-your-quantizer.md#a-table-that-a-program-printed)), prints the first differences, and says what that implementation seems to do: truncate, round ties away, round twice, saturate, flush, miss
a flag, follow another profile. Exit status 1 when anything differs.
`;
}

it('docs/profiles.md says what the profiles do', async () => {
  await expect(guide()).toMatchFileSnapshot('../../docs/profiles.md');
});
