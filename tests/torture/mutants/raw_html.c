/*
 * Seeded bug: HTML takes what it is given.
 *
 * program: pipe-worker
 * wrap: liquid_render
 */
#include "format/liquid.h"

int __wrap_liquid_render(const struct liquid *t, const struct value *root, const struct liquid_options *options,
                         struct arena *scratch, struct buf *out, struct liquid_report *report);
int __real_liquid_render(const struct liquid *t, const struct value *root, const struct liquid_options *options,
                         struct arena *scratch, struct buf *out, struct liquid_report *report);

int __wrap_liquid_render(const struct liquid *t, const struct value *root, const struct liquid_options *options,
                         struct arena *scratch, struct buf *out, struct liquid_report *report)
{
	struct liquid_options text = options ? *options : (struct liquid_options){ 0 };

	text.html = false;
	return __real_liquid_render(t, root, &text, scratch, out, report);
}
