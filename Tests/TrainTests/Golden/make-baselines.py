"""What scikit-learn makes of small features: baselines.npz.

Needs scikit-learn 1.x. 80 clips of 6 features (one the same in all clips) in 4 classes that overlap; a `StandardScaler`, then
`LogisticRegression` (lbfgs, tol 1e-8) for C = 1 and C = 0.05; and `OneVsRestClassifier` of it for clips of several classes.
Probabilities on the same clips.
"""
import os

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

here = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(7)
classes = np.arange(80) % 4
centres = random.normal(0, 1.2, (4, 6))
features = (centres[classes] + random.normal(0, 1, (80, 6)) * [1, 10, 0.01, 1, 3, 1] + [0, 100, 5, -3, 0, 0]).astype(np.float32)
features[:, 5] = 2.5
several = (random.random((80, 3)) < 0.3 + 0.4 * (features[:, :3] > features[:, :3].mean(0))).astype(np.float32)


def model(strength):
    return LogisticRegression(C=strength, tol=1e-8, max_iter=10000)


arrays = {"features": features, "classes": classes.astype(np.float32), "several": several}
for strength in [1.0, 0.05]:
    fitted = make_pipeline(StandardScaler(), model(strength)).fit(features.astype(np.float64), classes)
    arrays[f"probabilities {strength}"] = fitted.predict_proba(features.astype(np.float64)).astype(np.float32)
fitted = make_pipeline(StandardScaler(), OneVsRestClassifier(model(1.0))).fit(features.astype(np.float64), several)
arrays["probabilities of several"] = fitted.predict_proba(features.astype(np.float64)).astype(np.float32)
np.savez_compressed(os.path.join(here, "baselines.npz"), **arrays)
print({name: a.shape for name, a in arrays.items()})
