"""Squint for PySpark: a thin wrapper around dev.squint.spark.SquintTransformer.

Start PySpark with Squint's jars (see docs/cluster.md), then:

    from squint_spark import SquintTransformer
    answers = SquintTransformer(model="/models/smolvlm", questionCol="question").transform(rows)
"""

import sys

from pyspark import keyword_only
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.util import JavaMLReadable, JavaMLReader, JavaMLWritable
from pyspark.ml.wrapper import JavaTransformer

# PySpark looks for the class of a saved stage in the module that is named like its Java package.
sys.modules.setdefault("dev.squint.spark", sys.modules[__name__])


class _Reader(JavaMLReader):
    """Reads by the Java class, which PySpark would look for in the package of this module."""

    @classmethod
    def _java_loader_class(cls, clazz):
        return clazz._java_class


class SquintTransformer(JavaTransformer, JavaMLReadable, JavaMLWritable):
    """Answers the question of each row about its pictures. The parameters are those of the Java class."""

    _java_class = "dev.squint.spark.SquintTransformer"

    model = Param(Params._dummy(), "model", "folder on each node, OWNER/NAME, arch:NAME, or URI of a zip archive",
                  TypeConverters.toString)
    variant = Param(Params._dummy(), "variant", "precision variant of the graphs", TypeConverters.toString)
    plan = Param(Params._dummy(), "plan", "pruning plan of all rows", TypeConverters.toString)
    plans = Param(Params._dummy(), "plans", "pruning plans, with every one of which each row is asked",
                  TypeConverters.toListString)
    planCol = Param(Params._dummy(), "planCol", "column with a pruning plan for each row", TypeConverters.toString)
    questionCol = Param(Params._dummy(), "questionCol", "column with the question", TypeConverters.toString)
    pictureCol = Param(Params._dummy(), "pictureCol", "column with the pictures", TypeConverters.toString)
    clipCol = Param(Params._dummy(), "clipCol", "column with a video", TypeConverters.toString)
    outputCol = Param(Params._dummy(), "outputCol", "column of the answer", TypeConverters.toString)
    onError = Param(Params._dummy(), "onError", "row or fail", TypeConverters.toString)
    maxTokens = Param(Params._dummy(), "maxTokens", "longest answer in tokens", TypeConverters.toInt)
    threads = Param(Params._dummy(), "threads", "threads of ONNX Runtime for a question", TypeConverters.toInt)
    frames = Param(Params._dummy(), "frames", "whether pictures are frames of a video", TypeConverters.toBoolean)
    groupByPicture = Param(Params._dummy(), "groupByPicture", "whether rows are grouped by picture",
                           TypeConverters.toBoolean)

    @keyword_only
    def __init__(self, *, model=None, variant=None, plan=None, plans=None, planCol=None, questionCol=None,
                 pictureCol=None, clipCol=None, outputCol=None, onError=None, maxTokens=None, threads=None, frames=None,
                 groupByPicture=None):
        super().__init__()
        self._java_obj = self._new_java_obj(self._java_class, self.uid)
        self._set(**{name: value for name, value in self._input_kwargs.items() if value is not None})

    @classmethod
    def read(cls):
        return _Reader(cls)
