/**
 * The named profiles. Where a library's documentation and its program disagree, both are here under their own names.
 *
 * How sure each row is: accounts marked "run" were run, "documented" are read from the document, "from memory" were not
 * checked against either.
 *
 * @module
 */
import type { Profile } from './profile.ts';

const FP8 = ['e4m3fn', 'e5m2'] as const;
const FNUZ = ['e4m3fnuz', 'e5m2fnuz'] as const;
const FP6_FP4 = ['e3m2fn', 'e2m3fn', 'e2m1fn'] as const;

/** P3109 formats have one NaN, without sign; "even" means the code. */
const projection = { parity: 'code' } as const;

/** The modes in which SatNone stops at the lowest number of an unsigned format. */
const noneBelow = {
  towardZero: { rules: { negative: 'clampFinite' } },
  towardPositive: { rules: { negative: 'clampFinite' } },
} as const;

const roundedFirst = [
  'Rounding comes before saturation: a number below zero that rounds to zero is zero in unsigned formats too.',
] as const;

const INT2_INT4 = ['int2', 'uint2', 'int4', 'uint4'] as const;
const INT8_INT16 = ['int8', 'uint8', 'int16', 'uint16'] as const;

/** A C conversion on x86-64: toward zero, by way of int32. */
const cInteger = {
  policy: { rounding: 'towardZero', overflow: 'wrap', nanInput: 'invalid' },
  rules: { integer: 'lowBits32' },
} as const;

const integerNotes = [
  'Integers: toward zero. Beyond the range C leaves the result undefined; here as on x86-64, other machines differ.',
] as const;

/** How ONNX reads a binary32 number for E8M0: exponent field, then the fraction decides. */
const onnxScale = { negative: 'magnitude', zero: 'smallest', tiny: 'fraction' } as const;

const onnxScaleNotes = [
  'e8m0fnu: Cast rounds up by default; its round_mode nearest is tiesToEven here, down is towardZero.',
  'e8m0fnu: a binary32 subnormal counts as a fraction, so that 2^-127 rounds up to 2^-126.',
  'e8m0fnu, up: one published version of to_float8e8m0 tests only some fraction bits (mask 0x4FFFFF), so that 1.25 stays 1; not modelled.',
  'Operands pass through binary32.',
] as const;

const list: readonly Profile[] = [
  {
    name: 'ocp',
    summary: 'OCP OFP8 without saturation: overflow becomes infinity, or NaN where there is none; MX elements clamp.',
    source: 'OCP 8-bit Floating Point Specification (OFP8) v1.0; OCP Microscaling Formats (MX) v1.0 §5.3',
    cases: [{ when: {}, policy: {} }],
    notes: [
      'The default policy of every format; beyond the formats of OCP, the same rule carried over.',
      'MX leaves NaN into FP6 and FP4 to the implementation: refused here unless policy.nanInput says otherwise.',
      'The sign of a NaN that overflow makes is not specified; kept here.',
    ],
  },
  {
    name: 'ocpSaturating',
    summary: 'OCP OFP8 with saturation: overflow and infinities become ±max.',
    source: 'OCP 8-bit Floating Point Specification (OFP8) v1.0; OCP Microscaling Formats (MX) v1.0 §5.3',
    cases: [{ when: {}, policy: { overflow: 'saturate' } }],
    notes: ['MX leaves NaN into FP6 and FP4 to the implementation: refused here.'],
  },
  {
    name: 'ieee',
    summary: 'IEEE 754: overflow by rounding mode; a NaN keeps its sign and leading payload bits, made quiet.',
    source: 'IEEE 754-2019 §4.3, §6.2.3, §7.4',
    cases: [{ when: {}, policy: { overflow: 'ieee' }, rules: { nan: { code: 'payload' } } }],
    notes: ['Where a format has no infinity, NaN takes its place, and where it has no NaN, the largest number.'],
  },
  {
    name: 'p3109SatFinite',
    summary: 'IEEE P3109 SatFinite: everything beyond the range, infinities too, becomes the nearest finite number.',
    source: 'IEEE P3109 Interim Report v4.0 §4.7.5 (draft)',
    cases: [
      {
        when: {},
        policy: { ...projection, overflow: 'saturate' },
        rules: { negative: 'clamp', nan: { sign: 'dropped' } },
      },
    ],
    notes: roundedFirst,
  },
  {
    name: 'p3109SatPropagate',
    summary: 'IEEE P3109 SatPropagate: finite results are clamped, infinities stay where the format has them.',
    source: 'IEEE P3109 Interim Report v4.0 §4.7.5 (draft)',
    cases: [
      {
        when: { infinities: true },
        policy: { ...projection, overflow: 'saturateFinite' },
        rules: { negative: 'clamp', nan: { sign: 'dropped' } },
      },
      {
        when: {},
        policy: { ...projection, overflow: 'saturate' },
        rules: { negative: 'clamp', nan: { sign: 'dropped' } },
      },
    ],
    notes: ['Unsigned formats have no −∞: it becomes the lowest number.', ...roundedFirst],
  },
  {
    name: 'p3109OvfInf',
    summary: 'IEEE P3109 SatNone, once OvfInf: overflow by rounding mode, to infinity where the format has it.',
    source: 'IEEE P3109 Interim Report v4.0 §4.7.5 (draft)',
    cases: [
      {
        when: { infinities: true, signed: true },
        policy: { ...projection, overflow: 'ieee' },
        rules: { nan: { sign: 'dropped' } },
        // Unlike IEEE 754's directed modes, to-odd passes the largest number.
        modes: { toOdd: { policy: { overflow: 'infinity' } } },
      },
      {
        when: { infinities: true, nan: true },
        policy: { ...projection, overflow: 'ieee' },
        rules: { negative: 'nan', nan: { sign: 'dropped' } },
        modes: noneBelow,
      },
      {
        when: { signed: true },
        policy: { ...projection, overflow: 'saturate' },
        rules: { nan: { sign: 'dropped' } },
      },
      {
        when: { nan: true },
        policy: { ...projection, overflow: 'saturate' },
        rules: { negative: 'nan', nan: { sign: 'dropped' } },
        modes: noneBelow,
      },
    ],
    notes: [
      ...roundedFirst,
      'The later ballot draft P3109/D1 (July 2026, §4.7.5) gives NaN where finite formats clamp here; not modelled.',
    ],
  },
  {
    name: 'onnxSaturate',
    summary: 'ONNX Cast with saturate=1, as its table says: ±max, but an infinity into a FNUZ format is NaN.',
    source: 'ONNX technical note "Float stored in 8 bits", table 1, and operator Cast (documented)',
    cases: [
      { when: { formats: FNUZ }, policy: { overflow: 'saturateFinite' } },
      { when: { formats: FP8 }, policy: { overflow: 'saturate' } },
      { when: { formats: ['e2m1fn'] }, policy: { overflow: 'saturate', nanInput: 'max' } },
      {
        when: { formats: ['e8m0fnu'] },
        policy: { rounding: 'towardPositive', overflow: 'saturateFinite' },
        rules: onnxScale,
      },
    ],
    notes: [
      'A program disagrees about infinities into FNUZ formats and about NaN into e2m1fn: see onnxSaturateCast.',
      ...onnxScaleNotes,
    ],
  },
  {
    name: 'onnxSaturateCast',
    summary: 'onnx.numpy_helper.saturate_cast, the program: clips at the ends of the range, then casts as mlDtypes.',
    source: 'onnx 1.23.1, saturate_cast, with ml_dtypes 0.6.0 on x86-64 (run)',
    cases: [
      { when: { formats: [...FP8, ...FNUZ] }, policy: { overflow: 'saturate' } },
      {
        when: { formats: FP6_FP4 },
        policy: { overflow: 'saturate', nanInput: 'zero' },
        rules: { nan: { missing: 'oppositeZero' } },
      },
      { when: { formats: ['e8m0fnu'] }, policy: { overflow: 'saturate' }, rules: { tiny: 'fraction' } },
      { when: { formats: [...INT2_INT4, ...INT8_INT16] }, policy: { overflow: 'saturate', nanInput: 'invalid' } },
    ],
    notes: [
      'The table disagrees about infinities into FNUZ formats and NaN into e2m1fn: see onnxSaturate.',
      "e8m0fnu: as saturate_cast gives it; ONNX's Cast goes by to_float8e8m0 instead: see onnxSaturate.",
      'NaN into an integer: C leaves it undefined; 0 on x86-64.',
      'Operands pass through binary32.',
    ],
  },
  {
    name: 'onnxNoSaturate',
    summary: 'ONNX Cast with saturate=0: overflow becomes infinity or NaN; FP4, which has neither, clamps.',
    source: 'ONNX technical note "Float stored in 8 bits", table 2, and operator Cast (documented)',
    cases: [
      { when: { formats: ['e5m2'] }, policy: { overflow: 'infinity' } },
      { when: { formats: ['e4m3fn', ...FNUZ] }, policy: { overflow: 'nan' } },
      { when: { formats: ['e2m1fn'] }, policy: { overflow: 'saturate', nanInput: 'max' } },
      { when: { formats: ['e8m0fnu'] }, policy: { rounding: 'towardPositive', overflow: 'nan' }, rules: onnxScale },
    ],
    notes: ['onnxruntime 1.30 gives NaN for e5m2 here, against the table.', ...onnxScaleNotes],
  },
  {
    name: 'mlDtypes',
    summary: 'ml_dtypes astype: no saturation where there is NaN; NaN into FP6 and FP4 becomes zero of the other sign.',
    source: 'ml_dtypes 0.6.0 on x86-64 (run)',
    cases: [
      {
        when: { formats: FP6_FP4 },
        policy: { overflow: 'saturate', nanInput: 'zero' },
        rules: { nan: { missing: 'oppositeZero' } },
      },
      { when: { infinities: true, signed: true }, policy: { overflow: 'ieee' } },
      { when: { nan: true, signed: true }, policy: { overflow: 'nan' } },
      { when: { formats: ['e8m0fnu'] }, policy: { overflow: 'nan' }, rules: { tiny: 'fraction' } },
      { when: { formats: INT2_INT4 }, ...cInteger },
    ],
    notes: [
      'Operands pass through binary32, so a binary64 operand is rounded twice.',
      'e8m0fnu: a binary32 subnormal counts as a fraction, so that all above 2^-127 rounds up to 2^-126.',
      ...integerNotes,
    ],
  },
  {
    name: 'torch',
    summary: 'PyTorch tensor.to on a CPU: E4M3 clamps, E5M2 overflows to infinity, FNUZ to NaN.',
    source: 'torch 2.13 CPU (run)',
    cases: [
      { when: { formats: ['e4m3fn'] }, policy: { overflow: 'saturate' } },
      { when: { formats: ['e5m2'] }, policy: { overflow: 'infinity' }, rules: { nan: { code: 'allOnes' } } },
      { when: { formats: FNUZ }, policy: { overflow: 'nan' } },
      {
        when: { formats: ['e8m0fnu'] },
        policy: { overflow: 'nan' },
        rules: { negative: 'magnitude', zero: 'smallest', tiny: 'fraction' },
      },
    ],
    notes: [
      'Until April 2026 an overflow of e4m3fn gave NaN, as mlDtypes.',
      'e8m0fnu below 2^-126: by c10/util/Float8_e8m0fnu.h, fp8e8m0fnu_from_fp32_value (its source).',
      'Integers are left out: the documentation leaves the results beyond their range undefined.',
    ],
  },
  {
    name: 'numpy',
    summary: 'NumPy astype to integers on x86-64: toward zero; the low bits of an int32.',
    source: 'numpy 2.4.6 on x86-64 (run)',
    cases: [{ when: { formats: [...INT8_INT16, 'int32'] }, ...cInteger }],
    notes: [...integerNotes, 'uint32 and wider are left out: their results depend on the form of the loop.'],
  },
  {
    name: 'cudaSatfinite',
    summary:
      'NVIDIA cvt.rn.satfinite: everything clamps; NaN is all ones without sign, and the largest number in FP6 and FP4.',
    source:
      'PTX ISA, cvt (documented; codes of NaN from memory); e8m0fnu: TransformerEngine float_to_e8m0 (its source)',
    cases: [
      {
        when: { formats: [...FP8, 'binary16', 'bfloat16'] },
        policy: { overflow: 'saturate' },
        rules: { nan: { code: 'allOnes', sign: 'dropped' } },
      },
      { when: { formats: FP6_FP4 }, policy: { overflow: 'saturate', nanInput: 'max' } },
      {
        when: { formats: ['e8m0fnu'] },
        policy: { rounding: 'towardPositive', overflow: 'saturate' },
        rules: { negative: 'magnitude' },
      },
    ],
    notes: ['e8m0fnu: cvt.rp, so round up; 2^-127 stays 2^-127, unlike ONNX.'],
  },
  {
    name: 'armSaturate',
    summary: 'Arm FP8 conversions with FPMR.OSC = 1: overflow and infinities become ±max; NaN is the default NaN.',
    source: 'Arm ARM A1.5.5, FPMR.OSC (documented)',
    cases: [{ when: { formats: FP8 }, policy: { overflow: 'saturate' }, rules: { nan: { sign: 'dropped' } } }],
    notes: ['Always to nearest, never flushing. With OSC = 0: as ocp.'],
  },
  {
    name: 'x86Avx512Bf16',
    summary:
      'x86 AVX512_BF16: subnormals are zero on the way in and out, overflow is infinity, a NaN keeps its payload.',
    source: 'Intel SDM, VCVTNEPS2BF16 (checked on a CPU over all binary32 numbers) and VDPBF16PS',
    cases: [
      {
        when: { formats: ['bfloat16', 'binary32'] },
        policy: { overflow: 'infinity', subnormals: 'flushBoth' },
        rules: { nan: { code: 'payload' } },
      },
    ],
    notes: ['MXCSR is neither read nor written: the flags here are what it would have said.'],
  },
];

/** The named profiles, by name. */
export const profiles: Readonly<Record<string, Profile>> = /* @__PURE__ */ Object.freeze(
  /* @__PURE__ */ Object.fromEntries(
    /* @__PURE__ */ list.map((profile) => [profile.name, /* @__PURE__ */ freeze(profile)]),
  ),
);

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner);
  return Object.freeze(value);
}
