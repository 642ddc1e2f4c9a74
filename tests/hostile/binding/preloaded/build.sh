export LD_PRELOAD="$EVIL/x.so" LD_AUDIT="$EVIL/x.so" BASH_ENV="$EVIL/x" ENV="$EVIL/x" PYTHONPATH="$EVIL" NODE_OPTIONS="-r $EVIL/x" PERL5OPT=-Mevil GIT_DIR="$EVIL"
canary "$EVIL/x"
check() { ! grep -e "$EVIL" env; }
