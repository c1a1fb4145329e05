#include "engine/event.h"
#include "engine/progress.h"
#include "people/people.h"
#include "store/contact_store.h"
#include "store/entry_store.h"
#include "store/message_store.h"

#include <string.h>

/* What a run of `other` does that `keep` cannot take over. */
static int must_stop(struct engine *e, const struct run *run, const struct contact *keep, struct arena *a,
                     struct err *err)
{
	struct message m;
	struct run open;
	int got = run_find_open(e->db, run->team, run->pipeline, keep->id, a, &open, err);

	if (got != 0)
		return got;
	got = message_of_step(e->db, run->team, run->id, run->step, run->visit, a, &m, err);
	if (got <= 0)
		return got;
	return m.state != MESSAGE_SENT && m.state != MESSAGE_BOUNCED;
}

static int stop_runs(struct engine *e, const struct contact *keep, const struct contact *other, struct arena *a,
                     struct err *err)
{
	struct traveller t;
	struct run *runs;
	int n = run_list_of_contact(e->db, other->team, other->id, true, a, &runs, err), stopped = 0;

	if (n < 0 || entry_remove(e->db, other->team, 0, other->id, err) < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		int got = must_stop(e, &runs[i], keep, a, err);

		if (got > 0)
			got = traveller_of_run(e, &runs[i], a, &t, err);
		if (got < 0 || (got > 0 && run_end(e, &t, RUN_STOPPED, "contact.merged", err) < 0))
			return -1;
		stopped += got;
	}
	return stopped;
}

/* What keep gets of other: values it has not, and tags. */
static size_t gains(const struct contact *keep, const struct contact *other, struct change *changes)
{
	size_t n = 0;

	for (size_t i = 0; i < other->n_values; i++)
		if (!contact_get(keep, other->values[i].name))
			changes[n++] = (struct change){ .kind = CHANGE_VALUE,
				                            .name = other->values[i].name,
				                            .value = other->values[i].value };
	for (size_t i = 0; i < other->tags.n; i++)
		if (!contact_has_tag(keep, other->tags.v[i]))
			changes[n++] = (struct change){ .kind = CHANGE_TAG, .name = other->tags.v[i] };
	return n;
}

int people_merge(struct engine *e, struct contact *keep, struct contact *other, struct arena *a, struct err *err)
{
	struct change *changes = arena_array(a, other->n_values + other->tags.n + 1, sizeof *changes);
	struct happening h = {
		.ev = { .contact = keep->id,
		        .type = "contact.merged",
		        .data = event_data(a, "email", other->email, NULL) },
		.changes = changes,
		.contact = keep,
		.arena = a,
	};
	const struct person wish = { .suppressed = other->suppressed & (SUPPRESS_UNSUBSCRIBED | SUPPRESS_COMPLAINED) };
	int stopped;

	if (keep->id == other->id)
		return err_set(err, ERR_REFUSED, "'%s' and '%s' are one contact", keep->email, other->email);
	h.n_changes = gains(keep, other, changes);
	stopped = stop_runs(e, keep, other, a, err);
	if (stopped < 0 || contact_move_history(e->db, keep->team, other->id, keep->id, err) < 0 ||
	    contact_delete(e->db, keep->team, other->id, err) < 0 || event_record(e, keep->team, &h, err) < 0 ||
	    people_update(e, keep, &wish, a, err) < 0)
		return -1;
	return stopped;
}
