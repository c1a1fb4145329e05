#include "engine/sender.h"

#include "base/random.h"
#include "model/team.h"

#include <string.h>

const char *sender_of_member(const struct team *t, const char *account)
{
	const struct member *m = account ? team_member(t, account) : NULL;

	return m ? m->mailbox : NULL;
}

/* Of what began by itself. */
static const char *sender_of_nobody(const struct team *t, const struct contact *c)
{
	const char *mailbox = sender_of_member(t, contact_get(c, "owner"));

	return mailbox ? mailbox : t->mailbox;
}

const char *sender_of_pipeline(struct world *w, const struct pipeline *p, const struct contact *c,
                               const char *enroller)
{
	const struct team *t = world_team(w);
	const char *name;

	if (p->mailboxes.n == 0)
		return t->mailbox;
	name = p->mailboxes.v[0];
	if (p->mailboxes.n > 1)
		name = p->mailboxes.v[hash_share(c->folded, strlen(c->folded), p->mailboxes.n)];
	if (strcmp(name, "enroller") == 0)
		return enroller && *enroller ? sender_of_member(t, enroller) : sender_of_nobody(t, c);
	if (strcmp(name, "owner") == 0)
		return sender_of_member(t, contact_get(c, "owner"));
	return name;
}

static const char *member_problem(const struct team *t, const char *role, const char *account, struct arena *a)
{
	if (!account)
		return arena_printf(a, "there is no %s to send from", role);
	return arena_printf(a, team_member(t, account) ? "the %s %s has no `mailbox` in the Team document"
	                                               : "the %s %s is no member in the Team document",
	                    role, account);
}

const char *sender_problem(struct world *w, const struct pipeline *p, const struct contact *c, const char *enroller,
                           struct arena *a)
{
	const struct team *t = world_team(w);

	if (p->mailboxes.n == 0)
		return "no mailbox to send from: give the pipeline or the team a `mailbox`";
	if (strcmp(p->mailboxes.v[0], "owner") == 0)
		return member_problem(t, "owner", contact_get(c, "owner"), a);
	if (enroller && *enroller)
		return member_problem(t, "enroller", enroller, a);
	return "nobody enrolled this contact, no owner has a mailbox, and the team has none";
}

bool sender_is_owner(const struct step *st)
{
	return st->mailbox && strcmp(st->mailbox, "owner") == 0;
}

static const char *hurdle_of(struct hurdle *ret, enum block_reason reason, const char *text)
{
	*ret = (struct hurdle){ reason, text };
	return NULL;
}

static const char *member_without(const struct traveller *t, const char *role, const char *account, struct hurdle *ret)
{
	bool known = team_member(world_team(t->world), account);

	return hurdle_of(ret, BLOCK_SETTINGS,
	                 arena_printf(t->arena, known ? "%s %s has no 'mailbox' in the Team document"
	                                              : "%s %s is no member in the Team document",
	                              role, account));
}

const char *sender_of_step(const struct traveller *t, const struct step *st, struct hurdle *ret)
{
	const char *owner = contact_get(&t->contact, "owner"), *mailbox = st->mailbox ? st->mailbox : t->run.mailbox;
	const struct team *team = world_team(t->world);

	if (sender_is_owner(st)) {
		if (!owner)
			return hurdle_of(ret, BLOCK_MISSING, "contact.owner");
		mailbox = sender_of_member(team, owner);
		return mailbox ? mailbox : member_without(t, "the owner", owner, ret);
	}
	if (strcmp(mailbox, "enroller") == 0) {
		if (!*t->run.enroller) {
			mailbox = sender_of_nobody(team, &t->contact);
			return mailbox ? mailbox
			               : hurdle_of(ret, BLOCK_SETTINGS,
			                           "it began by itself: no enroller, no owner with a mailbox, and the team has none");
		}
		mailbox = sender_of_member(team, t->run.enroller);
		return mailbox ? mailbox : member_without(t, "the enroller", t->run.enroller, ret);
	}
	return *mailbox ? mailbox : hurdle_of(ret, BLOCK_SETTINGS, "no mailbox to send from was known when it began");
}
