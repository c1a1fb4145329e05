#ifndef PW_STORE_SCHEMA_PRIVATE_H
#define PW_STORE_SCHEMA_PRIVATE_H

/* The schema steps in order, embedded at build from schema/NNNN_*.sql; step i brings a file to version i + 1. */
extern const char *const schema_steps[];
extern const int schema_version;

#endif
