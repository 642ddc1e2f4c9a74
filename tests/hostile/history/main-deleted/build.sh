git update-ref -d refs/heads/main
