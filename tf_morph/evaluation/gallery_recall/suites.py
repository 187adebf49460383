"""The suites of recall: MoFA-Test, Labeled Faces in the Wild, any folder."""

from pathlib import Path

from tf_morph.errors import InputError
from tf_morph.evaluation.context import Context, NotRun
from tf_morph.evaluation.drawn_photographs import drawn_photographs
from tf_morph.evaluation.gallery_recall import protocols
from tf_morph.evaluation.gallery_recall.identity_list import listed_photographs
from tf_morph.evaluation.gallery_recall.questions import every_photograph, one_a_person
from tf_morph.evaluation.gallery_recall.section import recall_parts, recall_section
from tf_morph.evaluation.sections import Section


def mofa_suite(context: Context) -> Section:
    """MoFA-Test: the gallery holds every photograph, a hit is any of the same person.

    Raises:
      NotRun: no data are given.
      InputError: what `listed_photographs` and `drawn_photographs` raise.
    """
    source = only_folder(context, "mofa")
    if source is None:
        raise NotRun(
            "the photographs of MoFA-Test are not given; give them by --data=mofa:FOLDER, and who "
            "is on them by --identities or a file identities.csv in the folder"
        )
    listed, identities = listed_photographs(source, context.identities)
    drawn = drawn_photographs(context, source, listed if identities else None)
    parts = recall_parts(context, drawn, every_photograph(drawn.photographs), paper="MoFA-Test")
    return recall_section(
        "mofa", "Recall on MoFA-Test", protocols.MOFA, [parts],
        facts=[("identities", str(identities or "as the folder's layout has them"))],
    )  # fmt: skip


def lfw_suite(context: Context) -> Section:
    """Labeled Faces in the Wild, or without it the run's own photographs: one a person."""
    source = only_folder(context, "lfw")
    drawn = drawn_photographs(context, source)
    parts = recall_parts(context, drawn, one_a_person(drawn.photographs), paper="LFW")
    stand_in = (
        "the run's own photographs, training and test people's: no --data=lfw:FOLDER is given"
    )
    return recall_section(
        "lfw", "Recall among one photograph of everybody", protocols.LFW, [parts],
        facts=[] if source else [("in place of LFW", stand_in)],
    )  # fmt: skip


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
        drawn = drawn_photographs(context, source)
        stem = f"_{number}" if len(sources) > 1 else ""
        parts.append(recall_parts(context, drawn, one_a_person(drawn.photographs), stem=stem))
    return recall_section("folder", "Recall on other photographs", protocols.LFW, parts)


def only_folder(context: Context, name: str) -> Path | None:
    """The one folder given for a data set, if any.

    Raises:
      InputError: there are more.
    """
    folders = context.data.get(name, ())
    if len(folders) > 1:
        raise InputError(
            f"--data={name}: {len(folders)} folders are given; give one (more go by --data=folder)"
        )
    return folders[0] if folders else None
