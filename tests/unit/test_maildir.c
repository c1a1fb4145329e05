#include "transport/maildir.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/maildir_test.XXXXXX";
static char box[64];
static const char mail_text[] = "Subject: x\r\n\r\n.dot\r\nend\r\n";

static char *path_of(const char *folder, const char *name)
{
	static char path[512];
	snprintf(path, sizeof path, "%s/%s/%s", box, folder, name);
	return path;
}

/* How many files a folder has; the name of the last one in ret_name (may be NULL). */
static int files(const char *folder, char *ret_name)
{
	char path[256];
	int n = 0;

	snprintf(path, sizeof path, "%s/%s", box, folder);
	DIR *d = opendir(path);
	assert_non_null(d);
	for (struct dirent *e = readdir(d); e; e = readdir(d))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
			n++;
			if (ret_name)
				strcpy(ret_name, e->d_name);
		}
	closedir(d);
	return n;
}

static struct delivery deliver(const char *id)
{
	struct delivery d;
	struct maildir *m = maildir_open(box, &d);

	if (!m)
		return d;
	d = maildir_deliver(m, id, mail_text, sizeof mail_text - 1);
	maildir_close(m);
	return d;
}

static void test_delivers(void **state)
{
	char text[100];
	char name[300];
	struct stat st;
	(void)state;

	assert_string_equal(delivery_outcome_text(deliver("<a.1@x.test>").outcome), "sent");
	assert_int_equal(files("new", name), 1);
	assert_string_equal(name, "a.1@x.test");
	assert_int_equal(files("tmp", NULL), 0);
	assert_int_equal(files("cur", NULL), 0);
	FILE *f = fopen(path_of("new", name), "rb");
	size_t n = fread(text, 1, sizeof text, f);
	fclose(f);
	assert_int_equal(n, strlen("Subject: x\n\n.dot\nend\n"));
	assert_memory_equal(text, "Subject: x\n\n.dot\nend\n", n);
	assert_int_equal(stat(box, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(path_of("new", name), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_nlink, 1);
}

static void test_the_same_mail_again(void **state)
{
	struct delivery d;
	char name[300];
	(void)state;

	deliver("<a.1@x.test>");
	d = deliver("<a.1@x.test>");
	assert_string_equal(delivery_outcome_text(d.outcome), "sent");
	assert_non_null(strstr(d.text, "already"));
	assert_int_equal(files("new", name), 1);
	/* read and flagged */
	char from[512];
	strcpy(from, path_of("new", name));
	assert_int_equal(rename(from, path_of("cur", "a.1@x.test:2,RS")), 0);
	d = deliver("a.1@x.test");
	assert_string_equal(delivery_outcome_text(d.outcome), "sent");
	assert_non_null(strstr(d.text, "already"));
	assert_int_equal(files("new", NULL), 0);
	assert_int_equal(files("cur", NULL), 1);
	/* one whose name begins alike is another one */
	deliver("<a.1@x.tes>");
	deliver("<a.1@x.test2>");
	assert_int_equal(files("new", NULL), 2);
}

/* Moved by a reader after the folder was opened: what an earlier tick delivered is still known. */
static void test_moved_meanwhile(void **state)
{
	struct delivery d;
	char from[512];
	(void)state;

	deliver("<a.1@x.test>");
	struct maildir *m = maildir_open(box, &d);
	assert_non_null(m);
	strcpy(from, path_of("new", "a.1@x.test"));
	assert_int_equal(rename(from, path_of("cur", "a.1@x.test:2,S")), 0);
	d = maildir_deliver(m, "<a.1@x.test>", mail_text, sizeof mail_text - 1);
	assert_non_null(strstr(d.text, "already"));
	/* twice with one handle */
	d = maildir_deliver(m, "<b@x.test>", mail_text, sizeof mail_text - 1);
	assert_null(strstr(d.text, "already"));
	d = maildir_deliver(m, "<b@x.test>", mail_text, sizeof mail_text - 1);
	assert_non_null(strstr(d.text, "already"));
	assert_int_equal(files("new", NULL), 1);
	maildir_close(m);
}

static void test_a_half_written_file_is_replaced(void **state)
{
	struct stat st;
	(void)state;

	deliver("<first@x.test>");
	FILE *f = fopen(path_of("tmp", "a@x.test"), "w");
	fputs("Subj", f);
	fclose(f);
	assert_string_equal(delivery_outcome_text(deliver("<a@x.test>").outcome), "sent");
	assert_int_equal(stat(path_of("new", "a@x.test"), &st), 0);
	assert_int_equal(st.st_size, sizeof mail_text - 1 - 4);
	assert_int_equal(files("tmp", NULL), 0);
}

static void test_names(void **state)
{
	static const struct {
		const char *id;
		const char *name; /* NULL: refused */
	} rows[] = {
		{ "<../../etc/passwd@x>", "=2E.=2F..=2Fetc=2Fpasswd@x" },
		{ ".hidden@x", "=2Ehidden@x" },
		{ "<a:2,S@x>", "a=3A2=2CS@x" },
		{ "<a=b@x>", "a=3Db@x" },
		{ "<\xc3\xa4@x>", "=C3=A4@x" },
		{ "<a b@x>", NULL },
		{ "<a\n@x>", NULL },
		{ "<a\x7f@x>", NULL },
		{ "<>", NULL },
		{ "", NULL },
	};
	char name[300];
	(void)state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct delivery d = deliver(rows[i].id);
		assert_string_equal(delivery_outcome_text(d.outcome), rows[i].name ? "sent" : "refused");
		assert_int_equal(files("new", name), rows[i].name ? 1 : 0);
		if (rows[i].name) {
			assert_string_equal(name, rows[i].name);
			assert_int_equal(unlink(path_of("new", name)), 0);
		}
	}
	char longer[400];
	memset(longer, 'x', sizeof longer);
	longer[398] = '\0';
	assert_string_equal(delivery_outcome_text(deliver(longer).outcome), "sent");
	longer[397] = 'y';
	assert_string_equal(delivery_outcome_text(deliver(longer).outcome), "sent");
	deliver(longer);
	assert_int_equal(files("new", name), 2);
	assert_in_range(strlen(name), 100, 200);
}

static void test_bad_content(void **state)
{
	struct delivery d;
	struct maildir *m = maildir_open(box, &d);
	(void)state;

	assert_non_null(m);
	d = maildir_deliver(m, "a@x", "a\nb\r\n", 5);
	assert_string_equal(delivery_outcome_text(d.outcome), "refused");
	assert_int_equal(files("new", NULL), 0);
	maildir_close(m);
}

static void assert_cannot_open(const char *path)
{
	struct delivery d;
	struct maildir *m = maildir_open(path, &d);

	assert_null(m);
	assert_string_equal(delivery_outcome_text(d.outcome), "settings");
	assert_non_null(strstr(d.text, path));
}

static void test_wrong_places(void **state)
{
	char path[128];
	(void)state;

	snprintf(path, sizeof path, "%s/no/where", root);
	assert_cannot_open(path);
	assert_cannot_open("/dev/null");
	assert_cannot_open("/dev/null/x");
	assert_cannot_open("/proc/x");

	/* gone while it is open */
	struct delivery d;
	struct maildir *m = maildir_open(box, &d);
	assert_non_null(m);
	assert_int_equal(rmdir(path_of("new", "")), 0);
	d = maildir_deliver(m, "a@x", mail_text, sizeof mail_text - 1);
	assert_string_equal(delivery_outcome_text(d.outcome), "settings");
	assert_int_equal(files("tmp", NULL), 0);
	maildir_close(m);
}

/* The limit of a file's size stands for a full disk: a part is written, the rest is not. */
static void test_a_failed_write_leaves_nothing(void **state)
{
	struct rlimit whole, small;
	struct delivery d;
	BUF_AUTO big = BUF_INIT(1 << 20);
	struct maildir *m = maildir_open(box, &d);
	(void)state;

	assert_non_null(m);
	while (big.len < 20000)
		buf_adds(&big, "a line\r\n");
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &whole), 0);
	small = whole;
	small.rlim_cur = 5000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	d = maildir_deliver(m, "a@x", big.s, big.len);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &whole), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_string_equal(delivery_outcome_text(d.outcome), "retry");
	assert_int_equal(files("tmp", NULL), 0);
	assert_int_equal(files("new", NULL), 0);
	assert_string_equal(delivery_outcome_text(maildir_deliver(m, "a@x", big.s, big.len).outcome), "sent");
	maildir_close(m);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static int make_root(void **state)
{
	(void)state;
	strcpy(root + strlen(root) - 6, "XXXXXX");
	if (!mkdtemp(root))
		return -1;
	snprintf(box, sizeof box, "%s/box", root);
	return 0;
}

static int remove_root(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "a mail is a file in new/, with LF line ends", test_delivers, make_root, remove_root, NULL },
		{ "2.1 the same mail again is seen, in new/ and in cur/", test_the_same_mail_again, make_root,
		  remove_root, NULL },
		{ "2.1 ... also when a reader moves it meanwhile", test_moved_meanwhile, make_root, remove_root,
		  NULL },
		{ "2.1 a half-written file of a dead worker is replaced", test_a_half_written_file_is_replaced,
		  make_root, remove_root, NULL },
		{ "names have no slashes, colons or dots in front", test_names, make_root, remove_root, NULL },
		{ "bad content is refused", test_bad_content, make_root, remove_root, NULL },
		{ "a wrong place is a matter of settings", test_wrong_places, make_root, remove_root, NULL },
		{ "a write that fails leaves nothing and is tried again", test_a_failed_write_leaves_nothing,
		  make_root, remove_root, NULL },
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
