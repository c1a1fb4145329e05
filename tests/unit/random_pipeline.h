#ifndef PW_TESTS_RANDOM_PIPELINE_H
#define PW_TESTS_RANDOM_PIPELINE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/*
 * Pipelines as nobody would write them: any steps, nested, with delays, hours, threads, waits and conditions, the same
 * ones for the same seed. Each step has a name of its own, s1, s2, ...
 */
struct random_pipeline {
	uint64_t state;
	struct buf *out;
	int n_steps;
	int n_mails, mails[40];  /* numbers of the steps that send, on the way so far */
	int n_tasks, tasks[40];
	const char *task_of[400]; /* by number of a step that makes one: the data of its events */
};

static inline unsigned dice(struct random_pipeline *r, unsigned sides)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return (unsigned)(r->state >> 33) % sides;
}

static inline const char *one_of(struct random_pipeline *r, const char *const *words)
{
	unsigned n = 0;

	while (words[n])
		n++;
	return words[dice(r, n)];
}
#define ONE_OF(r, ...) one_of((r), (const char *const[]){ __VA_ARGS__, NULL })

static inline void random_condition(struct random_pipeline *r, int depth)
{
	switch (dice(r, depth > 1 ? 7 : 10)) {
	case 0:
		buf_addf(r->out, "{tag: %s}", ONE_OF(r, "red", "blue", "[red, green]"));
		return;
	case 1:
		buf_addf(r->out, "{field: {city: %s}}", ONE_OF(r, "Rome", "Oslo", "{set: true}", "{contains: o}"));
		return;
	case 2:
		buf_addf(r->out, "{field: {size: {%s: %u}}}", ONE_OF(r, "at_least", "at_most"), dice(r, 20));
		return;
	case 3:
		buf_addf(r->out, "{event: %s}", ONE_OF(r, "order.placed", "email.sent", "note.added", "contact.tagged"));
		return;
	case 4:
		buf_addf(r->out, "{kind: %s}", ONE_OF(r, "lead", "contact"));
		return;
	case 5:
		buf_adds(r->out, ONE_OF(r, "converted", "unsubscribed", "replied"));
		return;
	case 6:
		if (r->n_tasks > 0)
			buf_addf(r->out, "{task: s%d}", r->tasks[dice(r, (unsigned)r->n_tasks)]);
		else
			buf_adds(r->out, "{task: {type: call}}");
		return;
	case 7:
		buf_adds(r->out, "{not: ");
		random_condition(r, depth + 1);
		buf_adds(r->out, "}");
		return;
	default:
		buf_addf(r->out, "{%s: [", ONE_OF(r, "all", "any"));
		random_condition(r, depth + 1);
		buf_adds(r->out, ", ");
		random_condition(r, depth + 1);
		buf_adds(r->out, "]}");
	}
}

static inline void random_delay(struct random_pipeline *r, struct buf *b)
{
	buf_addf(b, "%u %s", 1 + dice(r, 4), ONE_OF(r, "minutes", "hours", "days", "business days", "hours", "days"));
}

static inline void random_mail(struct random_pipeline *r)
{
	buf_addf(r->out, "email: {subject: \"%d {{ contact.city | default:'town' }}\", text: \"%s\"}", r->n_steps,
	         ONE_OF(r, "Hi {{ contact.first_name }}", "Size {{ contact.size | default:'?' }}",
	                "{% if contact.tags contains 'red' %}red{% else %}plain{% endif %}"));
	if (dice(r, 4) == 0)
		buf_addf(r->out, ", hours: %s", ONE_OF(r, "office", "always"));
	if (r->n_mails > 0 && dice(r, 3) == 0)
		buf_adds(r->out, ", thread: previous");
	else if (r->n_mails > 0 && dice(r, 4) == 0)
		buf_addf(r->out, ", thread: s%d", r->mails[dice(r, (unsigned)r->n_mails)]);
	if (r->n_mails < 40)
		r->mails[r->n_mails++] = r->n_steps;
}

static inline void random_wait(struct random_pipeline *r)
{
	switch (dice(r, 4)) {
	case 0:
		buf_addf(r->out, "wait: {until: %s %02u:%02u}", ONE_OF(r, "mon", "wed", "sat", "sun"), dice(r, 24), dice(r, 60));
		return;
	case 1:
		buf_addf(r->out, "wait: {until: day %u %02u:00}", 1 + dice(r, 9), dice(r, 24));
		return;
	case 2:
		buf_addf(r->out, "wait: {until: {field: renewal, before: %u days}}", dice(r, 9));
		return;
	default:
		buf_adds(r->out, "wait: ");
		random_delay(r, r->out);
	}
}

static inline void random_task(struct random_pipeline *r)
{
	bool call = dice(r, 2) == 0;

	if (r->n_tasks > 0 && dice(r, 3) == 0) {
		buf_addf(r->out, "task: {done: s%d}", r->tasks[dice(r, (unsigned)r->n_tasks)]);
		return;
	}
	buf_addf(r->out, "task: \"Call {{ contact.city | default:'them' }}\"%s%s", call ? ", type: call" : "",
	         dice(r, 3) == 0 ? ", hold: done" : "");
	if (r->n_steps < (int)(sizeof r->task_of / sizeof *r->task_of))
		r->task_of[r->n_steps] = call ? "{\"type\":\"call\"}" : "{\"type\":\"other\"}";
	if (r->n_tasks < 40)
		r->tasks[r->n_tasks++] = r->n_steps;
}

static inline void random_steps(struct random_pipeline *r, int depth, unsigned max);

static inline void random_branches(struct random_pipeline *r, int depth)
{
	int mails = r->n_mails, tasks = r->n_tasks;
	bool waits = dice(r, 2) == 0;

	buf_adds(r->out, waits ? "await: " : "if: ");
	random_condition(r, 0);
	if (waits) {
		buf_adds(r->out, ", within: ");
		random_delay(r, r->out);
	}
	buf_adds(r->out, ", then: [");
	random_steps(r, depth + 1, 3);
	buf_adds(r->out, "]");
	if (dice(r, 2) == 0) {
		/* What a branch makes, the other one does not know. */
		r->n_mails = mails;
		r->n_tasks = tasks;
		buf_adds(r->out, ", else: [");
		random_steps(r, depth + 1, 3);
		buf_adds(r->out, "]");
	}
	r->n_mails = mails;
	r->n_tasks = tasks;
}

static inline void random_verb(struct random_pipeline *r, int depth)
{
	switch (dice(r, depth < 3 ? 10 : 8)) {
	case 0:
	case 1:
	case 2:
		random_mail(r);
		return;
	case 3:
		random_wait(r);
		return;
	case 4:
		buf_addf(r->out, "%s: %s", ONE_OF(r, "tag", "untag"), ONE_OF(r, "red", "blue", "[green, red]"));
		return;
	case 5:
		buf_addf(r->out, "set: {%s}", ONE_OF(r, "city: Rome", "city: \"\"", "size: 12", "renewal: \"2026-08-01\"",
		                                     "kind: contact"));
		return;
	case 6:
		buf_adds(r->out, "note: \"in {{ contact.city | default:'nowhere' }}\"");
		return;
	case 7:
		random_task(r);
		return;
	default:
		random_branches(r, depth);
	}
}

/* A list of steps in one line, `max` of them at most. */
static inline void random_steps(struct random_pipeline *r, int depth, unsigned max)
{
	unsigned n = 1 + dice(r, max);

	for (unsigned i = 0; i < n; i++) {
		r->n_steps++;
		buf_addf(r->out, "%s{id: s%d, ", i ? ", " : "", r->n_steps);
		if (dice(r, 3) == 0) {
			buf_adds(r->out, "after: ");
			random_delay(r, r->out);
			buf_adds(r->out, ", ");
		}
		random_verb(r, depth);
		buf_adds(r->out, "}");
		if (depth > 0 && i + 1 == n && dice(r, 6) == 0)
			buf_addf(r->out, ", {id: x%d, exit: enough}", ++r->n_steps);
	}
}

/* The documents of a pipeline p with its surroundings. */
static inline void random_pipeline(struct random_pipeline *r, uint64_t seed, struct buf *out)
{
	*r = (struct random_pipeline){ .state = seed * 0x9E3779B97F4A7C15u + 1, .out = out };
	buf_adds(out, "kind: Fields\nname: contact\nfields: {city: text, size: number, renewal: date}\n"
	              "events: {order.placed: {total: number}}\n---\n"
	              "kind: Calendar\nname: office\nopen: {mon-fri: 09:00-12:30}\nclosed: [2026-07-01]\n---\n"
	              "kind: Pipeline\nname: p\n");
	if (dice(r, 3) == 0)
		buf_adds(out, "hours: office\n");
	if (dice(r, 3) == 0)
		buf_addf(out, "ignore: [%s]\n", ONE_OF(r, "replied", "converted"));
	if (dice(r, 3) == 0) {
		buf_adds(out, "stop: [");
		random_condition(r, 1);
		buf_adds(out, "]\n");
	}
	buf_adds(out, "steps: [");
	r->n_tasks = 0;
	random_steps(r, 0, 9);
	buf_adds(out, "]\n");
}

#endif
