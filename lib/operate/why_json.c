#include "operate/why.h"

#include "base/buf.h"
#include "base/clock.h"
#include "format/json.h"

#define MAX_JSON (1 << 20)

const char *why_facts_json(const struct why *why, struct arena *a)
{
	BUF_AUTO b = BUF_INIT(MAX_JSON);
	struct json_writer w = { .buf = &b };

	json_begin_array(&w);
	for (size_t i = 0; i < why->n_facts; i++) {
		json_begin_object(&w);
		json_key_string(&w, "code", why->facts[i].code);
		json_key_string(&w, "text", why->facts[i].text);
		json_key_string(&w, "command", why->facts[i].command);
		json_end_object(&w);
	}
	json_end_array(&w);
	return arena_strdup(a, b.s);
}

static void add_time(struct json_writer *w, const char *key, int64_t at)
{
	char text[INSTANT_TEXT];

	if (at == 0) {
		json_key_null(w, key);
		return;
	}
	clock_format_utc(at, text);
	json_key_string(w, key, text);
}

const char *why_steps_json(const struct why *why, struct arena *a)
{
	BUF_AUTO b = BUF_INIT(MAX_JSON);
	struct json_writer w = { .buf = &b };

	json_begin_array(&w);
	for (size_t i = 0; i < why->n_steps; i++) {
		const struct why_step *s = &why->steps[i];

		json_begin_object(&w);
		json_key_string(&w, "step", s->step);
		json_key_string(&w, "verb", s->verb);
		json_key_int(&w, "depth", s->depth);
		json_key_string(&w, "branch", s->branch);
		add_time(&w, "at", s->at);
		json_end_object(&w);
	}
	json_end_array(&w);
	return arena_strdup(a, b.s);
}
