package dev.squint.llm;

import dev.squint.llm.model.Family;
import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.vision.encoder.OnnxVisionEncoder;
import dev.squint.vision.onnx.SessionSettings;
import java.nio.file.Path;

/** Opens the vision encoder of a package alone. */
public final class PackageEncoder {

  private PackageEncoder() {}

  /**
   * Opens the encoder.
   *
   * @param settings also say on which device
   * @throws IllegalArgumentException if the file is missing or broken; the message names it
   */
  public static OnnxVisionEncoder open(ModelPackage files, SessionSettings settings) {
    Path graph = files.graph(Session.VISION_ENCODER);
    return files.family().pictures() == Family.Pictures.SUMMARISED
        ? OnnxVisionEncoder.openSummarising(graph, settings)
        : OnnxVisionEncoder.open(graph, settings);
  }
}
