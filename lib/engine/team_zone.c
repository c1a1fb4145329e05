#include "engine/world.h"

#include "author/author.h"
#include "store/document_store.h"
#include "store/team_store.h"

#include <string.h>

static int team_zone(struct db *db, int64_t team, struct arena *arena, const char **ret, struct err *err)
{
	struct document_row *rows;
	struct document doc;
	int n = document_list(db, team, "Team", arena, &rows, err);

	*ret = NULL;
	if (n <= 0)
		return err_or_none(n);
	if (author_read(arena, rows[0].body, strlen(rows[0].body), &doc, err) < 0)
		return -1;
	*ret = doc.as_team->timezone;
	return 0;
}

int world_common_zone(struct db *db, int64_t team, struct arena *arena, const char **ret, struct err *err)
{
	struct team_row *teams;
	const char *zone;
	int n;

	if (team)
		return team_zone(db, team, arena, ret, err);
	n = team_list(db, arena, &teams, err);
	*ret = NULL;
	for (int i = 0; i < n; i++) {
		if (team_zone(db, teams[i].id, arena, &zone, err) < 0)
			return -1;
		if (!zone || (*ret && strcmp(*ret, zone) != 0)) {
			*ret = NULL;
			break;
		}
		*ret = zone;
	}
	return n < 0 ? -1 : 0;
}
