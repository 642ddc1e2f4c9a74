echo more >>input
