#include "model/template.h"

#include <string.h>
#include <strings.h>

static const struct template_text *find(const struct template *t, const char *language, size_t len)
{
	for (size_t i = 1; i < t->n_texts; i++) {
		const char *have = t->texts[i].language;

		if (strlen(have) == len && strncasecmp(have, language, len) == 0)
			return &t->texts[i];
	}
	return NULL;
}

struct template_text template_for(const struct template *t, const char *language)
{
	const struct template_text *chosen = NULL;
	struct template_text ret = t->texts[0];

	if (language) {
		chosen = find(t, language, strlen(language));
		if (!chosen)
			chosen = find(t, language, strcspn(language, "-_"));
	}
	if (!chosen)
		return ret;
	ret.language = chosen->language;
	if (chosen->subject)
		ret.subject = chosen->subject;
	if (chosen->text || chosen->html) {
		ret.text = chosen->text;
		ret.html = chosen->html;
	}
	return ret;
}
