/* In front of libc: an allocation finds no memory, or none does from there on (see tally.h). */
#include "real.h"
#include "tally.h"

#include <errno.h>
#include <malloc.h>
#include <pwd.h>
#include <stddef.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);

static struct tally tally;

typedef int main_function(int argc, char **argv, char **env);
int __libc_start_main(main_function *main, int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*loader_fini)(void), void *stack_end);

static void begin(void)
{
	if (!tally.counts)
		tally_mark(&tally, TALLY_BEGUN);
}

/* What libraries do while they are loaded is not the program's; it ends when main() begins. */
int __libc_start_main(main_function *main, int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*loader_fini)(void), void *stack_end)
{
	REAL(__libc_start_main);

	begin();
	tally_mark(&tally, TALLY_ENDED);
	return real(main, argc, argv, init, fini, loader_fini, stack_end);
}

/* glibc 2.36 looks up users with what it could not allocate, or ends the program by an assertion. */
struct passwd *getpwuid(uid_t uid)
{
	REAL(getpwuid);
	struct passwd *ret;

	tally_mark(&tally, TALLY_BEGUN);
	ret = real(uid);
	tally_mark(&tally, TALLY_ENDED);
	return ret;
}

static int none_left(void)
{
	begin();
	int hit = tally_hits(&tally);

	if (hit)
		errno = ENOMEM;
	return hit;
}

void *malloc(size_t size)
{
	return none_left() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return none_left() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return none_left() ? NULL : __libc_realloc(p, size);
}

void *memalign(size_t align, size_t size)
{
	return none_left() ? NULL : __libc_memalign(align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

int posix_memalign(void **ret, size_t align, size_t size)
{
	void *p = memalign(align, size);

	if (!p)
		return ENOMEM;
	*ret = p;
	return 0;
}
