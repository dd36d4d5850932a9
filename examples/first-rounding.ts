/**
 * One number, rounded: the default of the standard, what frameworks do instead, and why.
 *
 *     npm run example first-rounding
 */
import { e4m3fn, explain, round, roundDecimal } from 'bittrue';
import { binary16 } from 'bittrue/formats';
import { formatExplanation } from 'bittrue/reports';

console.log(round(binary16, 65519.99999999999)); // 65504
console.log(round(binary16, 65520)); // Infinity
console.log(round(e4m3fn, 465)); // NaN
console.log(round(e4m3fn, 465, { overflow: 'saturate' })); // 448

// A decimal is rounded once; by way of binary64 the tie would be decided wrongly.
console.log(roundDecimal(binary16, '1.00048828125000000000000001')); // 1.0009765625
console.log(round(binary16, Number('1.00048828125000000000000001'))); // 1

console.log(formatExplanation(explain(e4m3fn, 4.25)));
