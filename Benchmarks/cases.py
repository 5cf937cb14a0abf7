"""What compare.py compares on: the networks, their layers, and the inputs they are given."""
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "peers"))
import front_ends  # noqa: E402

SOUNDS = ["ambi_choir.flac", "cow.mp3", "dog.mp3", "drum_roll.flac", "duck.mp3", "frog.mp3", "guit_em9.flac",
          "loop_tabla.flac", "misc_crow.flac", "perc_bell.flac", "rooster.mp3"]


def parsed(parser):
    """The arguments, with those that say where everything lies; what peers.py's folder holds can be imported then."""
    parser.add_argument("--otoscope", default=os.path.join(HERE, "../.build/release/otoscope"))
    parser.add_argument("--peers", default=os.path.join(HERE, "../../shared/peers/peers.py"))
    parser.add_argument("--models", default=os.path.join(HERE, "../../shared/models"))
    parser.add_argument("--sounds", default=os.path.join(HERE, "../Data/sounds"))
    arguments = parser.parse_args()
    sys.path.insert(0, os.path.dirname(os.path.abspath(arguments.peers)))
    return arguments


class Network:
    """A network: its file, the shape of a row of its input, and an early, a middle and a late layer of maps."""

    def __init__(self, name, file, shape, layers, front_end=None):
        self.name, self.file, self.shape, self.layers, self.front_end = name, file, shape, layers, front_end

    def random_input(self, rows):
        """Normal noise, the same in every run."""
        return np.random.default_rng(1).standard_normal((rows, *self.shape)).astype(np.float32)

    def real_input(self, rows, sounds):
        """`rows` patches of `sounds`, a list of samples: the first patch of each sound, then the second, ..."""
        model = front_ends.MODELS[self.front_end or "yamnet"]
        patches = [model.input(samples) for samples in sounds]
        longest = max(len(of_sound) for of_sound in patches)
        chosen = np.stack([of_sound[i] for i in range(longest) for of_sound in patches if i < len(of_sound)][:rows])
        return chosen if self.front_end else pictures(chosen[:, 0], self.shape)


def pictures(patches, shape):
    """Patches as images: stretched by nearest neighbour, three equal channels, from -1 to 1."""
    _, height, width = shape
    rows = np.arange(height) * patches.shape[1] // height
    columns = np.arange(width) * patches.shape[2] // width
    images = patches[:, rows][:, :, columns]
    low, high = images.min((1, 2), keepdims=True), images.max((1, 2), keepdims=True)
    images = 2 * (images - low) / np.maximum(high - low, 1e-6) - 1
    return np.repeat(images[:, None], 3, axis=1).astype(np.float32)


NETWORKS = [
    Network("yamnet", "yamnet.onnx", (1, 96, 64),
            ["layer3.pointwise.relu", "layer9.pointwise.relu", "layer14.pointwise.relu"], "yamnet"),
    Network("mtt_vgg", "mtt_vgg.onnx", (187, 96), ["r1", "r3", "r5"], "musicnn"),
    Network("efficientnet_lite0", "efficientnet_lite0.onnx", (3, 224, 224),
            ["_blocks.4.add", "_blocks.10.add", "_conv_head.weight_a"]),
]
