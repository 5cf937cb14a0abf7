// How much memory is held: every allocation of the process, counted by the sanitizer's hooks.
#include <stddef.h>

/// Counts from here on; what is held already counts as nothing.
void meter_start(void);
/// The most bytes that were held at once since the start.
size_t meter_peak(void);
