"""Weights of tuned decoders in eight bits: a package holds three decoders, and two of them differ little from the first.

Shapes: matrices [out, in], one scale for each row. Rounded once, everything computes with what the graph holds.
"""

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper


def matrices(vlm):
    """Those of the decoder's layers."""
    return [p for p in vlm.layers.parameters() if p.ndim == 2]


def scales(matrix):
    """[out, 1]; the largest value of a row is 127."""
    return matrix.abs().amax(1, keepdim=True).clamp(min=1e-12) / 127


def rounded(matrix):
    """The nearest matrix that eight bits can hold."""
    s = scales(matrix)
    return (matrix / s).round() * s


def shrink(path, matrices):
    """Writes these matrices of a graph as bytes and scales, which the runtime multiplies when it opens the graph."""
    model = onnx.load(path)
    graph = model.graph
    held = {tuple(m.shape): [] for m in matrices}
    for m in matrices:
        held[tuple(m.shape)].append(m)
    made, tensors = [], []
    for tensor in graph.initializer:
        array = torch.from_numpy(numpy_helper.to_array(tensor).copy())
        if array.ndim != 2 or not any(torch.equal(array.T, m) for m in held.get(tuple(array.T.shape), [])):
            tensors.append(tensor)
            continue
        s = scales(array.T).T
        tensors.append(numpy_helper.from_array((array / s).round().to(torch.int8).numpy(), f"{tensor.name}.bytes"))
        tensors.append(numpy_helper.from_array(s.contiguous().numpy(), f"{tensor.name}.scales"))
        made.append(helper.make_node("Cast", [f"{tensor.name}.bytes"], [f"{tensor.name}.floats"], to=TensorProto.FLOAT))
        made.append(helper.make_node("Mul", [f"{tensor.name}.floats", f"{tensor.name}.scales"], [tensor.name]))
    if len(made) != 2 * len(matrices):
        raise SystemExit(f"{path} has {len(made) // 2} of {len(matrices)} matrices")
    nodes = made + list(graph.node)
    for field, values in ((graph.node, nodes), (graph.initializer, tensors)):
        kept = [type(v).FromString(v.SerializeToString()) for v in values]
        del field[:]
        field.extend(kept)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def floats(graph):
    """The arrays of a graph in its order, those of shrunk matrices multiplied out."""
    arrays = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
    scaled = {k: v.float() * arrays[k.replace(".bytes", ".scales")] if k.endswith(".bytes") else v for k, v in arrays.items()}
    return [v for k, v in scaled.items() if not k.endswith(".scales")]
