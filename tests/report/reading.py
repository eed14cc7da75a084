"""A page as a person reads it."""

import html
import re


def words(text):
    """The text of some HTML without its tags, in single blanks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", text)).replace("\u00a0", " "))
