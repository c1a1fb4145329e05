#ifndef PW_MODEL_CIVIL_TEXT_H
#define PW_MODEL_CIVIL_TEXT_H

#include "base/attr.h"
#include "base/civil.h"

#include <stdbool.h>
#include <stddef.h>

struct err;

/*
 * Read a part of a text and move *p behind it. They set only their fields of *ret, and return false when the
 * text has not this form; whether there is such a date or time is asked with civil_valid().
 */
bool civil_scan_date(const char **p, struct civil *ret);    /* 2026-07-01 */
bool civil_scan_clock(const char **p, struct civil *ret);   /* 9:30, 09:30; second 0 */
bool civil_scan_seconds(const char **p, struct civil *ret); /* :15 */

/* Reads n digits. */
bool civil_scan_digits(const char **p, int n, int *ret);

/* Reads a date that exists, `2026-07-01`; its time is 00:00:00. ERR_INVALID. */
int civil_parse_date(const char *text, struct civil *ret, struct err *err) PW_CHECK;

/* Reads a time of the day, `09:00`, into minutes (0 .. 1439). ERR_INVALID. */
int civil_parse_clock(const char *text, int *ret_minutes, struct err *err) PW_CHECK;

/* ERR_INVALID for a result that dates cannot have. Returns -1. */
int civil_out_of_range(struct err *err);

/* The three letters of a weekday, "mon"; and all seven, for hints and their order. */
extern const char *const weekday_names[7];

/* Returns false when the n bytes at s are no such name. */
bool weekday_parse(const char *s, size_t n, enum weekday *ret);

#endif
