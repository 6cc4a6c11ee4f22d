"""Names as a hostile register may hold them."""

HOSTILE = "<img src=x onerror=alert(1)>"
HOSTILE_SCRIPT = "</script><script>alert(2)</script>{{ 7*7 }}"
FORMULA = '=HYPERLINK("http://example.org","x")'
