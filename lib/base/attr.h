#ifndef PW_BASE_ATTR_H
#define PW_BASE_ATTR_H

#include <stddef.h>

/* Short names for the compiler attributes that this code uses. */
#define PW_FORMAT(fmt, args) __attribute__((format(printf, fmt, args)))
#define PW_NORETURN          __attribute__((noreturn))
#define PW_CHECK             __attribute__((warn_unused_result))
#define PW_CLEANUP(fn)       __attribute__((cleanup(fn)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
