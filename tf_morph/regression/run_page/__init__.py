"""A run's folder as one page: `index.html`, made from the files in the folder and nothing else.

python -m tf_morph.regression.run_page FOLDER
"""

from tf_morph.regression.run_page.page import write_page as write_page
