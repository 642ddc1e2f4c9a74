echo evil >input
check() { [ "$(cat read)" = text ]; }
