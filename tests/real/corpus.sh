#!/usr/bin/env bash
# Every row of tests/corpus/own.jsonl through the program: a thousand processes, with what this machine has on PATH.
set -euo pipefail
cd "$(dirname "$0")/../.."

cargo test --locked --test it -- --ignored --exact corpus::every_own_row_is_governed_as_labelled
