package dev.squint.vision.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import org.junit.jupiter.api.Test;

class TensorRoomTest {

  @Test
  void rowsOfZerosFollowThoseOfEachHead() throws OrtException {
    float[] values = {1, 2, 3, 4, 5, 6, 7, 8};
    try (OnnxTensor tensor =
            OnnxTensor.createTensor(
                OnnxRuntime.environment(), FloatBuffer.wrap(values), new long[] {1, 2, 2, 2});
        OrtSession.Result longer = TensorRoom.added(tensor, 1)) {
      OnnxTensor copy = (OnnxTensor) longer.get(0);

      assertThat(copy.getInfo().getShape()).containsExactly(1, 2, 3, 2);
      assertThat(values(copy)).containsExactly(1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 0, 0);
    }
  }

  @Test
  void halvesAreCopiedToo() throws OrtException {
    short[] values = {0x3c00, 0x4000};
    try (OnnxTensor tensor =
            OnnxTensor.createTensor(
                OnnxRuntime.environment(),
                ShortBuffer.wrap(values),
                new long[] {1, 1, 1, 2},
                OnnxJavaType.FLOAT16);
        OrtSession.Result longer = TensorRoom.added(tensor, 2)) {
      OnnxTensor copy = (OnnxTensor) longer.get(0);

      assertThat(copy.getInfo().type).isEqualTo(OnnxJavaType.FLOAT16);
      assertThat(values(copy)).containsExactly(1, 2, 0, 0, 0, 0);
    }
  }

  @Test
  void otherTensorsAreRefused() throws OrtException {
    try (OnnxTensor flat = OnnxTensor.createTensor(OnnxRuntime.environment(), new float[] {1});
        OnnxTensor whole =
            OnnxTensor.createTensor(OnnxRuntime.environment(), new long[1][1][1][1])) {
      assertThatThrownBy(() -> TensorRoom.added(flat, 1)).hasMessageContaining("has 1 axes");
      assertThatThrownBy(() -> TensorRoom.added(whole, 1)).hasMessageContaining("INT64");
    }
  }

  private static float[] values(OnnxTensor tensor) {
    FloatBuffer buffer = tensor.getFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }
}
