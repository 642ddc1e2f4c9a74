REPO=$REQUEST
approved
