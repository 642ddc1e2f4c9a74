echo text >input
printf '#!/bin/sh\necho ran >>"%s"\ncat >read\n' "$MARKS" >new
chmod 755 new
mv new "$BIN/$JOB"
ask() { as bot run --no-wait --stdin input -- "$JOB"; }
