approved
claimed mal
land
