"""A head's page: one file, nothing fetched, the head to be turned."""

from collections.abc import Sequence

from tf_morph.reconstruction.mesh import Mesh
from tf_morph.web_pages.document import document
from tf_morph.web_pages.heads import HeadViewers, viewer_script
from tf_morph.web_pages.heads import Mesh as ViewedMesh
from tf_morph.web_pages.markup import Html, element, joined
from tf_morph.web_pages.pictures import data_address
from tf_morph.web_pages.tables import facts_table


def face_page(
    title: str,
    mesh: Mesh,
    picture: bytes,
    facts: Sequence[tuple[str, object]],
    files: Sequence[str],
) -> str:
    """A page.

    Args:
      title: what the head is called, plain text.
      mesh: the head; left out where it is too large for a page.
      picture: photograph and drawings, a JPEG file.
      facts: pairs of what and value.
      files: that lie beside the page, to be named as links.
    """
    viewed = ViewedMesh(mesh.vertices, mesh.colors, mesh.triangles)
    main = element(
        "main",
        element("h1", title),
        _head(HeadViewers().viewer(viewed, title)),
        _picture(picture),
        element("section", element("h2", "Files"), _links(files)) if files else None,
        element("section", element("h2", "About"), facts_table(facts)),
    )
    return document(title, [main], __package__, [viewer_script()])


def _head(viewer: Html | None) -> Html | None:
    if viewer is None:
        return None
    note = "Drag it, or use the arrow keys; a double click turns it back."
    return joined((viewer, element("p", note, class_="head-note")))


def _picture(picture: bytes) -> Html:
    address = data_address("image/jpeg", picture)
    image = element("img", src=address, alt="photograph and drawings of the head", class_="strip")
    return element("section", element("h2", "Photograph and drawings"), image)


def _links(files: Sequence[str]) -> Html:
    return element(
        "ul", *(element("li", element("a", name, href=name, download=True)) for name in files)
    )
