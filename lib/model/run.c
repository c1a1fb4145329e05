#include "model/run.h"

#include "base/attr.h"

#include <stddef.h>
#include <string.h>

static const char *const run_states[] = {
#define X(state, text) text,
	RUN_STATES(X)
#undef X
};

static const char *const block_reasons[] = {
#define X(reason, text, clears) text,
	BLOCK_REASONS(X)
#undef X
};

static const char *const message_states[] = {
#define X(state, text) text,
	MESSAGE_STATES(X)
#undef X
};

static int find(const char *const *texts, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(texts[i], text) == 0)
			return (int)i;
	return -1;
}

const char *run_state_text(enum run_state s)
{
	return run_states[s];
}

int run_state_parse(const char *text, enum run_state *ret)
{
	int i = find(run_states, ARRAY_LEN(run_states), text);

	if (i < 0)
		return 0;
	*ret = (enum run_state)i;
	return 1;
}

bool run_state_active(enum run_state s)
{
	return s == RUN_PENDING || s == RUN_RUNNING;
}

bool run_state_open(enum run_state s)
{
	return s == RUN_PENDING || s == RUN_RUNNING || s == RUN_BLOCKED;
}

const char *block_reason_text(enum block_reason r)
{
	return block_reasons[r];
}

int block_reason_parse(const char *text, enum block_reason *ret)
{
	int i = find(block_reasons, ARRAY_LEN(block_reasons), text);

	if (i < 0)
		return 0;
	*ret = (enum block_reason)i;
	return 1;
}

const char *message_state_text(enum message_state s)
{
	return message_states[s];
}

bool message_state_waits(enum message_state s)
{
	return s == MESSAGE_QUEUED || s == MESSAGE_HELD || s == MESSAGE_IN_DOUBT || s == MESSAGE_QUARANTINED;
}

int message_state_parse(const char *text, enum message_state *ret)
{
	int i = find(message_states, ARRAY_LEN(message_states), text);

	if (i < 0)
		return 0;
	*ret = (enum message_state)i;
	return 1;
}
