#!/usr/bin/env python3
"""Networks by Keras as ONNX files, by tf2onnx, and what TensorFlow computes of them.

    keras_networks.py FOLDER [NAME ...] [--small]       (wants tensorflow, keras and tf2onnx)

Writes FOLDER/NAME.keras.onnx, and FOLDER/NAME.keras.npz: `x` (3 rows), `y`, the `gradient` of the sum over rows of
element `element` of y, by GradientTape, and `change`, how much each row's gradient changes when the row is moved by a
millionth and when the weights are rounded otherwise. Channels are last. --small: 2 rows of narrow versions, for the
golden files.
"""
import argparse
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np


def application(name, **settings):
    def make(small):
        import keras
        return getattr(keras.applications, name)(
            input_shape=(64, 96, 1), weights=None, classes=10, classifier_activation=None, **settings)
    return make


def vggish(small):
    from keras import Sequential, layers
    channels, hidden = ((4, 4, 6, 6, 8, 8), 12) if small else ((64, 128, 256, 256, 512, 512), 1024)
    model = Sequential([layers.Input((96, 64, 1))])
    for count, pools in zip(channels, (1, 1, 0, 1, 0, 1)):
        model.add(layers.Conv2D(count, 3, padding="same", activation="relu"))
        if pools:
            model.add(layers.MaxPooling2D(2, 2, padding="same"))
    model.add(layers.Flatten())
    for count in (hidden, hidden):
        model.add(layers.Dense(count, activation="relu"))
    model.add(layers.Dense(16))
    return model


def crepe(small):
    """The published form: two-dimensional convolutions over `[samples, 1, 1]`, padded alike."""
    from keras import Sequential, layers
    unit, kernel = (1, 16) if small else (4, 512)
    model = Sequential([layers.Input((1024,)), layers.Reshape((1024, 1, 1))])
    for index, count in enumerate((32, 4, 4, 4, 8, 16)):
        model.add(layers.Conv2D(
            unit * count, (kernel if index == 0 else kernel // 8, 1), strides=(4 if index == 0 else 1, 1),
            padding="same", activation="relu"))
        model.add(layers.BatchNormalization())
        model.add(layers.MaxPooling2D((2, 1), (2, 1), padding="valid"))
        model.add(layers.Dropout(0.25))
    model.add(layers.Permute((2, 1, 3)))
    model.add(layers.Flatten())
    model.add(layers.Dense(360, activation="sigmoid"))
    return model


def recurrent(kind):
    """Convolutions that keep time, then recurrent layers in both directions; ELU, as Choi's taggers have it."""
    def make(small):
        from keras import Sequential, layers
        width, hidden, frames = (4, 5, 9) if small else (32, 64, 60)
        model = Sequential([layers.Input((frames, 64, 1))])
        for _ in range(3):
            model.add(layers.Conv2D(width, 3, padding="same", activation="elu"))
            model.add(layers.BatchNormalization())
            model.add(layers.MaxPooling2D((1, 4)))
        model.add(layers.TimeDistributed(layers.Flatten()))
        layer = getattr(layers, kind)
        if not small:
            model.add(layers.Bidirectional(layer(hidden, return_sequences=True)))
        model.add(layers.Bidirectional(layer(hidden, return_sequences=kind == "LSTM")))
        if kind == "LSTM":
            model.add(layers.TimeDistributed(layers.Dense(hidden, activation="tanh")))
            model.add(layers.GlobalAveragePooling1D())
        model.add(layers.Dense(10, activation="sigmoid"))
        return model
    return make


def separable(small):
    """Separable convolutions over samples, leaky and swish, squeeze and excitation, layer normalization."""
    import keras
    from keras import layers
    width, samples = (6, 300) if small else (64, 4000)
    x = start = layers.Input((samples, 1))
    x = layers.Conv1D(width, 16, strides=4, padding="same")(x)
    x = layers.LeakyReLU(negative_slope=0.1)(layers.LayerNormalization()(x))
    for dilation in (1, 2, 4):
        y = layers.SeparableConv1D(width, 3, dilation_rate=dilation, padding="same")(x)
        y = layers.Activation("swish")(layers.BatchNormalization()(y))
        gate = layers.Dense(width // 2, activation="relu")(layers.GlobalAveragePooling1D()(y))
        gate = layers.Reshape((1, width))(layers.Dense(width, activation="hard_sigmoid")(gate))
        x = layers.Add()([x, layers.Multiply()([y, gate])])
    x = layers.Concatenate()([layers.GlobalMaxPooling1D()(x), layers.GlobalAveragePooling1D()(x)])
    return keras.Model(start, layers.Dense(10, activation="softmax")(x))


def attentive(small):
    """Transformer blocks behind a causal convolution; GELU with tanh, as tf2onnx knows no Erfc."""
    import keras
    from keras import layers

    def gelu(x):
        return keras.activations.gelu(x, approximate=True)
    width, frames, bands, blocks = (8, 12, 6, 1) if small else (64, 100, 64, 2)
    x = start = layers.Input((frames, bands))
    x = layers.Conv1D(width, 3, padding="causal", activation=gelu)(x)
    for _ in range(blocks):
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        x = layers.Add()([x, layers.MultiHeadAttention(2, width // 2)(y, y)])
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        y = layers.Dense(width)(layers.Dense(2 * width, activation=gelu)(y))
        x = layers.Add()([x, y])
    return keras.Model(start, layers.Dense(10)(layers.GlobalAveragePooling1D()(x)))


def unet(small):
    """Down by strides, up by Conv2DTranspose and by UpSampling2D, skips joined."""
    import keras
    from keras import layers
    width, picture = (4, (16, 24, 1)) if small else (32, (64, 96, 1))
    x = start = layers.Input(picture)
    first = layers.Conv2D(width, 5, strides=2, padding="same", activation="relu")(x)
    second = layers.Conv2D(2 * width, 5, strides=2, padding="same", activation="relu")(first)
    x = layers.Conv2DTranspose(width, 5, strides=2, padding="same", activation="relu")(second)
    x = layers.Concatenate()([layers.BatchNormalization()(x), first])
    x = layers.UpSampling2D(2, interpolation="bilinear")(x)
    x = layers.Conv2D(1, 3, padding="same", activation="sigmoid")(layers.Concatenate()([x, start]))
    return keras.Model(start, layers.Multiply()([x, start]))


NETWORKS = {
    "resnet50": application("ResNet50"), "mobilenet-v2": application("MobileNetV2"),
    "mobilenet-v3-small": application("MobileNetV3Small", include_preprocessing=False),
    # Not the first EfficientNet: tf2onnx makes inputs of the constants of its normalization.
    "efficientnet-v2-b0": application("EfficientNetV2B0", include_preprocessing=False),
    "densenet121": application("DenseNet121"),
    "vggish": vggish, "crepe": crepe, "crnn-gru": recurrent("GRU"), "crnn-lstm": recurrent("LSTM"),
    "separable": separable, "attentive": attentive, "unet": unet,
}


def trained(make, small):
    """A model with random weights, and normalizations that have seen something."""
    import keras
    keras.utils.set_random_seed(1)
    model = make(small)
    random = np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
            if layer.scale:
                layer.gamma.assign(random.uniform(0.6, 1.4, layer.gamma.shape))
            layer.beta.assign(random.uniform(-0.3, 0.3, layer.beta.shape))
    model(random.standard_normal((8, *model.input_shape[1:])).astype(np.float32), training=True)
    return model


def gradient(model, x, element):
    import tensorflow as tf
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = model(x, training=False)
        score = tf.reduce_sum(tf.reshape(y, (x.shape[0], -1))[:, element])
    return tape.gradient(score, x).numpy()


def save(name, folder, small):
    import onnx
    import tensorflow as tf
    import tf2onnx
    model = trained(NETWORKS[name], small)
    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name="x")]
    function = tf.function(lambda x: tf.identity(model(x, training=False), name="y"), input_signature=signature)
    proto, _ = tf2onnx.convert.from_function(function, input_signature=signature, opset=17)
    onnx.save(proto, os.path.join(folder, f"{name}.keras.onnx"))

    random = np.random.default_rng(3)
    x, step = (random.standard_normal((8, *model.input_shape[1:])).astype(np.float32) for _ in range(2))
    element = int(np.prod([d for d in model.output_shape[1:]])) // 2
    plain, result = gradient(model, x, element), model(x, training=False).numpy()
    others = [gradient(model, x + np.float32(1e-6) * step, element)]
    weights = [weight.numpy() for weight in model.weights]
    for _ in range(2):
        for weight, value in zip(model.weights, weights):
            weight.assign(value * (1 + np.finfo(np.float32).eps * random.uniform(-1, 1, value.shape)))
        others.append(gradient(model, x, element))

    def norms(a):
        return np.linalg.norm(a.reshape(len(x), -1), axis=1)

    change = np.max([norms(other - plain) for other in others], axis=0) / np.maximum(norms(plain), 1e-30)
    chosen = np.sort(np.argsort(change, kind="stable")[: 2 if small else 3])
    arrays = {"x": x[chosen], "y": result[chosen], "gradient": plain[chosen],
              "change": change[chosen], "element": element}
    np.savez_compressed(
        os.path.join(folder, f"{name}.keras.npz"), **{name: np.float32(array) for name, array in arrays.items()})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("names", nargs="*", help=", ".join(NETWORKS))
    parser.add_argument("--small", action="store_true")
    arguments = parser.parse_args()
    for name in arguments.names or NETWORKS:
        save(name, arguments.folder, arguments.small)


if __name__ == "__main__":
    main()
