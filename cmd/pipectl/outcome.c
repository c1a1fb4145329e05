#include "outcome.h"

#include "cli/context.h"
#include "engine/engine.h"

int outcomes_of(struct cli *cli, int (*act)(struct outcomes *out, struct engine *e, struct err *err), struct err *err)
{
	struct outcomes out;
	ENGINE_AUTO e = { 0 };
	int got;

	engine_init(&e, cli->db, cli->now, cli->who.account, "manual");
	outcomes_begin(&out, cli);
	got = act(&out, &e, err);
	return outcomes_end(&out, got);
}
