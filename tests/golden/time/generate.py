#!/usr/bin/env python3
"""Writes the tables beside it: what clocks, delays, opening hours and waits must come to.

Everything is worked out with zoneinfo and datetime, from the words of the rules and by trying out, never by
the method of the C code: a local time is looked up in the list of stretches that the clock runs through, opening
hours are found minute by minute, business days are picked from a list of dates. Run it after the rules change:

    python3 tests/golden/time/generate.py
"""

import datetime as dt
import os
import re
import random
import zoneinfo

HERE = os.path.dirname(os.path.abspath(__file__))
TZDATA = "/usr/share/zoneinfo/tzdata.zi"
EPOCH = dt.datetime(1970, 1, 1)
DAY = 86400
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

ZONES = """Europe/Berlin America/New_York America/Sao_Paulo Asia/Kolkata Asia/Kathmandu Australia/Lord_Howe
    Australia/Sydney Pacific/Apia Pacific/Auckland Africa/Casablanca Asia/Tokyo UTC Europe/London America/St_Johns
    Antarctica/Troll Europe/Dublin Pacific/Chatham America/Havana Asia/Gaza Africa/Cairo Pacific/Kiritimati
    America/Nuuk""".split()

# Years whose clock changes are tried; what zone files list often ends in 2037. All other years: zones.tsv.
YEARS = [1976, 1987, 2011, 2018, 2026, 2037, 2038, 2090, 4321]


def seconds(naive):
    return round((naive - EPOCH).total_seconds())


def naive_of(secs):
    return EPOCH + dt.timedelta(seconds=secs)


def iso(instant):
    return naive_of(instant).strftime("%Y-%m-%dT%H:%M:%SZ") if instant >= -62135596800 else str(instant)


class Zone:
    def __init__(self, name):
        self.name = name
        self.info = zoneinfo.ZoneInfo(name)
        self.known = {}

    def at(self, instant):
        """(offset in seconds, abbreviation) at an instant."""
        if instant not in self.known:
            when = (naive_of(instant)).replace(tzinfo=dt.timezone.utc).astimezone(self.info)
            self.known[instant] = (round(when.utcoffset().total_seconds()), when.tzname())
        return self.known[instant]

    def offset(self, instant):
        return self.at(instant)[0]

    def local(self, instant):
        return naive_of(instant + self.offset(instant))

    def changes(self, start, end, step=DAY):
        """[(instant, offset before, offset after)] for start < instant <= end."""
        found = []
        at = start
        while at < end:
            low, high = at, min(at + step, end)
            if self.offset(low) != self.offset(high):
                while high - low > 1:
                    middle = (low + high) // 2
                    if self.offset(middle) == self.offset(low):
                        low = middle
                    else:
                        high = middle
                found.append((high, self.offset(low), self.offset(high)))
            at += step
        return found

    def year_changes(self, year):
        return self.changes(seconds(dt.datetime(year, 1, 1)), seconds(dt.datetime(year, 12, 31)))

    def instant(self, naive):
        """The instant of a local time: the first that shows it; if none does, the end of the gap."""
        local = seconds(naive)
        start, end = local - 2 * DAY, local + 2 * DAY
        changes = self.changes(start, end, 3600)
        edges = [start] + [change[0] for change in changes] + [end]
        offsets = [self.offset(start)] + [change[2] for change in changes]
        shown = [local - offset for offset, begin, until in zip(offsets, edges, edges[1:])
                 if begin <= local - offset < until]
        if shown:
            return min(shown)
        for at, before, after in changes:
            if at + before <= local < at + after:
                return at
        raise AssertionError(f"{self.name} {naive}")


class Calendar:
    """opened: [(weekdays, (from, to))] in minutes; closed: [(first date, last date)]."""

    def __init__(self, name, opened, closed="", zone="contact"):
        self.name, self.text, self.closed_text, self.zone = name, opened, closed, zone
        self.week = {day: [] for day in range(7)}
        for line in filter(None, opened.split(";")):
            days, hours = line.split()
            span = tuple(int(h) * 60 + int(m) for h, m in (clock.split(":") for clock in hours.split("-")))
            for day in self.days_of(days):
                self.week[day].append(span)
        self.closed = set()
        for part in closed.split():
            first, _, last = part.partition("..")
            day, last = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
            while day <= last:
                self.closed.add(day)
                day += dt.timedelta(days=1)

    @staticmethod
    def days_of(text):
        if text in ("sun-thu", "mon-sun", "mon-fri", "mon-thu"):
            return {"sun-thu": [6, 0, 1, 2, 3], "mon-sun": range(7), "mon-fri": range(5), "mon-thu": range(4)}[text]
        return [DAYS.index(day) for day in text.split(",")]

    def open_day(self, date):
        return bool(self.week[date.weekday()]) and date not in self.closed

    def open_at(self, local):
        minute = local.hour * 60 + local.minute
        return self.open_day(local.date()) and any(a <= minute < b for a, b in self.week[local.weekday()])

    def zone_for(self, contact):
        return contact if self.zone == "contact" else zone(self.zone)

    def shift(self, date, count):
        """The count-th open day after the date; before it when count is negative."""
        step = dt.timedelta(days=1 if count > 0 else -1)
        listed = []
        while len(listed) < abs(count):
            date += step
            if self.open_day(date):
                listed.append(date)
        return listed[-1]

    def next_open(self, contact, instant):
        """Minute by minute."""
        where = self.zone_for(contact)
        if self.open_at(where.local(instant)):
            return instant
        at = instant - instant % 60 + 60
        while not self.open_at(where.local(at)):
            at += 60
        return at


CALENDARS = [
    Calendar("weekdays", "mon-fri 00:00-24:00"),
    Calendar("always", "mon-sun 00:00-24:00"),
    Calendar("office", "mon-thu 09:00-17:00;fri 09:00-12:00;fri 13:00-16:00",
             "2026-12-24..2026-12-26 2027-01-01 2026-05-01 2028-02-29 2026-03-30"),
    Calendar("berlin", "mon-fri 08:00-18:00", "2026-10-26 2026-12-25..2026-12-31", "Europe/Berlin"),
    Calendar("gulf", "sun-thu 08:00-15:00", "2026-03-29 2026-11-01"),
    Calendar("small-hours", "mon-sun 02:30-04:00"),
    Calendar("in-the-gap", "mon-sun 02:00-03:00"),
    Calendar("late", "mon-sun 22:00-24:00"),
    Calendar("early", "mon-sun 00:00-01:00"),
    Calendar("weekend", "sat,sun 10:00-10:30;sun 23:15-23:45"),
    Calendar("rare", "wed 23:59-24:00"),
]
BY_NAME = {calendar.name: calendar for calendar in CALENDARS}
_zones = {}


def zone(name):
    if name not in _zones:
        _zones[name] = Zone(name)
    return _zones[name]


# Zones whose law changed lately: what is asked of them from that year on depends on the age of the machine's tzdata.
UNSETTLED = {"Africa/Casablanca": 2026, "America/Havana": 2026}


def settled(row):
    """Is the row the same with every tzdata of the last years?"""
    text = "\t".join(str(field) for field in row)
    since = [year for zone, year in UNSETTLED.items() if zone in text]
    years = [int(year) for year in re.findall(r"(?:^|[\t ])(\d{4})-\d\d-\d\d", text)]
    return not since or all(year < min(since) for year in years)


def write(name, head, rows):
    with open(TZDATA, encoding="ascii") as data:
        version = data.readline().split()[-1]
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as out:
        out.write(f"# by generate.py, tzdata {version}\n# {head}\n")
        for row in filter(settled, rows) if name != "zones.tsv" else rows:
            out.write("\t".join(str(cell) for cell in row) + "\n")
    print(f"{name}: {len(rows)} rows")


def unique(rows):
    return list(dict.fromkeys(rows))


# ---- instants and local times

def clock_rows():
    rows = []
    for name in ZONES:
        where = zone(name)
        instants = [seconds(dt.datetime(year, month, day, 23, 59, 59)) for year, month, day in
                    [(1970, 1, 1), (1999, 12, 31), (2024, 2, 29), (2026, 12, 31), (2038, 1, 19), (2090, 7, 1),
                     (2100, 2, 28), (2400, 2, 29), (9999, 12, 30)]]
        for year in YEARS:
            for at, _, _ in where.year_changes(year):
                instants += [at - 1, at]
        for instant in instants:
            offset, abbr = where.at(instant)
            local = where.local(instant)
            text = local.strftime("%Y-%m-%d %H:%M:%S")
            rows.append((name, iso(instant), text, DAYS[local.weekday()], offset, abbr))
    return unique(rows)


def local_rows():
    rows = []
    for name in ZONES:
        where = zone(name)
        locals_ = [dt.datetime(2026, 6, 15, 12), dt.datetime(2026, 12, 31, 23, 59, 59), dt.datetime(2027, 1, 1),
                   dt.datetime(2028, 2, 29, 8, 30), dt.datetime(2096, 2, 29), dt.datetime(9998, 7, 4, 17, 30)]
        for year in YEARS:
            for at, before, after in where.year_changes(year):
                low, high = sorted((naive_of(at + before), naive_of(at + after)))
                middle = low + (high - low) / 2
                one = dt.timedelta(seconds=1)
                locals_ += [low - one, low, middle, high - one, high]
        for local in locals_:
            local = local.replace(microsecond=0)
            rows.append((name, local.strftime("%Y-%m-%d %H:%M:%S"), iso(where.instant(local))))
    return unique(rows)


def zone_names():
    with open("/usr/share/zoneinfo/zone.tab", encoding="utf-8") as table:
        names = {line.split("\t")[2].strip() for line in table if not line.startswith("#")}
    return sorted(names | {"UTC", "CET", "EST5EDT", "Etc/GMT+5", "Etc/GMT-14", "US/Pacific"})


FNV_START, FNV_PRIME, FNV_MASK = 0xcbf29ce484222325, 0x100000001b3, (1 << 64) - 1


def fnv(text, value=FNV_START):
    for byte in text.encode():
        value = ((value ^ byte) * FNV_PRIME) & FNV_MASK
    return value


def digest(name):
    """One number for all clock changes of 1970 to 2100, the local times around them, and later offsets."""
    where = Zone(name)
    value = FNV_START
    changes = where.changes(0, seconds(dt.datetime(2101, 1, 1)))
    for at, before, after in changes:
        value = fnv(f"{at} {after}\n", value)
        for local in (at + before - 1, at + before, at + (before + after) // 2, at + after - 1, at + after):
            value = fnv(f"{local} {where.instant(naive_of(local))}\n", value)
    for year in (2150, 2437, 3100, 5000, 9998):
        for day in range(0, 365, 9):
            value = fnv(f"{where.offset(seconds(dt.datetime(year, 1, 1)) + day * DAY)}\n", value)
    return len(changes), f"{value:016x}"


# ---- delays

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": DAY, "week": 7 * DAY}


def delayed(where, calendar, start, text):
    words = text.split()
    if text == "0":
        return start
    if "business" in words:
        where = calendar.zone_for(where)
        local = where.local(start)
        count = int(words[0])
        return where.instant(dt.datetime.combine(calendar.shift(local.date(), count), local.time())) if count else start
    days = elapsed = 0
    for count, unit in zip(words[::2], words[1::2]):
        unit = unit.rstrip("s")
        if unit in ("day", "week"):
            days += int(count) * (7 if unit == "week" else 1)
        else:
            elapsed += int(count) * UNITS[unit]
    if days:
        start = where.instant(where.local(start) + dt.timedelta(days=days))
    return start + elapsed


def delay_rows():
    rows = []

    def add(label, where, calendar, start, text):
        rows.append((label, where.name, calendar, iso(start), text, iso(delayed(where, BY_NAME[calendar], start, text))))

    pick = random.Random(1)
    for name in ZONES:
        where = zone(name)
        noon = where.instant(dt.datetime(2026, 7, 1, 12, 34, 56))
        for text in ("0", "0 minutes", "0 days", "0 business days"):
            add("S0.5", where, "office", noon, text)
        for text in ("20 seconds", "5 minutes", "90 minutes", "36 hours", "1 day", "2 days", "3 weeks"):
            add("S0.7", where, "weekdays", noon, text)
        for year in YEARS[2:]:
            for at, before, after in where.year_changes(year):
                low, high = sorted((naive_of(at + before), naive_of(at + after)))
                inside = (low + (high - low) / 2).replace(microsecond=0)
                days = pick.choice([2, 7, 30])
                for start, text in ((where.instant(inside - dt.timedelta(days=1)), "1 day"),
                                    (where.instant(inside - dt.timedelta(days=days)), f"{days} days"),
                                    (at - 1800, "1 hour"), (at - 1800, "1 day"), (at + 1800, "1 day 2 hours"),
                                    # from the second of two equal local times
                                    (at + abs(before - after) // 2, "2 weeks")):
                    add("S0.6", where, "weekdays", start, text)
        for date, text in (("2028-02-28", "1 day"), ("2028-02-29", "365 days"), ("2028-02-29", "1461 days"),
                           ("2100-02-28", "1 day"), ("2400-02-28", "1 day"), ("2026-12-31", "1 day"),
                           ("2026-12-31", "1 second"), ("2037-12-31", "3652 days"), ("2038-01-18", "2 days"),
                           ("9989-12-25", "3653 days")):
            start = where.instant(dt.datetime.fromisoformat(date + " 23:59:59"))
            add("S0.6", where, "weekdays", start, text)
        for calendar in ("weekdays", "office", "berlin", "gulf", "weekend"):
            for date in ("2026-03-27", "2026-10-23", "2026-12-23", "2027-12-31", "2026-05-02"):
                hour = pick.randrange(24)
                start = where.instant(dt.datetime.fromisoformat(date) + dt.timedelta(hours=hour, minutes=30))
                count = pick.choice([1, 1, 2, 3, 5, 10, 25])
                add("S0.6", where, calendar, start, "1 business day" if count == 1 else f"{count} business days")
    return unique(rows)


# ---- opening hours

def hours_rows():
    rows = []
    pick = random.Random(2)
    for name in ZONES:
        where = zone(name)
        instants = []
        for year in (2011, 2026, 2038, 2090):
            for at, _, _ in where.year_changes(year):
                instants += pick.sample([at - 5400, at - 1, at, at + 1799, at + 3600], 3)
        instants += [where.instant(dt.datetime(2026, 12, 23, 16, 59, 59)), where.instant(dt.datetime(2026, 12, 31, 17)),
                     where.instant(dt.datetime(2026, 5, 1, 12)), where.instant(dt.datetime(2028, 2, 28, 20))]
        for instant in instants:
            for calendar in pick.sample(CALENDARS, 3):
                opens = calendar.next_open(where, instant)
                rows.append((calendar.name, name, iso(instant), iso(opens)))
    return unique(rows)


# ---- waits

def until_weekday(where, now, day, clock):
    today = where.local(now).date()
    listed = []
    for ahead in range(-1, 16):
        date = today + dt.timedelta(days=ahead)
        if date.weekday() == DAYS.index(day):
            listed.append(where.instant(dt.datetime.combine(date, dt.time.fromisoformat(clock))))
    return min(at for at in listed if at >= now)


def before_date(where, calendar, date, clock, text):
    words = (text or "0 days").split()
    local = dt.datetime.combine(date, dt.time.fromisoformat(clock or "00:00"))
    if "business" in words:
        return where.instant(dt.datetime.combine(calendar.shift(date, -int(words[0])), local.time()))
    if words[1].startswith("day"):
        return where.instant(local - dt.timedelta(days=int(words[0])))
    return where.instant(local) - int(words[0]) * UNITS[words[1].rstrip("s")]


def in_year(date, year):
    try:
        return date.replace(year=year)
    except ValueError:
        return dt.date(year, 2, 28)


def until_rows():
    rows = []
    pick = random.Random(3)
    for name in ZONES:
        where = zone(name)
        starts = [where.instant(dt.datetime(2026, 6, 30, 9)), where.instant(dt.datetime(2026, 12, 29, 8, 59, 59))]
        for year in (2011, 2026, 2090):
            starts += [at + pick.choice([-7200, -1, 0, 1800]) for at, _, _ in where.year_changes(year)]
        for now in starts:
            for day, clock in ((DAYS[where.local(now).weekday()], "09:00"), ("sun", pick.choice(["00:00", "02:30"]))):
                rows.append((name, iso(now), iso(now), f"{day} {clock}", iso(until_weekday(where, now, day, clock))))
            for number in (1, pick.choice([2, 5, 30])):
                now2 = now + pick.choice([0, 3600, 6 * DAY])
                local = where.local(now).date() + dt.timedelta(days=number - 1)
                at = where.instant(dt.datetime.combine(local, dt.time(2, 30)))
                rows.append((name, iso(now2), iso(now), f"day {number} 02:30", iso(max(at, now2))))
    return unique(rows)


def date_rows():
    rows = []
    office = BY_NAME["office"]
    for name in ZONES:
        where = zone(name)
        now = where.instant(dt.datetime(2026, 3, 1, 10))
        for value, before, clock in (("2026-09-01", "3 days", ""), ("2026-04-01", "3 days", "02:30"),
                                     ("2026-03-30", "1 day", "02:30"), ("2026-01-04", "2 business days", "09:00"),
                                     ("2027-01-04", "3 business days", "09:00"), ("2026-03-01", "", "09:59"),
                                     ("2028-03-01", "1 day", "23:59"), ("2038-02-01", "90 minutes", "00:30"),
                                     ("1985-11-03", "", "")):
            at = before_date(where, office, dt.date.fromisoformat(value), clock, before)
            rows.append((name, iso(now), value, before or "-", clock or "-", "once", iso(at)))
        for value, before, clock in (("1985-05-17", "", "09:00"), ("1984-02-29", "", ""), ("2000-03-01", "", "10:00"),
                                     ("2000-03-01", "1 day", "10:01"), ("1990-12-31", "30 days", ""),
                                     ("2031-06-01", "", "12:00"), ("1999-03-20", "5 business days", "09:00")):
            date = dt.date.fromisoformat(value)
            listed = [before_date(where, office, in_year(date, year), clock, before) for year in range(2025, 2034)
                      if year >= date.year]
            rows.append((name, iso(now), value, before or "-", clock or "-", "yearly", iso(min(at for at in listed if at >= now))))
    return unique(rows)


def main():
    write("calendars.tsv", "name, zone, open, closed",
          [(c.name, c.zone, c.text, c.closed_text or "-") for c in CALENDARS])
    write("clock.tsv", "zone, instant, local time, weekday, offset, abbreviation", clock_rows())
    write("local.tsv", "zone, local time, instant", local_rows())
    write("delay.tsv", "feature, zone, calendar, from, delay, due", delay_rows())
    write("hours.tsv", "calendar, contact's zone, instant, open at", hours_rows())
    write("until.tsv", "zone, now, run started, until, due", until_rows())
    write("date.tsv", "zone, now, value, before, at, once or yearly, due (business days: office)", date_rows())
    write("zones.tsv", "zone, clock changes of 1970 to 2100, digest", [(name, *digest(name)) for name in zone_names()])


if __name__ == "__main__":
    main()
