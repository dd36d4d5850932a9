#!/bin/sh
# What models dispute of an H200 (or H100), asked of it: D5 to D7 by mma.sync and by wgmma. From a folder with the package:
#
#   sh node_modules/bittrue/examples/probe/h200.sh
#
# Needs nvcc and the GPU. Every line of settled/*.answers stands beside a row of settled/*.txt, whose remark says what the
# catalogue and each model answer. First the two rows that all models agree on: where they fail, nothing else counts.
set -e
here=$(dirname "$0")
npx bittrue probe settled --settle h100:f16F16
npx bittrue probe settled --settle h100:f16F16Wgmma
npx bittrue probe settled --settle h100:f16
npx bittrue probe settled --settle h100:bf16
nvcc -O2 -arch=sm_90a -cudart static -o settled/mma "$here/mma.cu"
# KM issue 7 (a public row of an H100): b; and D2 (both models): 3.
cat > settled/known.txt << 'ROWS'
9b94 19f3 9a2e 1a67 9a25 9b4e 9b29 9a33 99e0 1a14 9914 99d1 9ae9 1b1a 9a9c 1b3a 9aaf 99f3 9acc 1b7c 19ed 1b25 9a1b 9a20 9af7 9a48 1ae1 1b32 1b12 1b0e 9a68 1735 0
19c0 19c0 19c0 19c0 19c0 19c0 19c0 19c0 19c0 19c0 19c0 19c0 19c0 19c0 19c0 19c0 1980 1980 1980 1980 1980 1980 1980 1980 1980 1980 1980 1980 1980 1980 1980 1980 0
ROWS
echo "known, expected 0000000b and 00000003:"
settled/mma bf16f32 16 < settled/known.txt
settled/mma f16f16 16 < settled/h100-f16F16.txt > settled/h100-f16F16.answers
settled/mma wgmmaf16f16 16 < settled/h100-f16F16Wgmma.txt > settled/h100-f16F16Wgmma.answers
settled/mma f16f32 16 < settled/h100-f16.txt > settled/h100-f16.answers
settled/mma bf16f32 16 < settled/h100-bf16.txt > settled/h100-bf16.answers
for answers in settled/*.answers; do
  echo "$answers:"
  grep -v '^#' "${answers%.answers}.txt" | sed 's/.* # //' | paste "$answers" -
done
