"""The suites mofa, lfw and folder: identification on photographs of other people."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tf_morph.errors import InputError
from tf_morph.evaluation.context import Context, NotRun
from tf_morph.evaluation.identification import (
    ANY,
    EVERYBODY,
    IMAGE,
    PERSON,
    Groups,
    Identification,
    Probes,
    cmc_figure,
    cmc_table,
    identification_frame,
    identification_table,
    identify,
    test_people,
)
from tf_morph.evaluation.image_sets import ImageSet, listed_photographs
from tf_morph.evaluation.methods import (
    ANOTHER_PHOTOGRAPH,
    CHANCE,
    MEAN_FACE,
    METHODS,
    OURS,
    RANDOM_FACE,
)
from tf_morph.evaluation.paper import beside_paper
from tf_morph.evaluation.predictions import (
    MOST_TRAINED_ON,
    NetworkFeatures,
    Predictions,
    predictions,
)
from tf_morph.evaluation.renderings import contact_sheet, make_heads, render_large
from tf_morph.evaluation.section import Head, ImageFile, Plot, Section
from tf_morph.recognition.recall import top_matches

_MISTAKEN, _FOUND, _HEADS = 8, 8, 3
_SIZE = 128  # pixels
_CROP = """\
- **Crop**: the run's, where the folder is the run's; else the face is found and its five points
  brought to where the renderings have them.
- **View**: faces frontal, evenly lit, before a plain background, framed as the run's photographs
  are.
- **Features**: by each network, the held-out ones first, of the outputs the config compares;
  several outputs weigh alike (the mean of their cosines).
- **Score**: cosine. Entries within 1e-6 of each other are in random order, and a hit counts by its
  chance.
- **Averages**: over probes; 95 % intervals by 1,000 bootstrap samples of people, each with all
  their probes.
- **Other methods** (`--method=NAME:FOLDER`): their images, or their coloured meshes rendered by our
  renderer, in the place of our renderings, of those photographs they have.
"""
_MOFA = f"""\
- **Gallery**: every photograph of the folder.
- **Probes**: the rendering of the face predicted for each photograph.
- **Hit**: any photograph of the same person among the first k; in rows of their own, the very
  photograph.
{_CROP}"""
_ONE_EACH = f"""\
- **Gallery**: one photograph a person, the first by name.
- **Probes**: the renderings of the faces predicted for photographs: all of people never trained on,
  of those trained on all of some people that a seed samples. In rows of their own: people never
  trained on and trained on (by the names of their folders), the gallery's photograph and another.
- **Hit**: the person's photograph among the first k.
{_CROP}"""


def mofa_suite(context: Context) -> Section:
    """MoFA-Test: the gallery holds every photograph, a hit is any of the same person.

    Raises:
      NotRun: no data are given.
      InputError: what `listed_photographs` and `predictions` raise.
    """
    source = context.only_folder("mofa")
    if source is None:
        raise NotRun(
            "the photographs of MoFA-Test are not given; give them by --data=mofa:FOLDER, and who "
            "is on them by --identities or a file identities.csv in the folder"
        )
    listed, identities = listed_photographs(source, context.identities)
    predicted = predictions(context, source, listed if identities else None)
    parts = _parts(context, predicted, every_photograph(predicted.images), paper="MoFA-Test")
    facts = [("identities", str(identities or "as the folder's layout has them"))]
    return _section("mofa", "Recall on MoFA-Test", _MOFA, [parts], facts)


def lfw_suite(context: Context) -> Section:
    """Labeled Faces in the Wild, or without it the run's own photographs: one a person."""
    source = context.only_folder("lfw")
    predicted = predictions(context, source)
    parts = _parts(context, predicted, one_a_person(predicted.images), paper="LFW")
    stand_in = (
        "the run's own photographs, training and test people's: no --data=lfw:FOLDER is given"
    )
    facts = [] if source else [("in place of LFW", stand_in)]
    return _section("lfw", "Recall among one photograph of everybody", _ONE_EACH, [parts], facts)


def folder_suite(context: Context) -> Section:
    """Any folders, each by itself, as LFW is.

    Raises:
      NotRun: none is given.
    """
    sources = context.data.get("folder", ())
    if not sources:
        raise NotRun("no folder of photographs is given; give one by --data=folder:FOLDER")
    parts = []
    for number, source in enumerate(sources, 1):
        predicted = predictions(context, source)
        stem = f"_{number}" if len(sources) > 1 else ""
        parts.append(_parts(context, predicted, one_a_person(predicted.images), stem=stem))
    return _section("folder", "Recall on other photographs", _ONE_EACH, parts)


# Galleries, probes and groups of them.


@dataclass(frozen=True)
class Gallery:
    """Attributes:
    entries: [G] rows of the image set.
    labels: by what counts as a hit, int [N] of every image: entries of a probe's label are hits.
    """

    entries: np.ndarray
    labels: dict[str, np.ndarray]


def one_a_person(images: ImageSet) -> Gallery:
    """Each person's first photograph by name, so that no seed moves the choice."""
    first = test_people(images.paths, images.identities).first
    return Gallery(first, {PERSON: images.people})


def every_photograph(images: ImageSet) -> Gallery:
    """All photographs: a hit is any of the same person, and in a second count the very one."""
    everything = np.arange(len(images.identities))
    return Gallery(everything, {PERSON: images.people, IMAGE: everything})


def _probes(features: NetworkFeatures, gallery: Gallery, seed: int) -> dict[str, Probes]:
    """By method (methods.py, and the names of other methods) what is looked for in the gallery.

    The mean face is to find every entry, a random face one entry sampled by the seed.
    """
    entries = gallery.entries
    others = np.setdiff1d(np.arange(len(features.images)), entries)
    random = np.random.default_rng([seed, len(entries)])
    found = {
        **features.renderings,
        MEAN_FACE: Probes(np.repeat(features.mean_face, len(entries), axis=0), entries),
        RANDOM_FACE: Probes(
            features.random_faces, random.choice(entries, len(features.random_faces))
        ),
    }
    if len(others):
        found[ANOTHER_PHOTOGRAPH] = Probes(features.images[others], others)
    return found


def _groups(predicted: Predictions, gallery: Gallery) -> Groups:
    """(people, photographs) in words to which photographs [N] bool are meant.

    People trained on and never trained on apart, and the gallery's own photographs and others;
    everybody together only where all photographs are rendered.
    """
    trained_on = predicted.images.trained_on
    in_gallery = np.zeros(len(trained_on), bool)
    in_gallery[gallery.entries] = True
    people = {"never trained on": ~trained_on, "trained on": trained_on}
    if predicted.complete and trained_on.any() and not trained_on.all():
        people[EVERYBODY] = np.ones_like(in_gallery)
    kinds = {"in the gallery": in_gallery, "another": ~in_gallery}
    if not in_gallery.all():
        kinds[ANY] = np.ones_like(in_gallery)
    groups = {
        (who, which): whose & kind for who, whose in people.items() for which, kind in kinds.items()
    }
    return {name: members for name, members in groups.items() if members.any()}


# The section.


def _parts(
    context: Context,
    predicted: Predictions,
    gallery: Gallery,
    *,
    paper: str | None = None,
    stem: str = "",
) -> Section:
    """The section of one data set, but for its heading and protocol.

    Args:
      paper: how the paper's figures name the data set, if it has any on it.
      stem: what the files' names end in, to tell several data sets apart.

    Raises:
      InputError: the photographs show fewer than two people.
    """
    if len(set(predicted.images.people)) < 2:
        raise InputError(
            f"{predicted.images.source}: photographs of one person; recall needs at least 2 people"
        )
    found = []
    for each in predicted.features:
        found += identify(
            each.images,
            _probes(each, gallery, context.seed),
            [gallery.entries],
            gallery.labels,
            network=each.network.name,
            role=each.network.role,
            seed=context.seed,
            groups=_groups(predicted, gallery),
        )
    frame = identification_frame(found)
    tables = [identification_table(f"recall{stem}", frame), cmc_table(f"cmc{stem}", found)]
    if paper:
        tables.insert(0, beside_paper(f"beside_paper{stem}", paper, frame))
    caption = (
        "How often the right person is among the first k: the cumulative match characteristic."
    )
    methods = dict.fromkeys(frame["method"])
    sheet = _found_and_mistaken(context, predicted, gallery)
    return Section(
        name="",
        title="",
        protocol="",
        facts=_facts(predicted, gallery),
        tables=tuple(tables),
        plots=(Plot(f"cmc{stem}", caption, cmc_figure(_most_telling(found))),),
        images=(ImageFile(f"found_and_mistaken{stem}", _SHEET_CAPTION, sheet),),
        heads=_some_heads(context, predicted, stem),
        notes=(
            *(f"{name}: {METHODS[name]}." for name in METHODS if name in methods),
            "Where all or no probes find their person, an interval over people has no width.",
            *filter(None, (other.left_out for other in predicted.others)),
        ),
        not_run=tuple(
            f"{other.name}: nothing in its folder fits the photographs in "
            f"{predicted.images.source} and can be used"
            for other in predicted.others
            if not len(other.rows)
        ),
    )


def _section(
    name: str, title: str, protocol: str, parts: Sequence[Section], facts: Sequence = ()
) -> Section:
    """One section of the parts of one data set or several."""

    def together(field: str) -> tuple:
        return tuple(value for part in parts for value in getattr(part, field))

    fields = {field: together(field) for field in ("tables", "plots", "images", "heads")}
    once = {field: tuple(dict.fromkeys(together(field))) for field in ("notes", "not_run")}
    facts = (*facts, *together("facts"))
    return Section(name=name, title=title, protocol=protocol, facts=facts, **fields, **once)


def _most_telling(found: Sequence[Identification]) -> list[Identification]:
    """The curves worth showing: of references and floors those of one group of people.

    Groups that mix others are left out where there are the others.
    """
    first: dict[str, str] = {}
    for each in found:
        first.setdefault(each.method, each.people)
    references = (MEAN_FACE, RANDOM_FACE, ANOTHER_PHOTOGRAPH)
    return [
        e
        for e in found
        if e.hit == PERSON
        and (
            e.method == CHANCE
            or e.photographs != ANY
            and e.people != EVERYBODY
            and (e.method not in references or e.people == first[e.method])
        )
    ]


def _facts(predicted: Predictions, gallery: Gallery) -> tuple[tuple[str, str], ...]:
    images, trained_on = predicted.images, predicted.images.trained_on
    rendered = trained_on[predicted.rendered]
    return (
        ("photographs", str(images.source)),
        ("cropped by", images.crop),
        ("photographs, people", f"{len(trained_on):,} of {len(set(images.people)):,}"),
        ("photographs skipped", f"{len(images.skipped):,}"),
        ("gallery", f"{len(gallery.entries):,} photographs"),
        ("faces predicted and rendered, of people never trained on", f"{(~rendered).sum():,}"),
        (
            "of people trained on",
            f"{rendered.sum():,} of {trained_on.sum():,}; all of people sampled by a seed, at most "
            f"{MOST_TRAINED_ON:,}",
        ),
    )


_SHEET_CAPTION = (
    "The gallery's photograph, the one predicted from, what the first network finds most like the "
    "rendering in the gallery, and the rendering: first people who were mistaken for others, then "
    "people who were found; sampled at random."
)


def _found_and_mistaken(context: Context, predicted: Predictions, gallery: Gallery) -> bytes:
    """A PNG: gallery photograph, photograph, the gallery's first, and the rendering.

    Of people never trained on, where there are any; ranked by the first network.
    """
    images, features, entries = predicted.images, predicted.features[0], gallery.entries
    rows = _new_people(predicted)
    renderings = features.renderings[OURS].features[rows]
    first = entries[top_matches(renderings, features.images[entries], 1).entries[:, 0]]
    people = images.people
    right = people[predicted.rendered[rows]] == people[first]
    random = np.random.default_rng([context.seed, len(rows)])
    chosen = np.concatenate([_some(random, ~right, _MISTAKEN), _some(random, right, _FOUND)])
    rows, first = rows[chosen], first[chosen]
    own = predicted.rendered[rows]
    order = entries[np.argsort(people[entries], kind="stable")]
    theirs = order[np.searchsorted(people[order], people[own])]
    in_gallery = np.where(np.isin(own, entries), own, theirs)
    run = context.run
    columns = [
        *(images.pixels(column) for column in (in_gallery, own, first)),
        render_large(run, run.model, predicted.faces.rows(rows), 0.0, _SIZE),
    ]
    names = images.identities
    captions = [
        (f"{name}: found" if name == taken else f"{name}: taken for {taken}").replace("_", " ")
        for name, taken in zip(names[own], names[first], strict=True)
    ]
    headings = ("in the gallery", "predicted from", "most like it", "rendering")
    return contact_sheet(columns, captions, headings)


def _some_heads(context: Context, predicted: Predictions, stem: str) -> tuple[Head, ...]:
    """Heads of some people, with their photographs."""
    rows = _new_people(predicted)
    random = np.random.default_rng([context.seed, _HEADS])
    rows = rows[_some(random, np.ones(len(rows), bool), _HEADS)]
    own = predicted.rendered[rows]
    names = [name.replace("_", " ") for name in predicted.images.identities[own]]
    return make_heads(
        context.run.model,
        predicted.faces.rows(rows),
        [f"head{stem}_{number}" for number in range(1, len(names) + 1)],
        [f"{name}: the face predicted from this photograph." for name in names],
        predicted.images.pixels(own),
    )


def _new_people(predicted: Predictions) -> np.ndarray:
    """Rows of `rendered`: of people never trained on, or where there are none, all."""
    new = np.flatnonzero(~predicted.images.trained_on[predicted.rendered])
    return new if len(new) else np.arange(len(predicted.rendered))


def _some(random: np.random.Generator, of: np.ndarray, most: int) -> np.ndarray:
    return np.sort(random.permutation(np.flatnonzero(of))[:most])
