printf '#!/bin/sh\necho evil >>"$CANARY"\n' >new
chmod 755 new
mv new "$BIN/$JOB"
