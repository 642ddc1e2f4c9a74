for cache in "$HOMES"/bot/data/repos/*; do
    for hook in reference-transaction pre-push post-checkout; do canary "$cache/hooks/$hook"; done
    git --git-dir "$cache" config core.fsmonitor "$cache/hooks/pre-push"
done
check() { rm -r "$HOMES"/bot/data/repos/*/hooks; }
attempt() { as bot verify --full >"$EVIL/verify.log" && as bot resume --wait 0s "$ID"; }
