approved
echo 'on: push' | put .github/workflows/x.yml
append
