"""The report of a run's evaluation as one page, made from the sections in its folder."""

from tf_morph.evaluation.report_page.page import write_report as write_report
