#!/usr/bin/env bash
# Real shells execute generated scripts of stubs; a program that ran must be among the commands that matching found.
#
#   tests/real/shells.sh [SCRIPTS] [SEED]      default: 4000 executed scripts, always the same
#
# As root the scripts run as a user that owns nothing, in an empty directory, without capabilities, within limits. 100,000
# scripts take about ten minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")/../.."

export EXPACTI_SCRIPTS=${1:-4000} EXPACTI_SEED=${2:-4242}
for shell in bash dash zsh mksh busybox; do
    command -v "$shell" >/dev/null || { echo "no $shell: run tests/real/setup"; exit 1; }
done
# Unoptimised, judging takes longer than the shells.
CARGO_PROFILE_DEV_OPT_LEVEL=2 cargo test --locked --test shells -- --ignored --nocapture
