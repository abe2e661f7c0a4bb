from qvl_agent.agent.page.markup import Html, join, raw, tag


def test_text_is_escaped_and_markup_is_not() -> None:
    inner = tag("b", "a < b & 'c'")
    assert tag("p", inner, "<i>") == "<p><b>a &lt; b &amp; &#x27;c&#x27;</b>&lt;i&gt;</p>"


def test_an_attribute_cannot_be_broken_out_of() -> None:
    made = tag("a", "x", href='"><script>', class_="y")
    assert made == '<a href="&quot;&gt;&lt;script&gt;" class="y">x</a>'


def test_markup_in_an_attribute_is_text() -> None:
    assert tag("i", title=raw("<b>")) == '<i title="&lt;b&gt;"></i>'


def test_true_has_no_value_and_none_and_false_no_attribute() -> None:
    assert tag("img", hidden=True, alt=None, open=False) == "<img hidden>"


def test_joining_leaves_none_out_and_stays_markup() -> None:
    made = join("<", None, raw("<br>"))
    assert made == "&lt;<br>"
    assert isinstance(made, Html)
