#include "power_log.h"

#include "base/mem.h"
#include "stand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *read_operation(struct op *op, const char *line, const char *next)
{
	char name[64];
	long long number;

	if (sscanf(line + 2, "%63s %lld %zu", name, &number, &op->len) != 3)
		stand_die("a line of the log: %.60s", line);
	op->name = xstrdup(name);
	op->number = number;
	op->bytes = next;
	return next + op->len;
}

static void read_mail(struct op *op, const char *line, const char *next)
{
	char *text = xstrndup(line, (size_t)(next - line));
	char *id = sink_member(text, "message_id");

	if (!id || *id != '<')
		stand_die("a mail without Message-ID: %s", text);
	id[strlen(id) - 1] = '\0';
	op->name = xstrdup(id + 1);
	op->rcpt = sink_member(text, "rcpt");
	free(id);
	free(text);
}

struct op *power_log_read(const char *path, size_t *ret_n)
{
	size_t len, cap = 0, n = 0;
	const char *at = stand_read(path, &len), *end = at + len;
	struct op *ops = NULL;

	while (at < end) {
		const char *next = memchr(at, '\n', (size_t)(end - at));
		struct op *op;

		if (!next)
			stand_die("the log ends in a line: %.60s", at);
		next++;
		GROW(&ops, &cap, n);
		op = &ops[n++];
		*op = (struct op){ .kind = *at };
		if (*at == '{')
			read_mail(op, at, next);
		else if (*at == '+' || *at == '!')
			op->name = xstrndup(at + 1, (size_t)(next - at) - 2);
		else
			next = read_operation(op, at, next);
		at = next;
	}
	*ret_n = n;
	return ops;
}
