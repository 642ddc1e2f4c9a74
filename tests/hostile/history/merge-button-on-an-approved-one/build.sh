approved
land
