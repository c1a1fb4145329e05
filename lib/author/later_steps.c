#include "author/steps.h"
#include "author/tables.h"

/* The maps of verbs that are known but not built yet, for `explain`. */

static const struct key split_rows[] = {
	LATER("share", "of the people, in percent"),
	LATER("name", "of the branch"),
	LATER("steps", "of the branch"),
};
const struct table split_table = TABLE("step.split", "a share", split_rows, "a share of the people and their steps");

static const struct key create_rows[] = {
	LATER("funnel", "where"),
	LATER("stage", "at which stage"),
	LATER("title", "what it is called"),
	LATER("value", "amount and currency"),
	LATER("owner", "whose it is"),
	LATER("type", "of a lead"),
	LATER("unless_open", "not when the contact has an open one"),
};
const struct table create_deal_table = TABLE("step.create_deal", "'create_deal'", create_rows, "a new deal");

static const struct key update_rows[] = {
	LATER("stage", "FUNNEL/STAGE"),
	LATER("status", "open, won or lost"),
	LATER("reason", "of losing"),
	LATER("title", "what it is called"),
	LATER("value", "amount and currency"),
	LATER("owner", "whose it is"),
	LATER("of", "the funnel in which the contact's open deal is looked for"),
};
const struct table update_deal_table = TABLE("step.update_deal", "'update_deal'", update_rows, "what changes in the deal");

static const struct key event_rows[] = {
	LATER("type", "of the event"),
	LATER("data", "what it carries"),
};
const struct table step_event_table = TABLE("step.event", "'event'", event_rows, "an event to record");

static const struct key webhook_rows[] = {
	LATER("url", "what is called"),
	LATER("method", "GET, POST, .."),
	LATER("headers", "what is sent with it"),
	LATER("json", "what is sent"),
	LATER("timeout", "how long it may take"),
	LATER("secret_file", "signs the call"),
};
const struct table webhook_table = TABLE("step.webhook", "'webhook'", webhook_rows, "a call of a URL");
