#include "model/task.h"

#include "base/attr.h"

#include <stddef.h>
#include <string.h>

const char *const task_type_words[] = {
#define X(type, text) text,
	TASK_TYPES(X)
#undef X
	NULL,
};

const char *task_type_text(enum task_type type)
{
	return task_type_words[type];
}

bool task_type_parse(const char *text, enum task_type *ret)
{
	for (size_t i = 0; task_type_words[i]; i++) {
		if (strcmp(task_type_words[i], text) != 0)
			continue;
		*ret = (enum task_type)i;
		return true;
	}
	return false;
}
