#pragma once
#include <oneapi/dnnl/dnnl.h>

// OpenMP's own header lives in a compiler's private folder; these two are all that is needed of it.
extern void omp_set_num_threads(int threads);
extern int omp_get_max_threads(void);
