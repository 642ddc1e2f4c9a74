canary "$EVIL/script.sh"
ln -sf "$EVIL/script.sh" script.sh
