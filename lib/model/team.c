#include "model/team.h"

#include <string.h>

const struct member *team_member(const struct team *t, const char *account)
{
	for (size_t i = 0; i < t->n_members; i++)
		if (strcmp(t->members[i].account, account) == 0)
			return &t->members[i];
	return NULL;
}

bool team_may_change(const struct team *t, enum role role, enum doc_kind kind)
{
	if (role == ROLE_ADMIN)
		return true;
	if (role != ROLE_MEMBER || t->pipelines_admin)
		return false;
	return kind == DOC_PIPELINE || kind == DOC_TEMPLATE || kind == DOC_SEGMENT;
}
