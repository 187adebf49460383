"""The page itself: upload, webcam, head, sliders, downloads."""

from tf_morph.hairstyles import HAIR_CHOICES
from tf_morph.reconstruction.face_files import COEFFICIENTS
from tf_morph.reconstruction.local_page.answers import FILES
from tf_morph.reconstruction.local_page.slider_model import SliderGroup, SliderModel
from tf_morph.reconstruction.local_page.uploads import MOST_BYTES
from tf_morph.web_pages.document import document
from tf_morph.web_pages.heads import HeadViewers, Mesh, viewer_script
from tf_morph.web_pages.markup import Html, element, json_script

_FIRST = 8  # sliders of a group that are not folded away
_RANGE = 4  # standard deviations to either side


def local_page(run: str, sliders: SliderModel) -> str:
    """The page, whole; it asks its server for the model and for what photographs give.

    Args:
      run: what reads photographs, in words.
      sliders: what moves the head.
    """
    mesh = sliders.mean
    main = element(
        "main",
        element("h1", "A photograph in, a head out"),
        element("p", f"Read by {run}, on this machine; nothing leaves it.", class_="note"),
        element("div", _photograph(), _head(mesh), _sliders(sliders.groups), class_="columns"),
    )
    facts = {
        "groups": [[group.name, group.count, group.moves] for group in sliders.groups],
        "vertices": len(mesh.vertices),
        "mostBytes": MOST_BYTES,
    }
    parts = [main, json_script("facts", facts)]
    scripts = (viewer_script(), "photograph.js", "sliders.js")
    return document("tf_morph", parts, __package__, scripts, asks_server=True)


def _photograph() -> Html:
    file = element("input", type="file", id="file", accept="image/*")
    return element(
        "section",
        element(
            "label", "Drop a photograph here, or ", element("u", "choose one"), file, id="drop"
        ),
        element("p", _button("webcam", "Webcam"), _button("shot", "Take it", hidden=True)),
        element("video", id="video", autoplay=True, playsinline=True, muted=True, hidden=True),
        element("p", id="status", role="status", class_="note"),
        element("p", id="fault", role="alert"),
        element("div", id="pictures"),
        id="photograph",
    )


def _head(mesh: Mesh) -> Html:
    files = [_button(f"save-{kind}", _label(kind), data_file=kind) for kind in FILES]
    return element(
        "section",
        HeadViewers().viewer(mesh, "the head"),
        element("p", "Drag it, or use the arrow keys; a double click turns it back.",
                class_="head-note"),
        element("p", element("label", "Hair ", _hair()), class_="buttons"),
        element("p", "Save as ", *files, class_="buttons"),
        id="head",
    )  # fmt: skip


def _hair() -> Html:
    options = [element("option", name.replace("_", " "), value=name) for name in HAIR_CHOICES]
    return element("select", *options, id="hair")


def _label(kind: str) -> str:
    return "coefficients" if kind == COEFFICIENTS else kind.upper()


def _sliders(groups: tuple[SliderGroup, ...]) -> Html:
    return element(
        "section",
        element(
            "p",
            _button("reset", "Mean face"),
            _button("random", "Random face"),
            _button("read", "As read", disabled=True),
            class_="buttons",
        ),
        *(_group(group) for group in groups),
        element("p", "In standard deviations; a double click sets one to 0.", class_="note"),
        id="sliders",
    )


def _group(group: SliderGroup) -> Html:
    sliders = [_slider(group.name, index) for index in range(group.count)]
    folded = sliders[_FIRST:]
    summary = element("summary", f"{len(folded)} more")
    heading = element("h2", group.name)
    more = element("details", summary, *folded) if folded else None
    return element("fieldset", heading, *sliders[:_FIRST], more)


def _slider(group: str, index: int) -> Html:
    slider = element(
        "input",
        type="range",
        min=-_RANGE,
        max=_RANGE,
        step=0.05,
        value=0,
        aria_label=f"{group} {index + 1}",
        data_group=group,
        data_index=index,
    )
    return element("label", element("span", index + 1), slider, element("output", "0.0"))


def _button(name: str, words: str, **attributes: object) -> Html:
    return element("button", words, id=name, type="button", **attributes)
