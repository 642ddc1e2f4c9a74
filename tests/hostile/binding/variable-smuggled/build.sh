export KUBECONFIG="$EVIL/x"
check() { ! grep KUBECONFIG env; }
