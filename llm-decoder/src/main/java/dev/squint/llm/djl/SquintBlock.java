package dev.squint.llm.djl;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractSymbolBlock;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.djl.util.passthrough.PassthroughNDArray;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.vision.picture.Picture;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A vision-language model as DJL sees it: one value in, one value out. */
final class SquintBlock extends AbstractSymbolBlock {

  private final VisionLanguageModel model;

  SquintBlock(VisionLanguageModel model) {
    this.model = model;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameters,
      NDList inputs,
      boolean training,
      @Nullable PairList<String, Object> options) {
    Object input = ((PassthroughNDArray) inputs.singletonOrThrow()).getObject();
    return new NDList(new PassthroughNDArray(inputs.getManager(), answer(input)));
  }

  private Object answer(Object input) {
    if (input instanceof VisualQuestion question) {
      return model.ask(question.conversation(), question.options());
    }
    if (input instanceof Picture picture) {
      return model.encoder().encode(List.of(model.tiler().tile(picture)), Set.of());
    }
    throw new IllegalArgumentException(
        "a Squint model takes a VisualQuestion or a Picture, not a " + input.getClass().getName());
  }

  @Override
  public ParameterList getDirectParameters() {
    return new ParameterList();
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return inputShapes;
  }
}
