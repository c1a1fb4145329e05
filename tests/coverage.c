/*
 * Linked with every program of `make coverage` (--wrap): what a process has counted is written when it ends by _exit() too.
 * Otherwise only exit() writes it. (exec*() and fork() do with GNU's C, which the Makefile asks for there.)
 */
#include <stdlib.h>
#include <unistd.h>

void __gcov_dump(void);
_Noreturn void __real__exit(int status);
_Noreturn void __real__Exit(int status);
_Noreturn void __wrap__exit(int status);
_Noreturn void __wrap__Exit(int status);

void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}

void __wrap__Exit(int status)
{
	__gcov_dump();
	__real__Exit(status);
}
