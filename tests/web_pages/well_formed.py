"""Reads HTML as strictly as a test needs."""

from html.parser import HTMLParser

VOID = {"br", "hr", "img", "input", "link", "meta"}


class _Checker(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text, self.ids = [], [], [], []

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        self.tags.append((tag, dict(attributes)))
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)


class Page:
    """A page's elements and text.

    Attributes:
      tags: (name, attributes) of every element.
      text: what is read of it, scripts and styles apart.
    """

    def __init__(self, source: str):
        assert source.startswith("<!DOCTYPE html>")
        checker = _Checker()
        checker.feed(source)
        checker.close()
        assert checker.open == [], f"not closed: {checker.open}"
        assert len(checker.ids) == len(set(checker.ids)), "an id twice"
        self.tags, self.text = checker.tags, " ".join(checker.text)

    def named(self, name: str) -> list[dict]:
        """The attributes of all elements of a name."""
        return [attributes for tag, attributes in self.tags if tag == name]

    def with_class(self, name: str) -> list[dict]:
        """The attributes of all elements of a class."""
        return [a for _, a in self.tags if name in (a.get("class") or "").split()]
