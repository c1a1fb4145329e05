"""usage: html_places.py PIPECTL

Renders one HTML template, which has an output in every kind of place, with hostile values, and compares what
an HTML parser sees in each result with what it sees for a harmless value: the same tags, attributes and
comments, no URL with another scheme, no code. Prints each difference.
"""
import json
import re
import subprocess
import sys
import tempfile
from html.parser import HTMLParser

PLACES = """<head><style>p { color: {{ v }}; background: url({{ v }}) } a::after { content: "{{ v }}" }</style></head>
<div class="{{ v }}" id='{{ v }}' data-x={{ v }} lang=en><p style="color: {{ v }}; width: {{ v }}">{{ v }}</p><!-- {{ v }} -->
<a href="{{ v }}" title=x{{ v }}>{{ v | upcase }}</a><a href={{ v }} class=y>x</a><a href='{{ v }}'>x</a><a href=" {{ v }}">x</a>
<a href="https://example.org/{{ v }}?a={{ v | url_encode }}&b={{ v }}">x</a><a href="java{{ v }}">x</a><a href="{{ v }}{{ v }}">x</a>
<img src="{{ v }}" alt='{{ v }}'><button onclick="f('{{ v }}', {{ v }})">x</button><script>var a = "{{ v }}", b = {{ v }};</script>
{{ v | escape }}{{ v | escape_once }}{{ v | newline_to_br }}<!--[if mso]><a href="{{ v }}">{{ v }}</a><![endif]-->
{% capture c %}<b>{{ v }}</b>{% endcapture %}{{ c }}<p title="{{ c }}">{{ c }}</p><a href="{{ c | strip_html }}">x</a>
{% for i in (1..2) %}<i {% if forloop.first %}href{% else %}title{% endif %}="{{ v }}">x</i>{% endfor %}</div>"""

MARK = "<hr>next<hr>"
HARMLESS = "harmless"
SCHEMES = ("http:", "https:", "mailto:", "tel:", "cid:")

VALUES = """<script>alert(1)</script>|"><img src=x onerror=alert(1)>|' onmouseover='alert(1)|" onfocus="x" autofocus="|x onclick=alert(1)
javascript:alert(1)|JaVaScRiPt:alert(1)| javascript:alert(1)|java\tscript:alert(1)|\tscript:alert(1)|script:alert(1)|:|vbscript:x
data:text/html;base64,AAAA|data:text/html,<script>|feed:javascript:x|https://x" onclick="y|https://x onclick=y|https://x'><b>|//evil.example
--><script>|--!><b>|-->|<!--|-|<![endif]-->|]]><b>|<!DOCTYPE x>|<?php|</style><script>|</script><b>|</SCRIPT ><b>|</title><b>|</div>
&#x6a;avascript:x|&#106;avascript:x|&colon;|&lt;b&gt;|&quot;><b>|&amp;#106;|&|&#0;|"|'|`|<|>|=|/|/ onx=1|`onx=1|\\"|\\'|\\u003cscript
expression(alert(1))|url(javascript:x)|red;} body{x:y|*/|/*|\\65xpression(x)|@import 'x'|behavior:url(x)|-moz-binding:url(x)
{{ 7 }}|{% if %}|%3Cscript%3E|<svg/onload=x>|<a href=x|<a|</|<math><style>|<iframe srcdoc='x'>|<base href='//x/'>|<meta http-equiv=refresh>
a|0|#|?a|/p|mailto:a@example.org|tel:1|cid:1|https://example.org/a.png?x=1&y=2#z|www.example.org|ä €|\u2028|\u00a0|\x01|\x0b|\x0c"""


class Seen(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.parts, self.urls = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag != "br":
            self.parts.append((tag, *[name for name, _ in attrs]))
        self.urls += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag):
        if tag != "br":
            self.parts.append("/" + tag)

    def handle_comment(self, data):
        self.parts.append("comment")

    def handle_decl(self, decl):
        self.parts.append("declaration")

    def unknown_decl(self, data):
        self.parts.append("declaration")

    def handle_pi(self, data):
        self.parts.append("instruction")


def render(pipectl, values):
    template = "{% for v in values %}" + PLACES + MARK + "{% endfor %}"
    with tempfile.NamedTemporaryFile("w", suffix=".json") as data:
        json.dump({"values": values}, data)
        data.flush()
        done = subprocess.run([pipectl, "render", "-", "--html", "--data", data.name], input=template.encode(),
                              stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().split(MARK)[:-1]


def check(value, result, harmless):
    seen = Seen(result)
    if seen.parts != harmless.parts:
        print(f"{value!r} changes what is there: {[p for p in seen.parts if p not in harmless.parts]}")
    for url in seen.urls:
        scheme = re.match(r"[a-z][a-z0-9+.-]*:", re.sub(r"[\x00-\x20]", "", url).lower())
        if scheme and scheme.group() not in SCHEMES:
            print(f"{value!r} makes the URL {url!r}")


def main():
    values = [HARMLESS] + [v for line in VALUES.split("\n") for v in line.split("|")]
    values += [a + b for a in values[1:20] for b in values[20:60:7]]
    for start in range(1, len(values), 60):
        part = [HARMLESS] + values[start:start + 60]
        results = render(sys.argv[1], part)
        assert len(results) == len(part), "a value swallows the mark behind it"
        harmless = Seen(results[0])
        for value, result in zip(part[1:], results[1:]):
            check(value, result, harmless)
    print(len(values), "values")


main()
