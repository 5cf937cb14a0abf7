"""Golden values for the statistics, maps and their quality, from SciPy and scikit-learn.

    python3 -m venv peers && peers/bin/pip install numpy scipy scikit-learn
    peers/bin/python make-maps.py          # maps.npz beside this file
"""
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

random = np.random.default_rng(15)
units = random.normal(size=(6, 40)).astype(np.float32)
descriptors = random.normal(size=(4, 40)).astype(np.float32)
descriptors[0] = units[0] * 2 + random.normal(size=40) * 0.5
descriptors[1] = np.exp(units[1])                      # monotone, not linear
descriptors[2] = np.round(descriptors[2])              # ties
units[5] = 3                                           # constant
pearson = [[stats.pearsonr(u, d) for d in descriptors] for u in units[:5].astype(float)]
spearman = [[stats.spearmanr(u, d) for d in descriptors] for u in units[:5].astype(float)]
intervals = [[p.confidence_interval() for p in row] for row in pearson]


def scaled(x):
    return (x - x.min()) / (x.max() - x.min())


distance = [[np.sqrt(np.mean((scaled(u) - scaled(d)) ** 2)) for d in descriptors] for u in units[:5]]
p = np.array([[x.pvalue for x in row] for row in pearson])

points = np.concatenate([random.normal(size=(40, 12)) * 0.6 + 4 * random.normal(size=12) for _ in range(3)])
points = points.astype(np.float32)
wide = random.normal(size=(9, 50)).astype(np.float32)
pca, pca_wide = PCA(5, svd_solver="full").fit(points), PCA(5, svd_solver="full").fit(wide)
plane = points[:, :2]

np.savez_compressed(
    Path(__file__).with_name("maps.npz"),
    units=units, descriptors=descriptors,
    r=np.array([[x.statistic for x in row] for row in pearson]), p=p,
    low=np.array([[x.low for x in row] for row in intervals]),
    high=np.array([[x.high for x in row] for row in intervals]),
    rho=np.array([[x.statistic for x in row] for row in spearman]),
    rho_p=np.array([[x.pvalue for x in row] for row in spearman]),
    distance=np.array(distance), q=stats.false_discovery_control(p.ravel()).reshape(p.shape),
    points=points, wide=wide,
    variances=pca.explained_variance_, ratios=pca.explained_variance_ratio_, axes=pca.components_,
    wide_variances=pca_wide.explained_variance_, wide_axes=pca_wide.components_,
    trustworthiness=np.array([trustworthiness(points, plane, n_neighbors=k) for k in (1, 5, 12)]),
)
