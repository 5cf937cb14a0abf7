"""Every architecture: how it is made, what it takes, and which axes are left free when it is exported."""
from dataclasses import dataclass
from typing import Callable

from . import pictures, samples, sequences


@dataclass(frozen=True)
class Architecture:
    """`inputs`: a shape for each input, without the rows. `time`: the axis of the one input, counted with the rows, whose
    extent is left free; None if the network has a fixed length. `small` makes the narrow version that is tested as a
    golden file, and `small_inputs` is what that one takes. `exporters`: those that can write it."""

    make: Callable
    inputs: tuple
    time: int | None = None
    small: Callable | None = None
    small_inputs: tuple | None = None
    exporters: tuple = ("torchscript", "dynamo")


PICTURE = ((1, 64, 96),)

CATALOGUE = {
    "resnet18": Architecture(pictures.named("resnet18"), PICTURE, 3),
    "resnet50": Architecture(pictures.named("resnet50"), PICTURE, 3),
    "resnet50-smooth": Architecture(pictures.smooth(pictures.named("resnet50")), PICTURE, 3),
    "vgg11-bn": Architecture(pictures.vgg11_bn, PICTURE, exporters=("dynamo",)),
    "vgg11-bn-photo": Architecture(pictures.vgg11_bn, ((1, 224, 224),), exporters=("torchscript",)),
    "vgg11-bn-photo-smooth": Architecture(
        pictures.smooth(pictures.vgg11_bn), ((1, 224, 224),), exporters=("torchscript",)),
    "mobilenet-v2": Architecture(pictures.named("mobilenet_v2"), PICTURE, 3),
    "mobilenet-v3-small": Architecture(
        pictures.named("mobilenet_v3_small"), PICTURE, 3, pictures.small_mobilenet_v3, ((1, 24, 32),)),
    "mobilenet-v3-large": Architecture(pictures.named("mobilenet_v3_large"), PICTURE, 3),
    "efficientnet-b0": Architecture(
        pictures.named("efficientnet_b0"), PICTURE, 3, pictures.small_efficientnet, ((1, 24, 32),)),
    "densenet121": Architecture(
        pictures.named("densenet121"), PICTURE, 3,
        pictures.named("DenseNet", growth_rate=4, block_config=(2, 2), num_init_features=8), ((1, 32, 32),)),
    "densenet121-smooth": Architecture(pictures.smooth(pictures.named("densenet121")), PICTURE, 3),
    "convnext": Architecture(
        lambda: pictures.convnext([(48, 96, 2), (96, 192, 2), (192, None, 2)]), PICTURE, 3,
        lambda: pictures.convnext([(8, 16, 1), (16, None, 1)]), ((1, 16, 24),)),
    "swin": Architecture(
        pictures.swin, PICTURE, None, lambda: pictures.swin(8, (2, 1), (2, 2), (2, 4)), ((1, 20, 32),)),
    "vggish": Architecture(
        pictures.VGGish, ((1, 96, 64),), None,
        lambda: pictures.VGGish((4, 4, 6, 6, 8, 8), 16, 8), ((1, 96, 64),)),
    "cnn14": Architecture(
        pictures.CNN14, ((1, 101, 64),), 2, lambda: pictures.CNN14((4, 6, 8), 16), ((1, 21, 16),)),
    "attention-tagger": Architecture(
        lambda: pictures.CNN14((32, 64, 128, 256), attention=True), ((1, 101, 64),), 2,
        lambda: pictures.CNN14((4, 6, 8), 16, attention=True), ((1, 21, 16),)),
    "unet-transposed": Architecture(
        pictures.UNet, PICTURE, 3, lambda: pictures.UNet((4, 6, 8)), ((1, 16, 24),)),
    "unet-bilinear": Architecture(
        lambda: pictures.UNet(up="bilinear"), ((1, 64, 90),), 3,
        lambda: pictures.UNet((4, 6, 8), "bilinear"), ((1, 16, 21),)),
    "siamese": Architecture(
        pictures.Siamese, ((1, 39, 482), (1, 128, 128)), None,
        lambda: pictures.Siamese((4, 3), 6), ((1, 39, 50), (1, 32, 100))),

    "m5": Architecture(samples.M5, ((1, 8000),), None, lambda: samples.M5(4), ((1, 3000),)),
    "crepe": Architecture(samples.CREPE, ((1024,),), None, lambda: samples.CREPE(1, 16, 12), ((1024,),)),
    "tcn": Architecture(samples.TCN, ((1, 512),), 2, lambda: samples.TCN(6, 3), ((1, 40),)),
    "mel-inside": Architecture(
        samples.SpectrumInside, ((4000,),), 1,
        lambda: samples.SpectrumInside(64, 32, 10, 6), ((640,),)),
    "stft-inside": Architecture(
        lambda: samples.SpectrumInside(transform="stft"), ((4000,),), 1,
        lambda: samples.SpectrumInside(64, 32, 10, 6, transform="stft"), ((640,),), ("dynamo",)),
    "wav2vec": Architecture(
        samples.FeatureExtractor, ((6000,),), 1,
        lambda: samples.FeatureExtractor(8, 2, 5, (10, 3, 2), 4), ((300,),)),
    "conv-tasnet": Architecture(
        samples.Separator, ((1, 4000),), 2, lambda: samples.Separator(8, 6, 8, 2), ((1, 200),)),
    "demucs": Architecture(samples.Demucs, ((1, 4180),), None, lambda: samples.Demucs(4, 2), ((1, 212),)),

    "crnn-gru": Architecture(
        sequences.CRNN, ((1, 60, 64),), 2, lambda: sequences.CRNN("GRU", 4, 5, 2), ((1, 9, 64),)),
    "crnn-lstm": Architecture(
        lambda: sequences.CRNN("LSTM"), ((1, 60, 64),), 2,
        lambda: sequences.CRNN("LSTM", 4, 5, 2), ((1, 9, 64),)),
    "ast": Architecture(
        sequences.SpectrogramTransformer, PICTURE, None,
        lambda: sequences.SpectrogramTransformer(8, 1, 2, 8, 6, (20, 26)), ((1, 20, 26),)),
    "conformer": Architecture(
        sequences.Conformer, ((100, 64),), 1, lambda: sequences.Conformer(8, 1, 2, 5, 16, 6), ((24, 16),)),
    "whisper": Architecture(
        sequences.WhisperEncoder, ((80, 200),), 2,
        lambda: sequences.WhisperEncoder(8, 1, 2, 10, 30), ((10, 20),)),
    "ecapa": Architecture(
        sequences.ECAPA, ((64, 100),), 2, lambda: sequences.ECAPA(8, 10, 6), ((10, 20),)),
}
