#!/bin/sh
# GNU parallel runs as many tasks at once as there are cores; `--sshlogin` names other machines that see the same folder.
set -eu
shards=${SHARDS:-8}
seq "$shards" | parallel ${BITTRUE:-npx bittrue} sweep "${GRID:-grid.json}" --shard "{}/$shards" --out "shard-{}.jsonl"
exec "$(dirname "$0")/merge.sh"
