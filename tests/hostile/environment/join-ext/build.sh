canary "$EVIL/any"
attempt() { as mal join "ext::$EVIL/any" --root "$ROOT"; }
