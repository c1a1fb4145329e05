/*
 * Runs a target over inputs that were kept, without libFuzzer.
 *
 *   TARGET FILE.b64...           each line is one input in base64: runs them all and says how many
 *   TARGET --unpack FOLDER FILE  writes them into a folder, as libFuzzer takes them
 *   TARGET --pack FOLDER         prints the files of a folder in that form, the smallest first
 */
#include "fuzz.h"

#include "base/buf.h"
#include "base/mem.h"

#include <dirent.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX ((size_t)1 << 20)

struct sink {
	const char *folder; /* NULL: run it */
	int n;
};

static void take(struct sink *sink, const unsigned char *data, size_t len)
{
	char path[4096];
	FILE *f;

	sink->n++;
	if (!sink->folder) {
		LLVMFuzzerTestOneInput(data, len);
		return;
	}
	snprintf(path, sizeof path, "%s/%05d", sink->folder, sink->n);
	f = fopen(path, "wb");
	HOLD(f && fwrite(data, 1, len, f) == len && fclose(f) == 0);
}

static int each_line(const char *path, struct sink *sink)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0, len;
	ssize_t got;

	if (!f) {
		perror(path);
		return -1;
	}
	while ((got = getline(&line, &cap, f)) > 0) {
		unsigned char *data = xmalloc((size_t)got); /* exactly as long as the input, so that a sanitizer sees its end */

		HOLD(sodium_base642bin(data, (size_t)got, line, (size_t)got, "\n", &len, NULL, sodium_base64_VARIANT_ORIGINAL) == 0);
		data = xrealloc(data, len ? len : 1, 1);
		take(sink, data, len);
		free(data);
	}
	free(line);
	fclose(f);
	return 0;
}

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static char *encode(const char *path)
{
	BUF_AUTO data = BUF_INIT(INPUT_MAX);
	char piece[4096], *text;
	FILE *f = fopen(path, "rb");
	size_t n, size;

	HOLD(f);
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(&data, piece, n);
	fclose(f);
	size = sodium_base64_ENCODED_LEN(data.len, sodium_base64_VARIANT_ORIGINAL);
	text = xmalloc(size);
	return sodium_bin2base64(text, size, (const unsigned char *)data.s, data.len, sodium_base64_VARIANT_ORIGINAL);
}

static int shorter(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	size_t nx = strlen(x), ny = strlen(y);

	return nx != ny ? (nx < ny ? -1 : 1) : strcmp(x, y);
}

static int pack(const char *folder)
{
	struct dirent **list;
	int n = scandir(folder, &list, is_file, NULL);
	char path[4096], **texts;

	if (n < 0) {
		perror(folder);
		return 66;
	}
	texts = xcalloc((size_t)n + 1, sizeof *texts);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, list[i]->d_name);
		texts[i] = encode(path);
		free(list[i]);
	}
	qsort(texts, (size_t)n, sizeof *texts, shorter);
	for (int i = 0; i < n; i++) {
		puts(texts[i]);
		free(texts[i]);
	}
	free(texts);
	free(list);
	return 0;
}

int main(int argc, char **argv)
{
	struct sink sink = { 0 };
	int first = 1;

	if (sodium_init() < 0 || argc < 2)
		return 64;
	if (argc == 3 && strcmp(argv[1], "--pack") == 0)
		return pack(argv[2]);
	if (argc == 4 && strcmp(argv[1], "--unpack") == 0) {
		sink.folder = argv[2];
		first = 3;
	}
	for (int i = first; i < argc; i++)
		if (each_line(argv[i], &sink) < 0)
			return 66;
	printf("%d inputs\n", sink.n);
	return 0;
}
