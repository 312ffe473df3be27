package dev.squint.eval.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Lists the catalogue of pruning methods. */
@Command(
    name = "methods",
    description = "Lists the pruning methods that a plan can name.",
    mixinStandardHelpOptions = true)
final class MethodsCommand implements Callable<Integer> {

  @Option(names = "--json", description = "Print one JSON array.")
  private boolean json;

  @Option(
      names = "--draw",
      paramLabel = "DIR",
      description =
          "Write to DIR, as NAME.png, the tokens of --picture that each method before the language model keeps: a quarter, unless the method sets its own budget.")
  private @Nullable Path draw;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      description = "Draw only this method; may be repeated.")
  private List<String> only = List.of();

  @Option(names = "--picture", paramLabel = "FILE", description = "The picture to draw.")
  private @Nullable Path picture;

  @Option(
      names = "--question",
      defaultValue = "What is in the picture?",
      paramLabel = "TEXT",
      description = "Question for methods that use it (default: ${DEFAULT-VALUE}).")
  private String question = "";

  @Mixin private ModelOption model = new ModelOption();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (draw == null && !only.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--method needs --draw DIR; add it");
    }
    if (draw != null) {
      return draw(draw, out);
    }
    List<Method> methods = MethodCatalogue.all().methods();
    if (json) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      methods.forEach(method -> array.add(json(method)));
      out.println(array.toPrettyString());
      return 0;
    }
    for (Method method : methods) {
      out.printf("%s: %s%n", method.name(), method.summary());
      out.printf(
          "    at %s; needs %s; %s; %s%s%n",
          String.join(", ", method.pointNames()),
          method.needs().isEmpty() ? "nothing" : String.join(", ", needs(method)),
          method.training(),
          method.faithfulness(),
          method.paper().equals("none") ? "" : "; " + method.paper());
    }
    return 0;
  }

  private int draw(Path folder, PrintWriter out) {
    if (picture == null) {
      throw new ParameterException(
          spec.commandLine(), "--draw needs a picture; add --picture FILE");
    }
    List<Method> methods =
        only.isEmpty()
            ? MethodMaps.all()
            : only.stream().flatMap(name -> MethodMaps.named(name).stream()).toList();
    Picture drawn = new PictureReader().read(picture);
    try (VisionLanguageModel loaded = model.load(List.of())) {
      MethodMaps.draw(loaded, methods, drawn, question, folder).forEach(out::println);
    }
    return 0;
  }

  private static ObjectNode json(Method method) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("name", method.name());
    node.put("summary", method.summary());
    method.pointNames().forEach(node.putArray("points")::add);
    node.put("paper", method.paper());
    needs(method).forEach(node.putArray("needs")::add);
    node.put("training", method.training().toString());
    node.put("faithfulness", method.faithfulness().toString());
    node.put("budget", method.budgeting().toString());
    return node;
  }

  private static List<String> needs(Method method) {
    return method.needs().stream().map(Evidence::toString).sorted().toList();
  }
}
