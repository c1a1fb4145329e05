#include "cli/stop.h"

#include "base/attr.h"

#include <stddef.h>

static const int signals[] = { SIGTERM, SIGINT, SIGHUP };

static volatile sig_atomic_t told;

static void note(int number)
{
	told = number;
}

const volatile sig_atomic_t *cli_heed_stop(void)
{
	struct sigaction how = { .sa_handler = note, .sa_flags = (int)SA_RESETHAND | SA_RESTART };

	sigemptyset(&how.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		struct sigaction before;

		if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(signals[i], &how, NULL);
	}
	return &told;
}

void cli_end_as_told(void)
{
	if (!told)
		return;
	signal(told, SIG_DFL);
	raise(told);
}
