"""LFW's protocol: how well a threshold chosen on nine tenths of the pairs judges the last tenth.

Labeled Faces in the Wild (Huang, Ramesh, Berg, Learned-Miller, technical report 07-49, University
of Massachusetts, 2007; vis-www.cs.umass.edu/lfw/README.txt and results.html), view 2: each fold's
pairs are judged by what was learnt on the other folds, and the mean of the folds' accuracies is
reported with its standard error. Here a threshold on the cosine of two features is all that is
learnt on LFW, so that no use is made of who is on which pair; but the networks were trained
on labelled photographs of other people. LFW's list of results keeps such in its class
"unrestricted, labeled outside data".

The figures of a network:

- accuracy: the mean over folds of the share of a fold's pairs, of either kind, that are judged
  rightly by the threshold with the most right judgements on the other folds together; among equally
  good thresholds, each halfway between two neighbouring similarities, the median one.
- deviation: the sample standard deviation of the folds' accuracies, with folds - 1 in the
  denominator. It is what most publications put behind "±", some with folds in the denominator,
  which gives 5 % less for 10 folds.
- standard error: the deviation over the root of the number of folds, which is what LFW's own list
  puts behind "±". The folds share most of what their thresholds are chosen on, so it says nothing
  of other data.
- auc, eer, tar: of the pairs of all folds together, no threshold chosen (recognition/verification).
"""

from typing import NamedTuple

import numpy as np


class FoldResults(NamedTuple):
    """Accuracy by cross-validation.

    Attributes:
      accuracies: [F] of each fold, in [0, 1].
      thresholds: [F] each chosen on the other folds; a pair at or above it is called one person.
    """

    accuracies: np.ndarray
    thresholds: np.ndarray

    @property
    def accuracy(self) -> float:
        """The mean of the folds' accuracies."""
        return float(self.accuracies.mean())

    @property
    def deviation(self) -> float:
        """The sample standard deviation of the folds' accuracies."""
        return float(self.accuracies.std(ddof=1))

    @property
    def standard_error(self) -> float:
        """Of the mean of the folds' accuracies."""
        return self.deviation / float(np.sqrt(len(self.accuracies)))


def cross_validate(similarities: np.ndarray, same: np.ndarray, folds: np.ndarray) -> FoldResults:
    """Judges each fold's pairs by the threshold that is best on the others.

    Args:
      similarities: [M], finite.
      same: bool [M], whether a pair shows one person.
      folds: [M] integers; which values they are does not matter.

    Raises:
      ValueError: there are fewer than two folds.
    """
    values = np.unique(folds)
    if len(values) < 2:
        raise ValueError("a fold's threshold is chosen on the others: at least 2 are needed")
    inside = [folds == fold for fold in values]
    thresholds = np.array([best_threshold(similarities[~fold], same[~fold]) for fold in inside])
    accuracies = [
        np.mean((similarities[fold] >= threshold) == same[fold])
        for fold, threshold in zip(inside, thresholds, strict=True)
    ]
    return FoldResults(np.array(accuracies), thresholds)


def best_threshold(similarities: np.ndarray, same: np.ndarray) -> float:
    """The threshold by which the most pairs are judged rightly; the median one of equally good.

    Thresholds lie at the lowest similarity, halfway between two neighbouring ones, or just above
    the highest.

    Args:
      similarities: [M], M at least 1.
      same: bool [M].
    """
    values, groups = np.unique(similarities, return_inverse=True)
    of_one = np.bincount(groups, weights=same)
    of_two = np.bincount(groups, weights=~same)
    # By the k-th threshold the k lowest values are refused.
    right = np.append(0, of_two.cumsum()) + np.append(of_one[::-1].cumsum()[::-1], 0)
    best = np.flatnonzero(right == right.max())
    between = (values[:-1] + values[1:]) / 2
    thresholds = [values[0], *between, np.nextafter(values[-1], np.inf)]
    return float(thresholds[best[(len(best) - 1) // 2]])
