land
