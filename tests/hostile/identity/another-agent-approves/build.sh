approved mal
