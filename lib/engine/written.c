#include "engine/written.h"

#include "base/buf.h"
#include "format/json.h"

#define VALUE_MAX ((size_t)1 << 20)

const char *written_value(const struct value *v, struct arena *a)
{
	BUF_AUTO b = BUF_INIT(VALUE_MAX);

	if (v->kind == VALUE_BOOL)
		return v->boolean ? "yes" : "no";
	if (v->kind == VALUE_ARRAY || v->kind == VALUE_MAP)
		json_value(&b, v);
	else
		value_append(&b, v);
	return arena_strndup(a, b.s, b.len);
}
