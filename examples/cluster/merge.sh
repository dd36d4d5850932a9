#!/bin/sh
#SBATCH --job-name=merge
set -eu
exec ${BITTRUE:-npx bittrue} merge shard-*.jsonl --out sweep.jsonl
