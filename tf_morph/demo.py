"""A page on this machine: a photograph in, a head out, sliders for its coefficients.

    python -m tf_morph.demo [--run=RUN] [--port=PORT]

RUN is the folder of a trained run, or a file that `python -m tf_morph.export` made of one; without
it the regressor that comes with the package is asked. Open the
address that is printed; nobody else's machine can. Ctrl-C ends it.
"""

from collections.abc import Sequence

from absl import flags

from tf_morph.errors import run_main


def _define_flags() -> None:
    flags.DEFINE_string(
        "run", None, "A trained run's folder, or an exported file; default: what comes with this."
    )
    flags.DEFINE_integer(
        "port", 8000, "Where the page is served; 0: any free.", lower_bound=0, upper_bound=65535
    )


def main(argv: Sequence[str]) -> None:
    # Not above: TensorFlow takes seconds, and what is wrong with the flags is told at once.
    from tf_morph.config import expand_path
    from tf_morph.reconstruction.local_page.application import Application
    from tf_morph.reconstruction.local_page.server import make_local_server
    from tf_morph.reconstruction.regressor import Regressor

    application = Application(Regressor.load(flags.FLAGS.run and expand_path(flags.FLAGS.run)))
    server = make_local_server(application, flags.FLAGS.port)
    print(f"http://127.0.0.1:{server.port}/  (Ctrl-C ends it)", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    run_main(main, (), _define_flags)
