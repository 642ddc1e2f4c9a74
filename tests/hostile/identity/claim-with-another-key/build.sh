approved
claimed bot mal
land
