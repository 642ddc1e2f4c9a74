ROOT=$REQUEST
approved
