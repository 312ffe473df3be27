package dev.squint.llm.djl;

import ai.djl.BaseModel;
import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import ai.djl.util.passthrough.PassthroughNDManager;
import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.model.Variants;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A model package that DJL loads; the option {@code variant} chooses the form of its graphs. */
final class SquintModel extends BaseModel {

  private @Nullable VisionLanguageModel model;

  SquintModel(String name, SquintEngine engine, Device device) {
    super(name);
    manager = new PassthroughNDManager(engine, device);
    dataType = DataType.FLOAT32;
  }

  @Override
  public void load(Path folder, @Nullable String prefix, @Nullable Map<String, ?> options) {
    setModelDir(folder);
    Object variant = options == null ? null : options.get("variant");
    Variants variants = variant == null ? Variants.ANY : Variants.parse(variant.toString());
    model = VisionLanguageModel.load(folder, LoadOptions.DEFAULT.withVariants(variants));
    block = new SquintBlock(model);
    wasLoaded = true;
  }

  @Override
  public void close() {
    if (model != null) {
      model.close();
    }
    super.close();
  }
}
