package dev.squint.llm.djl;

import ai.djl.Model;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import ai.djl.util.passthrough.PassthroughTranslator;
import dev.squint.llm.Answer;
import dev.squint.pruner.PatchTokens;
import dev.squint.vision.picture.Picture;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Set;

/**
 * Translators for models of the engine "Squint": {@link VisualQuestion} to {@link Answer}, and
 * {@link Picture} to {@link PatchTokens}.
 */
public final class SquintTranslatorFactory implements TranslatorFactory {

  private static final Set<Pair<Type, Type>> TYPES =
      Set.of(
          new Pair<>(VisualQuestion.class, Answer.class),
          new Pair<>(Picture.class, PatchTokens.class));

  @Override
  public Set<Pair<Type, Type>> getSupportedTypes() {
    return TYPES;
  }

  @Override
  public <I, O> Translator<I, O> newInstance(
      Class<I> input, Class<O> output, Model model, Map<String, ?> arguments)
      throws TranslateException {
    if (!isSupported(input, output)) {
      throw new IllegalArgumentException(
          "no translator from %s to %s; there are %s"
              .formatted(input.getSimpleName(), output.getSimpleName(), TYPES));
    }
    if (model.getBlock() instanceof SquintBlock) {
      return new PassthroughTranslator<>();
    }
    throw new TranslateException(
        "%s was not loaded by the engine 'Squint'; say optEngine(\"Squint\")"
            .formatted(model.getName()));
  }
}
