from tonnage.report.html.markup import Markup, element, join, number


def test_text_is_escaped_and_markup_is_not():
    assert element("p", "a < b & c", element("b", '"x"')) == '<p>a &lt; b &amp; c<b>"x"</b></p>'


def test_attributes_are_escaped_spelled_and_left_out():
    made = element("td", class_="a", data_peak='"><script>', hidden=True, title=None, open=False, x=1.2345)
    assert made == '<td class="a" data-peak="&quot;&gt;&lt;script&gt;" hidden x="1.23"></td>'


def test_children_may_be_nested_or_missing():
    assert join(["a", None, ["b", (Markup("<br>"), "c")]]) == "ab<br>c"
    assert element("br") == "<br>"


def test_coordinates():
    assert [number(value) for value in (1.0, 0.504, -0.001, 100.0, 12.345)] == ["1", "0.5", "0", "100", "12.35"]
