"""People as an enemy would type them in: addresses and fields that try to become commands, headers, other mails, HTML."""

import json

ATEXT = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~"
DOMAINS = ["example.org", "Example.ORG", "a.b.c.example.net", "xn--bcher-kva.example", "bücher.example", "例え.example",
           "x-1.example.com", "münchen.EXAMPLE"]
BAD_DOMAINS = ["localhost", "[127.0.0.1]", "example..org", "-a.example", "example.org.", "exa mple.org", "e_x.example.org",
               "a" * 64 + ".example", ".".join(["a" * 60] * 5), "ex\u202eample.org", "example.org>", ""]
LOCALS = ["ö", "ﬁ", "ß", "İ", "e\u0301", "用户", "अ", "\U0001f600", "\u200d", "\u00ad", "\ufe0f"]

CONTROLS = ["\r\n", "\n", "\r", "\0", "\x1b[31m", "\x7f", "\t", "\x0b", "\x85", "\u2028", "\u2029", "\u202e", "\ufeff", "\u200b",
            "\ud800", "\udfff\ud800", "\ufffe", "\U0010ffff", "\x08\x08", "\x80", "\xa0", "\u3000"]
COMMANDS = ["\r\nRCPT TO:<victim@evil.example>", "\r\nBcc: victim@evil.example", "\r\n.\r\nMAIL FROM:<ceo@victim.example>\r\n",
            "\n.\n", "\r.\r", ">\r\nRCPT TO:<victim@evil.example", "\r\n\r\n<h1>", "\0\r\nDATA\r\n"]
PRINTABLE = ["<b>", "</p>", "<!--", "-->", "\"", "'", "\" onclick=\"alert(1)", "<script>alert(1)</script>", "javascript:alert(1)", "&amp;",
             "&#10;", "&", "=?utf-8?q?=0D=0ABcc=3A_x=40y=2Ez?=", "=?utf-8?b?DQpCY2M6IHhAeS56?=", "=?", "?=", "Bcc: x@evil.example",
             "<victim@evil.example>", "a@b.example, c@d.example", ";", ":", ",", "(comment)", "\\", "\\\"", "%0d%0aBcc:", "\\r\\n", ".",
             "..", ".\u3000.", "From ", "--=_", "=0D=0A", "=", "{{ contact.email }}", "{% if %}", "}}", "$(id)", "`id`", "é", "e\u0301", "名前",
             "\U0001f600", "שלום", "x" * 300, "ä" * 200, " ", "  ", "_", "?", "@"]
WORDS = ["Anna", "Bob", "Northwind", "Ltd", "of", "the", "north", "Müller"]


class Person:
    """What is given for one contact. `tame`: nothing in it may be a reason to refuse it."""

    def __init__(self, number, random):
        self.number, self.random = number, random
        self.tame = random.random() < 0.1
        self.mark = f"zq{number}zq"
        self.email = self._plain(DOMAINS[0]) if self.tame else self._address()
        self.fields = {name: " ".join(self._some(WORDS, 3)) if self.tame else self._text()
                       for name in ("first_name", "last_name", "company", "note")}
        self.fields["serial"] = str(number)

    def json(self):
        return json.dumps({"email": self.email, **self.fields})

    def cells(self):
        return [self.email, *self.fields.values()]

    def _some(self, things, most):
        return [self.random.choice(things) for _ in range(self.random.randint(1, most))]

    def _plain(self, domain):
        return "".join(self._some(ATEXT, 12)) + "." + self.mark + "@" + domain

    def _quoted(self):
        letters = [chr(self.random.randint(32, 126)) for _ in range(self.random.randint(0, 12))]
        inside = "".join("\\" + c if c in "\"\\" and self.random.random() < 0.9 else c for c in letters)
        return f'"{inside}{self.mark}"@{self.random.choice(DOMAINS)}'

    def _with(self, text, tricks):
        mark = text.index(self.mark)  # which stays whole
        at = self.random.choice([*range(mark + 1), *range(mark + len(self.mark), len(text) + 1)])
        return text[:at] + self.random.choice(tricks) + text[at:]

    def _any_character(self):
        limit = self.random.choice([0x20, 0x80, 0x100, 0x3000, 0x110000])
        return chr(self.random.randrange(limit))

    def _address(self):
        plain, kind = self._plain(self.random.choice(DOMAINS)), self.random.randrange(9)
        if kind == 0:
            return self._quoted()
        if kind == 1:
            return self._with(plain, CONTROLS)
        if kind == 2:
            return self._with(plain, COMMANDS)
        if kind == 3:
            return self._with(plain, PRINTABLE)
        if kind == 4:
            return self._plain(self.random.choice(BAD_DOMAINS))
        if kind == 5:
            return self._with(plain, LOCALS)
        if kind == 6:
            return self._with(plain, [".", "..", "a" * 50, "a" * 70])
        if kind == 7:
            return self._with(plain, [self._any_character()])
        return plain

    def _text(self):
        pieces = self._some(WORDS, 3)
        for _ in range(self.random.randint(0, 4)):
            kind = self.random.random()
            pieces.insert(self.random.randint(0, len(pieces)), self.random.choice(PRINTABLE) if kind < 0.95 else
                          self.random.choice(CONTROLS) if kind < 0.965 else self.random.choice(COMMANDS) if kind < 0.975 else
                          self._any_character())
        return self.random.choice(["", " "]).join(pieces)
