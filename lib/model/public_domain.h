#ifndef PW_MODEL_PUBLIC_DOMAIN_H
#define PW_MODEL_PUBLIC_DOMAIN_H

#include <stdbool.h>

/*
 * The domain of a folded address (model/address.h) if those who share it work together, or NULL: it belongs to a
 * provider with whom anybody can have an address (gmail.com, gmx.de, ...).
 */
const char *company_domain(const char *folded);

#endif
