#pragma once
#include <oneapi/dnnl/dnnl.h>

// OpenMP's own header lives in a compiler's private folder; these are all that is needed of it.
extern void omp_set_num_threads(int threads);
extern int omp_get_max_threads(void);
extern int omp_get_num_threads(void);
extern int omp_get_thread_num(void);
// What compilers make of "#pragma omp parallel": body(data) on each thread of a team.
extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
