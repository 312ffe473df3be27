package dev.squint.pruner.plan;

import dev.squint.pruner.Budget;
import dev.squint.pruner.FrameTokens;
import dev.squint.pruner.Point;
import dev.squint.pruner.RandomTokens;
import dev.squint.pruner.Tile;
import dev.squint.pruner.TokenReduction;
import dev.squint.pruner.TokenSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What it costs to choose among 2,880 tokens of 1,024 features: five tiles of 24 x 24 as LLaVA-NeXT
 * has them, 16 heads, keep 0.25, one thread. Methods that compare frames have five frames of 24 x
 * 24, methods for tiles choose among four crops, methods for frames among 64.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgs = {"-Xmx2g", "-XX:ActiveProcessorCount=1"})
public class SelectionCost {
  private static final RandomTokens.Sizes SIZES = new RandomTokens.Sizes(1024, 16, 16, 1024, 16);

  private static final Set<String> COMPARE_FRAMES =
      Set.of("evs", "static-patches", "merge-frames", "vidcom2", "dycoke", "quota");

  /** Name of the method; all that act before the decoder when {@link #main} runs. */
  @Param("none")
  public String method = "none";

  private Step<?> step = step(MethodCatalogue.all().get("none"));
  private TokenSet tokens = tokens(MethodCatalogue.all().get("none"));

  @Setup
  public void prepare() {
    Method chosen = MethodCatalogue.all().get(method);
    step = step(chosen);
    tokens = tokens(chosen);
  }

  @Benchmark
  public TokenReduction choose() {
    return step.reduce(tokens);
  }

  private static Step<?> step(Method method) {
    Point.Kind kind =
        method.points().contains(Point.Kind.ENCODER)
            ? Point.Kind.ENCODER
            : method.points().iterator().next();
    boolean between = kind == Point.Kind.INSIDE_ENCODER || kind == Point.Kind.DECODER;
    Budget quarter = Budget.ratio(0.25);
    return new Step<>(
        new Point(kind, between ? 1 : 0),
        method,
        TokenMethods.action(method),
        method.budgeting().allows(quarter) ? quarter : Budget.adaptive());
  }

  private static TokenSet tokens(Method method) {
    List<Tile> tiles =
        COMPARE_FRAMES.contains(method.name())
            ? RandomTokens.frames(5, 24, 24)
            : RandomTokens.crops(2, 2, 24);
    RandomTokens values = RandomTokens.of(1, tiles).sized(SIZES);
    return TokenMethods.action(method).actsOn() == FrameTokens.class
        ? FrameTokens.of(
            values.matrix(64, 1024),
            IntStream.range(0, 64).asDoubleStream().toArray(),
            values.matrix(1, 64).data())
        : values.tokens(TokenMethods.action(method).actsOn(), method.needs());
  }

  /**
   * Measures all methods that act before the decoder, or those that are named after the folder for
   * the results.
   */
  public static void main(String[] arguments) throws RunnerException, IOException {
    Path folder = Path.of(arguments[0]);
    List<String> names = new ArrayList<>(List.of(arguments).subList(1, arguments.length));
    if (names.isEmpty()) {
      TokenMethods.all().stream()
          .filter(method -> !method.points().equals(Set.of(Point.Kind.DECODER)))
          .forEach(method -> names.add(method.name()));
    }
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(SelectionCost.class.getSimpleName())
                    .param("method", names.toArray(String[]::new))
                    .resultFormat(ResultFormatType.JSON)
                    .result(folder.resolve("selection-cost.json").toString())
                    .build())
            .run();
    StringBuilder table =
        new StringBuilder(
            "%s %s, %d cores, Java %s.%n%n"
                .formatted(
                    System.getProperty("os.name"),
                    System.getProperty("os.arch"),
                    Runtime.getRuntime().availableProcessors(),
                    System.getProperty("java.version")));
    table.append("| method | ms | +- |\n|---|---:|---:|\n");
    for (RunResult result : results) {
      table.append(
          String.format(
              Locale.ROOT,
              "| %s | %.2f | %.2f |%n",
              result.getParams().getParam("method"),
              result.getPrimaryResult().getScore(),
              result.getPrimaryResult().getScoreError()));
    }
    Files.writeString(folder.resolve("selection-cost.md"), table);
  }
}
