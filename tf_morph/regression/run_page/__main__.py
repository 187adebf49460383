"""Makes a run's page anew: python -m tf_morph.regression.run_page FOLDER."""

from tf_morph.errors import run_main


def main(argv):
    from tf_morph.regression.run_page import write_page

    print(write_page(argv[1]))


if __name__ == "__main__":
    run_main(main, positional=("FOLDER",))
