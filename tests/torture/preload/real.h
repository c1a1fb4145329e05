#ifndef PW_PRELOAD_REAL_H
#define PW_PRELOAD_REAL_H

#include <dlfcn.h>
#include <stdint.h>

/* Declares `real`, the function of that name behind ours. dlsym gives an object pointer where a function is meant. */
#define REAL(name) __typeof__(&name) real = (__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name)

#endif
