package dev.squint.eval.report;

import dev.squint.eval.cost.EncoderShape;
import dev.squint.eval.cost.Flops;
import dev.squint.eval.cost.ModelCost;
import dev.squint.eval.data.DataSet;
import dev.squint.eval.data.Question;
import dev.squint.eval.metric.Aggregate;
import dev.squint.eval.metric.Bootstrap;
import dev.squint.eval.metric.ExactMatch;
import dev.squint.eval.metric.Graded;
import dev.squint.eval.metric.Grading;
import dev.squint.eval.metric.Interval;
import dev.squint.eval.run.AnswerLine;
import dev.squint.eval.run.AnswerLine.Encoded;
import dev.squint.eval.run.AnswerLog;
import dev.squint.eval.run.Baselines;
import dev.squint.eval.run.ObjectTokens;
import dev.squint.eval.run.TaskData;
import dev.squint.pruner.plan.PruningPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Computes the figures of a finished run. */
public final class Summariser {

  /** The plan that the others are compared with. */
  public static final String UNPRUNED = "none";

  private final AnswerLog log;
  private final List<PruningPlan> conditions;
  private final List<String> plans;
  private final Optional<ModelCost> cost;

  /**
   * Creates a summariser.
   *
   * @param conditions the conditions of the run, including the unpruned one
   * @param cost sizes of the model, if known
   * @throws IllegalArgumentException if the unpruned condition is missing
   */
  public Summariser(AnswerLog log, List<PruningPlan> conditions, Optional<ModelCost> cost) {
    if (!plans(conditions).contains(UNPRUNED)) {
      throw new IllegalArgumentException(
          "the run needs the plan '%s' for comparison, but it has only %s"
              .formatted(UNPRUNED, conditions));
    }
    this.log = log;
    this.conditions = List.copyOf(conditions);
    this.plans = plans(conditions);
    this.cost = cost;
  }

  private static List<String> plans(List<PruningPlan> conditions) {
    return conditions.stream().map(PruningPlan::toString).toList();
  }

  /**
   * Returns the figures of a data set.
   *
   * @throws IllegalStateException if an answer is missing
   */
  public DataSetReport family(TaskData assignment) {
    DataSet set = assignment.set();
    List<String> clusters = set.questions().stream().map(Question::cluster).toList();
    List<AnswerLine> unpruned = answers(set, UNPRUNED);
    List<Figures> figures =
        conditions.stream()
            .map(
                condition ->
                    figures(
                        condition,
                        assignment,
                        clusters,
                        answers(set, condition.toString()),
                        unpruned))
            .toList();
    int pictures = (int) clusters.stream().distinct().count();
    return new DataSetReport(set.name(), set.questions().size(), pictures, figures);
  }

  /** Returns the times of a data set. */
  public DataSetReport.Timing timing(DataSet set) {
    return new DataSetReport.Timing(
        set.name(), plans.stream().map(plan -> times(plan, given(answers(set, plan)))).toList());
  }

  /** Returns the scores of a data set, question by question. */
  public List<PlanScores> scores(TaskData assignment) {
    DataSet set = assignment.set();
    Grading grading = assignment.task().gradings().get(0);
    return plans.stream()
        .map(
            plan -> {
              double[] scores = scores(grade(grading, set, answers(set, plan)));
              return new PlanScores(set.name(), plan, Arrays.stream(scores).boxed().toList());
            })
        .toList();
  }

  private List<AnswerLine> answers(DataSet set, String plan) {
    List<AnswerLine> answers = new ArrayList<>();
    for (Question question : set.questions()) {
      @Nullable AnswerLine answer = log.find(set.name(), plan, question.id());
      if (answer == null) {
        throw new IllegalStateException(
            "question '%s' of '%s' has no answer under plan '%s'; the run is not finished"
                .formatted(question.id(), set.name(), plan));
      }
      answers.add(answer);
    }
    return answers;
  }

  private Figures figures(
      PruningPlan condition,
      TaskData assignment,
      List<String> clusters,
      List<AnswerLine> answers,
      List<AnswerLine> unpruned) {
    String plan = condition.toString();
    int n = answers.size();
    DataSet set = assignment.set();
    List<Grading> gradings = assignment.task().gradings();
    List<Graded> graded = grade(gradings.get(0), set, answers);
    List<Graded> gradedUnpruned = grade(gradings.get(0), set, unpruned);
    double[] scores = scores(graded);
    double[] unprunedScores = scores(gradedUnpruned);
    List<AnswerLine> given = given(answers);
    double[] kept = values(given, AnswerLine::keptTokens);
    double[] differences = new double[n];
    double[] equal = new double[n];
    for (int i = 0; i < n; i++) {
      differences[i] = scores[i] - unprunedScores[i];
      equal[i] = ExactMatch.same(answers.get(i).answer(), unpruned.get(i).answer()) ? 1 : 0;
    }
    return new Figures(
        plan,
        Bootstrap.of(graded, gradings.get(0).aggregate()),
        new TreeMap<>(gradings.get(0).aggregate().further(graded)),
        harnesses(gradings, set, answers),
        graded.stream().mapToDouble(answer -> answer.score().parsed() ? 0 : 1).average().orElse(0),
        relative(gradings.get(0).aggregate(), graded, gradedUnpruned),
        hard(condition, assignment, clusters, scores, unprunedScores),
        objects(given),
        costs(given),
        plan.equals(UNPRUNED) ? null : Bootstrap.mean(clusters, differences),
        Statistics.mean(equal),
        new Figures.Tokens(
            Statistics.mean(values(given, AnswerLine::visualTokens)),
            Statistics.mean(kept),
            Statistics.percentile95(kept),
            Statistics.mean(values(given, this::layerTokens))),
        Statistics.mean(values(given, AnswerLine::kvBytes)),
        Statistics.mean(values(given, AnswerLine::promptTokens)),
        Statistics.mean(values(given, line -> line.finishReason().equals("length") ? 1 : 0)),
        kinds(set, clusters, scores),
        unseen(set, clusters, scores),
        n - given.size());
  }

  /** The answers without those of questions that could not be asked. */
  private static List<AnswerLine> given(List<AnswerLine> answers) {
    return answers.stream().filter(answer -> !answer.failed()).toList();
  }

  private static List<Graded> grade(Grading grading, DataSet set, List<AnswerLine> answers) {
    List<Graded> graded =
        grading.grade(set.questions(), answers.stream().map(AnswerLine::answer).toList());
    return IntStream.range(0, graded.size())
        .mapToObj(i -> answers.get(i).failed() ? graded.get(i).failed() : graded.get(i))
        .toList();
  }

  private static double[] scores(List<Graded> graded) {
    return graded.stream().mapToDouble(answer -> answer.score().value()).toArray();
  }

  private static SortedMap<String, Double> harnesses(
      List<Grading> gradings, DataSet set, List<AnswerLine> answers) {
    SortedMap<String, Double> figures = new TreeMap<>();
    for (Grading grading : gradings.subList(1, gradings.size())) {
      figures.put(grading.name(), grading.aggregate().of(grade(grading, set, answers)));
    }
    return figures;
  }

  private static @Nullable Double relative(
      Aggregate aggregate, List<Graded> graded, List<Graded> unpruned) {
    double all = aggregate.of(unpruned);
    return all == 0 ? null : (Double) (aggregate.of(graded) / all);
  }

  // VTC-Bench's hard group: questions that a smaller picture with the same share of tokens gets
  // wrong.
  private Figures.@Nullable Kind hard(
      PruningPlan condition,
      TaskData assignment,
      List<String> clusters,
      double[] scores,
      double[] unprunedScores) {
    OptionalDouble keep = Baselines.keep(condition);
    if (keep.isEmpty()) {
      return null;
    }
    String smaller = Baselines.downsample(keep.getAsDouble()).toString();
    if (!plans.contains(smaller) || smaller.equals(condition.toString())) {
      return null;
    }
    DataSet set = assignment.set();
    double[] smallerScores =
        scores(grade(assignment.task().gradings().get(0), set, answers(set, smaller)));
    List<Integer> part =
        IntStream.range(0, scores.length)
            .filter(i -> unprunedScores[i] >= 0.5 && smallerScores[i] < 0.5)
            .boxed()
            .toList();
    return part.isEmpty() ? null : kind(part, clusters, scores);
  }

  private static Figures.@Nullable Objects objects(List<AnswerLine> answers) {
    int questions = 0;
    double all = 0;
    double kept = 0;
    double anywhere = 0;
    double found = 0;
    for (AnswerLine answer : answers) {
      ObjectTokens objects = answer.objects();
      if (objects != null && objects.all() > 0) {
        questions++;
        all += objects.all();
        kept += objects.kept();
        found += objects.kept() > 0 ? 1 : 0;
        anywhere += (double) answer.keptTokens() / answer.visualTokens();
      }
    }
    return questions == 0
        ? null
        : new Figures.Objects(questions, kept / all, anywhere / questions, found / questions);
  }

  private Figures.@Nullable Costs costs(List<AnswerLine> answers) {
    if (cost.isEmpty() || answers.isEmpty()) {
      return null;
    }
    ModelCost model = cost.get();
    List<Flops> prefills =
        answers.stream()
            .map(
                line ->
                    line.layerTokens() == null || line.layerTokens().isEmpty()
                        ? model.ofDecoder().prefill(line.promptTokens())
                        : model.ofDecoder().prefill(line.layerTokens()))
            .toList();
    double encoder =
        answers.stream().mapToDouble(line -> encoder(model.encoder(), line)).average().orElse(0);
    return new Figures.Costs(Flops.mean(prefills), encoder, pruner(answers));
  }

  /** Of what went through the encoder; of all visual tokens in logs that do not say it. */
  private static double encoder(EncoderShape encoder, AnswerLine line) {
    Encoded encoded = line.encoded();
    if (encoded == null) {
      return line.visualTokens() * encoder.perToken();
    }
    return encoded.work() == null
        ? encoder.operations(encoded.tokens(), encoded.tiles())
        : encoder.operations(encoded.work());
  }

  // Null if older answers in the log do not record it.
  private static @Nullable Double pruner(List<AnswerLine> answers) {
    double sum = 0;
    for (AnswerLine answer : answers) {
      @Nullable Long operations = answer.pruneOperations();
      if (operations == null) {
        return null;
      }
      sum += operations;
    }
    return sum / answers.size();
  }

  /**
   * Mean number of visual tokens per decoder layer; for a layer that ran twice, the sum of both
   * runs.
   */
  private double layerTokens(AnswerLine line) {
    if (line.layerTokens() == null || line.layerTokens().isEmpty()) {
      return line.keptTokens();
    }
    int text = line.promptTokens() - line.keptTokens();
    int layers = cost.map(model -> model.decoder().layers()).orElse(line.layerTokens().size());
    return line.layerTokens().stream().mapToDouble(tokens -> tokens - text).sum() / layers;
  }

  private static SortedMap<String, Figures.Kind> kinds(
      DataSet set, List<String> clusters, double[] scores) {
    Map<String, List<Integer>> members = new LinkedHashMap<>();
    for (int i = 0; i < scores.length; i++) {
      members.computeIfAbsent(set.questions().get(i).kind(), kind -> new ArrayList<>()).add(i);
    }
    SortedMap<String, Figures.Kind> kinds = new TreeMap<>();
    members.forEach((kind, part) -> kinds.put(kind, kind(part, clusters, scores)));
    return kinds;
  }

  private static Figures.@Nullable Kind unseen(
      DataSet set, List<String> clusters, double[] scores) {
    List<Integer> part =
        IntStream.range(0, scores.length)
            .filter(i -> set.questions().get(i).unseen())
            .boxed()
            .toList();
    return part.isEmpty() ? null : kind(part, clusters, scores);
  }

  private static Figures.Kind kind(List<Integer> part, List<String> clusters, double[] scores) {
    Interval accuracy =
        Bootstrap.mean(
            part.stream().map(clusters::get).toList(),
            part.stream().mapToDouble(i -> scores[i]).toArray());
    return new Figures.Kind(part.size(), accuracy);
  }

  private static Times times(String plan, List<AnswerLine> answers) {
    return new Times(
        plan,
        median(answers, line -> line.ms().preprocess()),
        median(answers, line -> line.ms().encode()),
        median(answers, line -> line.ms().prune()),
        median(answers, line -> line.ms().prefill()),
        median(answers, line -> line.ms().decode()),
        median(answers, line -> line.ms().ttft()),
        Statistics.mean(values(answers, line -> line.ms().encodeCached() ? 1 : 0)));
  }

  private static double median(List<AnswerLine> answers, ToDoubleFunction<AnswerLine> figure) {
    return Statistics.median(values(answers, figure));
  }

  private static double[] values(List<AnswerLine> answers, ToDoubleFunction<AnswerLine> figure) {
    return answers.stream().mapToDouble(figure).toArray();
  }
}
