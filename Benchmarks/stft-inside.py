#!/usr/bin/env python3
"""A network with ONNX's STFT operator inside (512 points every 160 samples, 10 s at 16 kHz), a filterbank and a small convolutional
part: forward passes of Otoscope against ONNX Runtime, whose STFT is a plain sum (its issue 32403). Equal threads, medians.

    python Benchmarks/stft-inside.py .build/release/otoscope [--threads 2] [--rows 1]"""
import argparse, json, os, statistics, subprocess, tempfile, time
import librosa, numpy as np, onnx, onnxruntime
from onnx import TensorProto, helper, numpy_helper


def network(path, samples=160000, size=512, hop=160, bands=64):
    rng = np.random.default_rng(0)
    constants = {
        "hop": np.int64(hop), "window": np.hanning(size + 1)[:-1].astype(np.float32), "axis": np.array([3], np.int64),
        "mel": librosa.filters.mel(sr=16000, n_fft=size, n_mels=bands).T.astype(np.float32), "least": np.float32(1e-5),
        "ones": np.array([1], np.int64), "last": np.array([2], np.int64),
        "w1": rng.normal(size=(16, 1, 3, 3), scale=.3).astype(np.float32),
        "w2": rng.normal(size=(32, 16, 3, 3), scale=.1).astype(np.float32),
        "w3": rng.normal(size=(32, 10)).astype(np.float32)}
    nodes = [
        helper.make_node("Unsqueeze", ["sound", "last"], ["signal"]),
        helper.make_node("STFT", ["signal", "hop", "window"], ["stft"], onesided=1),
        helper.make_node("ReduceSumSquare", ["stft", "axis"], ["power"], keepdims=0),
        helper.make_node("MatMul", ["power", "mel"], ["bands"]), helper.make_node("Add", ["bands", "least"], ["raised"]),
        helper.make_node("Log", ["raised"], ["log"]), helper.make_node("Unsqueeze", ["log", "ones"], ["picture"]),
        helper.make_node("Conv", ["picture", "w1"], ["c1"], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("Conv", ["r1", "w2"], ["c2"], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c2"], ["r2"]), helper.make_node("GlobalAveragePool", ["r2"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]), helper.make_node("MatMul", ["flat", "w3"], ["logits"])]
    graph = helper.make_graph(
        nodes, "stft inside", [helper.make_tensor_value_info("sound", TensorProto.FLOAT, ["N", samples])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 10])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("otoscope"); parser.add_argument("--threads", type=int, default=2); parser.add_argument("--rows", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/net.onnx"
        network(path)
        x = np.random.default_rng(1).normal(size=(arguments.rows, 160000)).astype(np.float32)
        np.save(f"{folder}/x.npy", x)
        options = onnxruntime.SessionOptions(); options.intra_op_num_threads = arguments.threads
        session = onnxruntime.InferenceSession(path, options)
        expected, times = session.run(None, {"sound": x})[0], []
        for _ in range(5):
            start = time.perf_counter(); session.run(None, {"sound": x}); times.append(time.perf_counter() - start)
        run = lambda *a: subprocess.run([arguments.otoscope, *a], check=True, capture_output=True, text=True).stdout
        run("run", path, f"{folder}/x.npy", "-o", f"{folder}/y.npz")
        ours = np.load(f"{folder}/y.npz")["logits"]
        bench = json.loads(run("bench", path, f"{folder}/x.npy", "--threads", str(arguments.threads), "--json").splitlines()[-1])
        theirs = statistics.median(times)
        print(f"largest difference {np.abs(ours - expected).max() / np.abs(expected).max():.1e} of the largest logit; Otoscope "
              f"{1e3 * bench['median_s']:.2f} ms, ONNX Runtime {1e3 * theirs:.1f} ms: {theirs / bench['median_s']:.0f} times as fast")


if __name__ == "__main__":
    main()
