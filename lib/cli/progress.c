#include "cli/progress.h"

#include "base/clock.h"
#include "cli/context.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SILENT_MS 1000
#define REDRAW_MS 200
#define BAR 30

void cli_progress_begin(struct cli_progress *p, const struct cli *cli, const char *what, int64_t total)
{
	*p = (struct cli_progress){
		.what = what,
		.total = total,
		.start_ms = clock_monotonic_ms(),
		.columns = cli->columns,
		.on = !cli->quiet && isatty(STDERR_FILENO),
	};
}

static void draw_bar(const struct cli_progress *p, int64_t done, char *ret, int size)
{
	int64_t part = done < p->total ? done : p->total;
	int filled = (int)(part * BAR / p->total), percent = (int)(part * 100 / p->total);
	char bar[BAR + 1];

	memset(bar, ' ', BAR);
	memset(bar, '=', (size_t)filled);
	bar[BAR] = '\0';
	snprintf(ret, (size_t)size, "%s [%s] %3d%% %lld/%lld", p->what, bar, percent, (long long)done,
	         (long long)p->total);
}

bool cli_progress_line(struct cli_progress *p, int64_t done, int64_t now_ms, char *ret, int size)
{
	if (now_ms - p->start_ms < SILENT_MS || (p->drawn_ms && now_ms - p->drawn_ms < REDRAW_MS))
		return false;
	p->drawn_ms = now_ms;
	if (size > p->columns)
		size = p->columns;
	if (p->total > 0)
		draw_bar(p, done, ret, size);
	else
		snprintf(ret, (size_t)size, "%s %lld", p->what, (long long)done);
	return true;
}

void cli_progress_at(struct cli_progress *p, int64_t done)
{
	char line[256];

	if (p->on && cli_progress_line(p, done, clock_monotonic_ms(), line, sizeof line))
		fprintf(stderr, "\r\033[K%s", line);
}

void cli_progress_end(struct cli_progress *p)
{
	if (p->on && p->drawn_ms)
		fputs("\r\033[K", stderr);
	p->on = false;
}
