#include "mail/automatic.h"

#include "base/attr.h"
#include "mail/words.h"

#include <ctype.h>
#include <string.h>

enum { TEXT_MAX = 8192, BEFORE = 60, AFTER = 30 };

/* Names of months by their beginnings, in the five languages, those of a month apart by blanks. */
static const char *const months[] = {
	"january januar jan j\xc3\xa4nner gennaio gen janvier janv enero ene",
	"february februar feb febbraio f\xc3\xa9vrier fevrier f\xc3\xa9vr febrero",
	"march m\xc3\xa4rz maerz mrz marzo mars mar",
	"april aprile avril avr abril abr apr",
	"may mai maggio mag mayo",
	"june juni juin giugno giu junio jun",
	"july juli juillet juil luglio lug julio jul",
	"august aug agosto ago ao\xc3\xbbt aout",
	"september sept sep settembre set septembre septiembre",
	"october oktober okt oct ottobre ott octobre octubre",
	"november nov novembre noviembre",
	"december dezember dez dec dicembre dic d\xc3\xa9" "cembre d\xc3\xa9" "c diciembre",
};

static const char *const weekdays[] = {
	"monday montag luned\xc3\xac lunedi lundi lunes",
	"tuesday dienstag marted\xc3\xac martedi mardi martes",
	"wednesday mittwoch mercoled\xc3\xac mercoledi mercredi mi\xc3\xa9rcoles miercoles",
	"thursday donnerstag gioved\xc3\xac giovedi jeudi jueves",
	"friday freitag venerd\xc3\xac venerdi vendredi viernes",
	"saturday samstag sonnabend sabato samedi s\xc3\xa1" "bado",
	"sunday sonntag domenica dimanche domingo",
};

/* A text in work: words in lower case, and the day on which it was written. */
struct scan {
	const char *s;
	size_t len;
	const struct civil *from;
	bool english;
};

struct date {
	int year; /* 0: not said */
	int month, day;
};

static bool is_letter(char c)
{
	return isalpha((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* The 1-based row whose list has the word at s; *ret_len is its length. 0: none. */
static int find_name(const char *const *rows, size_t n, const char *s, size_t *ret_len)
{
	size_t len = 0;

	while (is_letter(s[len]))
		len++;
	for (size_t i = 0; i < n && len >= 3; i++)
		for (const char *w = rows[i]; *w; w += strcspn(w, " "), w += *w == ' ')
			if (strcspn(w, " ") == len && memcmp(w, s, len) == 0) {
				*ret_len = len;
				return (int)i + 1;
			}
	return 0;
}

static size_t number(const char *s, size_t max, int *ret)
{
	size_t n = 0;

	*ret = 0;
	while (n <= max && isdigit((unsigned char)s[n]))
		*ret = *ret * 10 + (s[n++] - '0');
	return n > 0 && n <= max ? n : 0;
}

static size_t blanks(const char *s)
{
	return strspn(s, " ,");
}

/* A year of four digits, or of two behind a separator. */
static size_t read_year(const char *s, bool two, int *ret)
{
	size_t n = number(s, 4, ret);

	if (n == 2 && two)
		*ret += 2000;
	else if (n != 4 || *ret < 1970 || *ret > 2200) {
		*ret = 0;
		return 0;
	}
	return n;
}

/* What may stand between a day and a month: "12th of July", "12. Juli", "12 de julio", "1er août". */
static size_t day_tail(const char *s)
{
	static const char *const tails[] = { "st", "nd", "rd", "th", "er", "\xc2\xba", "." };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(tails); i++)
		if (strncmp(s, tails[i], strlen(tails[i])) == 0) {
			n = strlen(tails[i]);
			break;
		}
	n += strspn(s + n, " ");
	if (strncmp(s + n, "of ", 3) == 0 || strncmp(s + n, "de ", 3) == 0)
		n += 3;
	return n;
}

static size_t year_behind(const char *s, int *ret)
{
	size_t n = blanks(s), got;

	if (strncmp(s + n, "de ", 3) == 0)
		n += 3;
	got = read_year(s + n, false, ret);
	return got ? n + got : 0;
}

/* "12 July 2026" */
static size_t read_day_month(const char *s, struct date *ret)
{
	size_t at = number(s, 2, &ret->day), n = 0;

	if (at == 0)
		return 0;
	at += day_tail(s + at);
	ret->month = find_name(months, ARRAY_LEN(months), s + at, &n);
	if (ret->month == 0)
		return 0;
	at += n;
	at += s[at] == '.';
	return at + year_behind(s + at, &ret->year);
}

/* "July 12, 2026" */
static size_t read_month_day(const char *s, struct date *ret)
{
	size_t n = 0, at, got;

	ret->month = find_name(months, ARRAY_LEN(months), s, &n);
	if (ret->month == 0)
		return 0;
	at = n + (s[n] == '.');
	if (s[at] != ' ')
		return 0;
	at += strspn(s + at, " ");
	if (strncmp(s + at, "the ", 4) == 0)
		at += 4;
	got = number(s + at, 2, &ret->day);
	if (got == 0)
		return 0;
	at += got;
	if (is_letter(s[at]))
		at += day_tail(s + at);
	return at + year_behind(s + at, &ret->year);
}

static int64_t day_number(const struct date *d)
{
	struct civil c = { .year = d->year, .month = d->month, .day = d->day };

	return civil_valid(&c) ? civil_day_number(&c) : 0;
}

/* Fills in the year: of the days of that name the one nearest to the day of the mail. */
static void complete(const struct scan *sc, struct date *d)
{
	int64_t ahead;

	if (d->year > 0)
		return;
	d->year = sc->from->year;
	ahead = day_number(d) - civil_day_number(sc->from);
	if (ahead < -183)
		d->year++;
	else if (ahead > 183)
		d->year--;
}

/* In English 7/12 may be either; the one that comes sooner is meant. */
static void choose_order(const struct scan *sc, struct date *d)
{
	struct date swapped = { d->year, d->day, d->month };

	if (d->month > 12) {
		*d = swapped;
		return;
	}
	if (d->day > 12 || !sc->english)
		return;
	complete(sc, &swapped);
	complete(sc, d);
	if (day_number(&swapped) >= civil_day_number(sc->from) &&
	    (day_number(d) < civil_day_number(sc->from) || day_number(&swapped) < day_number(d)))
		*d = swapped;
}

/* "2026-07-12", "12.07.2026", "12.7.", "12/07/26" */
static size_t read_numeric(const struct scan *sc, const char *s, struct date *ret)
{
	size_t at = number(s, 4, &ret->day), n;
	char sep = s[at];

	if (at == 0 || !sep || !strchr(".-/", sep))
		return 0;
	n = number(s + at + 1, 2, &ret->month);
	if (n == 0)
		return 0;
	if (at == 4) {
		ret->year = ret->day;
		at += 1 + n;
		if (s[at] != sep || (n = number(s + at + 1, 2, &ret->day)) == 0)
			return 0;
		return at + 1 + n;
	}
	at += 1 + n;
	if (s[at] == sep && (n = read_year(s + at + 1, true, &ret->year)) > 0)
		at += 1 + n;
	else if (sep == '-' || (sep == '.' && s[at] != '.'))
		return 0;
	if (isdigit((unsigned char)s[at]) || (sep == '.' && s[at] == '.' && isdigit((unsigned char)s[at + 1])))
		return 0;
	if (sep == '/')
		choose_order(sc, ret);
	return at;
}

static size_t read_date(const struct scan *sc, const char *s, struct date *ret)
{
	size_t n;

	*ret = (struct date){ 0 };
	if (isdigit((unsigned char)*s)) {
		n = read_numeric(sc, s, ret);
		if (n == 0) {
			*ret = (struct date){ 0 };
			n = read_day_month(s, ret);
		}
	} else {
		n = read_month_day(s, ret);
	}
	if (n == 0 || ret->month < 1 || ret->month > 12)
		return 0;
	complete(sc, ret);
	return day_number(ret) ? n : 0;
}

#define window_has(sc, from, to, phrases) window_has_any((sc), (from), (to), (phrases), sizeof(phrases))
static bool window_has_any(const struct scan *sc, size_t from, size_t to, const char *phrases, size_t size)
{
	char window[BEFORE + 1];
	size_t n = to - from < BEFORE ? to - from : BEFORE;

	memcpy(window, sc->s + to - n, n);
	window[n] = '\0';
	return words_have_any(window, phrases, size);
}

#define RETURN_WORDS                                                                                                  \
	"back\0return\0again\0resum\0reachable\0available from\0available on\0in the office on\0zur\xc3\xbc" "ck\0wieder\0ab dem \0"  \
	"ab \0erreichbar\0rientr\0torner\0ritorn\0di nuovo\0nuovamente\0a partire dal\0retour\0reviendrai\0\xc3\xa0 partir du\0" \
	"\xc3\xa0 nouveau\0regres\0vuelt\0volver\0de nuevo\0a partir del\0reincorpor\0serai de\0disponible \xc3\xa0\0"

#define UNTIL_WORDS                                                                                                  \
	"until\0till\0through\0thru\0up to\0 to \0bis \0fino a\0sino a\0 al \0jusqu\0 au \0hasta\0- \0\xe2\x80\x93 \0inclu\0"

/* How surely a date is the one of the return: 3 said so, 2 the end of a time, 1 only a date. */
static int certainty(const struct scan *sc, size_t begin, size_t end)
{
	size_t before = begin > BEFORE ? begin - BEFORE : 0, after = end + AFTER < sc->len ? end + AFTER : sc->len;

	if (window_has(sc, before, begin, RETURN_WORDS))
		return 3;
	if (window_has(sc, before, begin, UNTIL_WORDS))
		return 2;
	return window_has(sc, end, after, "zur\xc3\xbc" "ck\0wieder\0") ? 3 : 1;
}

static bool is_day_ahead(const struct scan *sc, int64_t day)
{
	int64_t from = civil_day_number(sc->from);

	return day > from && day <= from + 366;
}

static bool starts_word(const struct scan *sc, size_t i)
{
	return i == 0 || !(isalnum((unsigned char)sc->s[i - 1]) || (unsigned char)sc->s[i - 1] >= 0x80 || strchr(".-/", sc->s[i - 1]));
}

/* "back on Monday": the next such day. */
static int64_t find_weekday(const struct scan *sc)
{
	for (size_t i = 0; i < sc->len; i++) {
		size_t n = 0, before = i > AFTER ? i - AFTER : 0;
		int day = starts_word(sc, i) ? find_name(weekdays, ARRAY_LEN(weekdays), sc->s + i, &n) : 0;

		if (day > 0 && window_has(sc, before, i, RETURN_WORDS UNTIL_WORDS)) {
			int64_t from = civil_day_number(sc->from);
			int ahead = (day - 1 - (int)civil_weekday(from) + 7) % 7;

			return from + (ahead == 0 ? 7 : ahead);
		}
	}
	return 0;
}

static int64_t find_date(const struct scan *sc)
{
	int64_t best = 0;
	int best_certainty = 0;

	for (size_t i = 0; i < sc->len; i++) {
		struct date d;
		size_t n = starts_word(sc, i) ? read_date(sc, sc->s + i, &d) : 0;
		int sure;

		if (n == 0)
			continue;
		sure = certainty(sc, i, i + n);
		if (is_day_ahead(sc, day_number(&d)) && (sure > best_certainty || (sure == best_certainty && day_number(&d) > best))) {
			best = day_number(&d);
			best_certainty = sure;
		}
		i += n - 1;
	}
	return best;
}

bool automatic_return_date(struct arena *a, const char *text, const struct civil *from, struct civil *ret)
{
	size_t len = strlen(text);
	struct scan sc = { .s = words_of(a, text, len < TEXT_MAX ? len : TEXT_MAX), .from = from };
	int64_t day;

	sc.len = strlen(sc.s);
	sc.english = words_have(sc.s, " the \0 i am \0i will\0 out of office\0");
	day = find_date(&sc);
	if (day == 0)
		day = find_weekday(&sc);
	*ret = (struct civil){ 0 };
	return day > 0 && civil_set_day(ret, day);
}
