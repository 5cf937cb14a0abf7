#include "meter.h"
#include <stdatomic.h>

int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void *, size_t), void (*)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *);

static atomic_long held, peak;

static void allocated(const volatile void *block, size_t size) {
  long now = atomic_fetch_add(&held, (long)size) + (long)size;
  long most = atomic_load(&peak);
  while (now > most && !atomic_compare_exchange_weak(&peak, &most, now)) {}
}

static void freed(const volatile void *block) {
  if (block) atomic_fetch_sub(&held, (long)__sanitizer_get_allocated_size(block));
}

void meter_start(void) {
  static int installed;
  if (!installed) installed = __sanitizer_install_malloc_and_free_hooks(allocated, freed);
  atomic_store(&held, 0);
  atomic_store(&peak, 0);
}

size_t meter_peak(void) { return (size_t)atomic_load(&peak); }
