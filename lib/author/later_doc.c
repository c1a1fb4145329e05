#include "author/tables.h"

/* Kinds that are known but not built yet: their tables explain them, author_load() refuses them. */

static const struct key request_rows[] = {
	LATER("url", "where the provider answers"),
	LATER("bearer_file", "a file with its key"),
	LATER("json", "what is sent, with {{ sms.to }} and {{ sms.text }}"),
};
static const struct table request_table = TABLE("SmsGateway.request", "'request'", request_rows, "how an SMS is handed over");

static const struct key reply_rows[] = {
	LATER("id", "where the answer has the message's id"),
	LATER("accepted", "which HTTP statuses mean that it was taken"),
};
static const struct table reply_table = TABLE("SmsGateway.reply", "'reply'", reply_rows, "how the answer is read");

static const struct key gateway_rows[] = {
	HEADER_ROWS,
	TEAM_ROW,
	LATER("sender", "what people see"),
	LATER_MAP("request", &request_table, "how an SMS is handed over"),
	LATER_MAP("reply", &reply_table, "how the answer is read"),
};
const struct table sms_gateway_table = TABLE("SmsGateway", "an SmsGateway", gateway_rows, "a provider of SMS");

static const struct key segment_rows[] = {
	HEADER_ROWS,
	TEAM_ROW,
	LATER_MAP("when", &condition_table, "who is in it"),
	LATER("columns", "what `contactctl list in=NAME` shows"),
};
const struct table segment_table = TABLE("Segment", "a Segment", segment_rows, "people for whom a condition is true");

static const struct key generate_rows[] = {
	LATER("prefix", "what all codes begin with"),
	LATER("length", "of a code"),
};
static const struct table generate_table = TABLE("Coupons.generate", "'generate'", generate_rows, "codes made here");

static const struct key coupons_rows[] = {
	HEADER_ROWS,
	TEAM_ROW,
	LATER("codes_file", "a file with one code a line"),
	LATER_MAP("generate", &generate_table, "codes made here"),
	LATER("expires", "how long a code is good once given"),
	LATER("low", "how many are left when an alert goes out"),
};
const struct table coupons_table = TABLE("Coupons", "Coupons", coupons_rows, "a pool of codes");

static const struct key form_rows[] = {
	HEADER_ROWS,
	TEAM_ROW,
	LATER("fields", "what it asks for"),
	LATER("tag", "who fills it in gets this tag"),
	LATER("opt_in", "the Template with {{ confirm_url }}"),
	LATER("thanks", "where people go from it"),
};
const struct table form_table = TABLE("Form", "a Form", form_rows, "a form in the web");

static const struct key move_rows[] = {
	LATER("from", "only what is there moves"),
	LATER("to", "where it moves"),
	LATER("events", "which events count"),
	LATER("active", "whether the rule works"),
};
static const struct table move_table = TABLE("Funnel.automation.on_outreach", "a rule", move_rows, "moves leads at events");

static const struct key create_rows[] = {
	LATER("lifecycle", "the stages that make a lead"),
	LATER("type", "of the lead"),
	LATER("owner", "of the lead"),
	LATER("active", "whether the rule works"),
};
static const struct table create_table = TABLE("Funnel.automation.create", "'create'", create_rows, "makes leads");

static const struct key follow_up_rows[] = {
	LATER("reasons", "of disqualifying"),
	LATER("type", "of the new lead"),
	LATER("active", "whether the rule works"),
};
static const struct table follow_up_table = TABLE("Funnel.automation.follow_up", "'follow_up'", follow_up_rows,
                                                  "makes a lead from a disqualified one");

static const struct key automation_rows[] = {
	LATER_MAP("on_outreach", &move_table, "when somebody was written to or called"),
	LATER_MAP("on_connection", &move_table, "when somebody answered"),
	LATER_MAP("create", &create_table, "leads from lifecycle stages"),
	LATER_MAP("follow_up", &follow_up_table, "leads from disqualified ones"),
};
static const struct table automation_table = TABLE("Funnel.automation", "'automation'", automation_rows,
                                                   "rules of a lead funnel");

static const struct key stage_rows[] = {
	LATER("name", "of the stage"),
	LATER("probability", "of winning"),
	LATER("hours", "sending hours of its steps"),
	LATER("mailbox", "from which its steps send"),
	LATER("steps", "what happens to who enters the stage"),
};
static const struct table stage_table = TABLE("Funnel.stages", "a stage", stage_rows, "a stage; any key of a Pipeline");

static const struct key funnel_rows[] = {
	HEADER_ROWS,
	TEAM_ROW,
	LATER("of", "deals or leads"),
	LATER("default", "whether it is the default one"),
	LATER_MAP("stages", &stage_table, "in order"),
	LATER("types", "of leads"),
	LATER("reasons", "of losing"),
	LATER_MAP("automation", &automation_table, "rules of a lead funnel"),
};
const struct table funnel_table = TABLE("Funnel", "a Funnel", funnel_rows, "stages that deals or leads move through");
