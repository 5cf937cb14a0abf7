#!/usr/bin/env python3
"""metrics.npz: what scikit-learn says of made-up answers.

    python3 -m venv peers && peers/bin/pip install numpy scikit-learn
    peers/bin/python Tests/TrainTests/Golden/make-metrics.py

The calibration error is not scikit-learn's: Guo et al., ICML 2017, over 15 bins.
"""
from pathlib import Path

import numpy as np
from sklearn import metrics as sk

generator = np.random.default_rng(20261130)
arrays = {}


def calibration_error(confidence, right, bins=15):
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    return sum((place == b).mean() * abs(confidence[place == b].mean() - right[place == b].mean())
               for b in range(bins) if (place == b).any())


# One class a clip; class 4 has no clip, though some are taken for it. Scores are coarse, so that there are ties.
clips, classes = 60, 6
truth = generator.choice([0, 1, 2, 3, 5], clips, p=[.4, .2, .2, .1, .1])
scores = generator.gamma(.6, 1, (clips, classes)) + 1.2 * np.eye(classes)[truth] * generator.random((clips, 1))
scores = np.maximum(np.round(scores / scores.sum(1, keepdims=True), 2), .01)
scores = (scores / scores.sum(1, keepdims=True)).astype(np.float32).astype(np.float64)
answer = scores.argmax(1)
present = [0, 1, 2, 3, 5]
precision, recall, f1, support = sk.precision_recall_fscore_support(
    truth, answer, labels=range(classes), zero_division=np.nan)
one_hot = np.eye(classes)[truth]
average_precision = [sk.average_precision_score(one_hot[:, c], scores[:, c]) for c in present]
auc = [sk.roc_auc_score(one_hot[:, c], scores[:, c]) for c in present]
# Of equal scores ours takes the first class first, scikit-learn the last.
ranked = scores - 1e-9 * np.arange(classes)
arrays |= {
    "single_truth": truth, "single_scores": scores,
    "single_confusion": sk.confusion_matrix(truth, answer, labels=range(classes)),
    "single_per_class": np.stack([precision[present], recall[present], f1[present], average_precision, auc], 1),
    "single": [
        sk.accuracy_score(truth, answer), sk.balanced_accuracy_score(truth, answer),
        sk.f1_score(truth, answer, labels=present, average="macro"),
        sk.f1_score(truth, answer, labels=present, average="weighted"),
        np.mean(average_precision), np.mean(auc),
        sk.top_k_accuracy_score(truth, ranked, k=3, labels=range(classes)),
        sk.top_k_accuracy_score(truth, ranked, k=5, labels=range(classes)),
        sk.log_loss(truth, scores, labels=range(classes)),
        calibration_error(scores.max(1), answer == truth)],
}

# Any number of classes a clip.
clips, classes = 50, 4
truth = (generator.random((clips, classes)) < [.5, .3, .15, .4]).astype(int)
scores = 1 / (1 + np.exp(-(2 * truth - 1 + 1.5 * generator.standard_normal((clips, classes)))))
scores = np.round(scores, 2).clip(.01, .99).astype(np.float32).astype(np.float64)
heard = scores >= .5
arrays |= {
    "multi_truth": truth, "multi_scores": scores,
    "multi_per_class": np.stack(
        [*sk.precision_recall_fscore_support(truth, heard)[:3],
         sk.average_precision_score(truth, scores, average=None), sk.roc_auc_score(truth, scores, average=None)], 1),
    "multi": [
        sk.accuracy_score(truth, heard), sk.f1_score(truth, heard, average="macro"),
        sk.f1_score(truth, heard, average="weighted"), sk.f1_score(truth, heard, average="micro"),
        sk.average_precision_score(truth, scores, average="macro"), sk.roc_auc_score(truth, scores, average="macro"),
        np.mean([sk.log_loss(truth[:, c], scores[:, c], labels=[0, 1]) for c in range(classes)]),
        calibration_error(scores.ravel(), truth.ravel() == 1)],
}
np.savez_compressed(
    Path(__file__).parent / "metrics.npz", **{name: np.asarray(value, np.float64) for name, value in arrays.items()})
