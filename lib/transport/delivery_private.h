#ifndef PW_TRANSPORT_DELIVERY_PRIVATE_H
#define PW_TRANSPORT_DELIVERY_PRIVATE_H

#include "transport/delivery.h"

/* Sets d->text from foreign bytes: controls and invalid UTF-8 become \xNN, then cut at a character. */
void delivery_set_text(struct delivery *d, const char *text, size_t len);

#endif
