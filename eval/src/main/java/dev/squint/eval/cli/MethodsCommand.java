package dev.squint.eval.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.Evidence;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.CacheMethod;
import dev.squint.pruner.plan.CachePolicies;
import dev.squint.pruner.plan.ExitStep;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.pruner.plan.RouterMethod;
import dev.squint.vision.picture.Picture;
import dev.squint.vision.picture.PictureReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
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

  private static final List<RouterMethod> ROUTERS = List.of(RouterMethod.values());

  @Option(names = "--json", description = "Print one JSON array.")
  private boolean json;

  @Option(
      names = "--draw",
      paramLabel = "DIR",
      description =
          "Draw into DIR what each method before the language model keeps of --picture, a quarter of the tokens unless it decides by itself.")
  private @Nullable Path draw;

  @Option(names = "--picture", paramLabel = "FILE", description = "The picture to draw.")
  private @Nullable Path picture;

  @Option(
      names = "--question",
      defaultValue = "What is in the picture?",
      paramLabel = "TEXT",
      description = "What methods that read the question are told (default: ${DEFAULT-VALUE}).")
  private String question = "";

  @Mixin private ModelOption model = new ModelOption();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (draw != null) {
      return draw(draw, out);
    }
    List<Method<?>> methods = MethodCatalogue.all().methods();
    if (json) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      methods.forEach(method -> array.add(json(method)));
      ROUTERS.forEach(method -> array.add(json(method)));
      array.add(exits());
      CachePolicies.all().forEach(method -> array.add(json(method)));
      out.println(array.toPrettyString());
      return 0;
    }
    for (Method<?> method : methods) {
      out.printf("%s: %s%n", method.name(), method.summary());
      out.printf(
          "    at %s; needs %s; %s; %s%s%n",
          String.join(", ", points(method)),
          needs(method).isEmpty() ? "nothing" : String.join(", ", needs(method)),
          method.training(),
          method.faithfulness(),
          method.paper().equals("none") ? "" : "; " + method.paper());
    }
    for (RouterMethod method : ROUTERS) {
      out.printf("%s: %s%n", method.methodName(), method.summary());
      out.printf(
          "    at %s; needs a package trained for it; %s; %s; %s%n",
          RouterMethod.POINT, Method.Training.TRAINED, method.faithfulness(), method.paper());
    }
    out.printf("%s: %s%n", ExitStep.NAME, ExitStep.SUMMARY);
    out.printf(
        "    at %s; needs nothing; %s; %s; %s%n",
        RouterMethod.POINT, Method.Training.TRAINED, ExitStep.FAITHFULNESS, ExitStep.PAPER);
    for (CacheMethod method : CachePolicies.all()) {
      out.printf("%s: %s%n", method.name(), method.summary());
      out.printf(
          "    at %s; needs %s; %s; %s; %s%n",
          Point.CACHE,
          needs(method.defaults().needs()).isEmpty()
              ? "nothing"
              : String.join(", ", needs(method.defaults().needs())),
          Method.Training.FREE,
          method.faithfulness(),
          method.paper());
    }
    return 0;
  }

  private int draw(Path folder, PrintWriter out) {
    if (picture == null) {
      throw new ParameterException(
          spec.commandLine(), "--draw needs a picture to draw: give --picture FILE");
    }
    Picture drawn = new PictureReader().read(picture);
    try (VisionLanguageModel loaded = model.load(List.of())) {
      MethodMaps.draw(loaded, drawn, question, folder).forEach(out::println);
    }
    return 0;
  }

  private static ObjectNode json(RouterMethod method) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("name", method.methodName());
    node.put("summary", method.summary());
    node.putArray("points").add(RouterMethod.POINT);
    node.put("paper", method.paper());
    node.putArray("needs").add(method.needs().toString());
    node.put("training", Method.Training.TRAINED.toString());
    node.put("faithfulness", method.faithfulness().toString());
    node.put("budget", Method.Budgeting.ADAPTIVE.toString());
    return node;
  }

  private static ObjectNode exits() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("name", ExitStep.NAME);
    node.put("summary", ExitStep.SUMMARY);
    node.putArray("points").add(RouterMethod.POINT);
    node.put("paper", ExitStep.PAPER);
    node.putArray("needs");
    node.put("training", Method.Training.TRAINED.toString());
    node.put("faithfulness", ExitStep.FAITHFULNESS.toString());
    node.put("budget", Method.Budgeting.ADAPTIVE.toString());
    return node;
  }

  private static ObjectNode json(CacheMethod method) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("name", method.name());
    node.put("summary", method.summary());
    node.putArray("points").add(Point.CACHE.toString());
    node.put("paper", method.paper());
    needs(method.defaults().needs()).forEach(node.putArray("needs")::add);
    node.put("training", Method.Training.FREE.toString());
    node.put("faithfulness", method.faithfulness().toString());
    node.put("budget", method.budgeting().toString());
    return node;
  }

  private static ObjectNode json(Method<?> method) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("name", method.name());
    node.put("summary", method.summary());
    points(method).forEach(node.putArray("points")::add);
    node.put("paper", method.paper());
    needs(method).forEach(node.putArray("needs")::add);
    node.put("training", method.training().toString());
    node.put("faithfulness", method.faithfulness().toString());
    node.put("budget", method.budgeting().toString());
    return node;
  }

  private static List<String> points(Method<?> method) {
    return method.points().stream().sorted().map(Point.Kind::toString).toList();
  }

  private static List<String> needs(Method<?> method) {
    return needs(method.defaults().needs());
  }

  private static List<String> needs(Set<Evidence<?>> evidence) {
    return evidence.stream().map(Evidence::toString).sorted().toList();
  }
}
