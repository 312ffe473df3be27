package dev.squint.eval.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.squint.eval.data.Tables;
import dev.squint.eval.metric.Interval;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a run as a CSV table: a row for each data set and plan, and a row for each of
 * their kinds of questions. Columns have the names of {@code summary.json} and {@code times.json}.
 *
 * @param summary figures of the run
 * @param timings times of the run
 */
public record CsvReport(Summary summary, List<DataSetReport.Timing> timings) {

  /** Returns the table with a header. */
  public String text() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < summary.families().size(); i++) {
      DataSetReport family = summary.families().get(i);
      List<Times> times = i < timings.size() ? timings.get(i).plans() : List.of();
      for (int p = 0; p < family.plans().size(); p++) {
        Figures figures = family.plans().get(p);
        rows.add(row(family, figures, p < times.size() ? times.get(p) : null));
        figures.kinds().forEach((kind, part) -> rows.add(kindRow(family, figures, kind, part)));
      }
    }
    return written(rows);
  }

  private static Map<String, Object> start(
      DataSetReport family, Figures figures, String kind, int questions) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("set", family.name());
    row.put("plan", figures.plan());
    row.put("kind", kind);
    row.put("questions", questions);
    return row;
  }

  private static Map<String, Object> kindRow(
      DataSetReport family, Figures figures, String kind, Figures.Kind part) {
    Map<String, Object> row = start(family, figures, kind, part.questions());
    put(row, "accuracy", part.accuracy());
    return row;
  }

  private static Map<String, Object> row(
      DataSetReport family, Figures figures, @Nullable Times times) {
    Map<String, Object> row = start(family, figures, "", family.questions());
    put(row, "accuracy", figures.accuracy());
    row.put("pictures", family.pictures());
    row.put("failed", figures.failed());
    row.put("unparsed", figures.unparsed());
    put(row, "relative", figures.relative());
    put(row, "difference", figures.difference());
    row.put("agreement", figures.agreement());
    put(row, "hard", figures.hard());
    put(row, "unseen", figures.unseen());
    Figures.Objects objects = figures.objects();
    if (objects != null) {
      row.put("objects.questions", objects.questions());
      row.put("objects.kept_on_things", objects.keptOnThings());
      row.put("objects.kept_anywhere", objects.keptAnywhere());
      put(row, "objects.found", objects.found());
    }
    row.put("tokens.encoded_mean", figures.tokens().encodedMean());
    row.put("tokens.kept_mean", figures.tokens().keptMean());
    row.put("tokens.kept_p95", figures.tokens().keptP95());
    row.put("tokens.layer_mean", figures.tokens().layerMean());
    row.put("kv_bytes_mean", figures.kvBytesMean());
    row.put("prompt_tokens_mean", figures.promptTokensMean());
    row.put("cut_off", figures.cutOff());
    Figures.Costs costs = figures.flops();
    if (costs != null) {
      row.put("flops.prefill.fastv", costs.prefill().fastv());
      row.put("flops.prefill.swiglu_macs", costs.prefill().swigluMacs());
      row.put("flops.prefill.full", costs.prefill().full());
      row.put("flops.prefill.grouped", costs.prefill().grouped());
      row.put("flops.encoder", costs.encoder());
      put(row, "flops.pruner", costs.pruner());
    }
    if (times != null) {
      put(row, times);
    }
    put(row, "further.", figures.further());
    put(row, "harnesses.", figures.harnesses());
    return row;
  }

  private static void put(Map<String, Object> row, Times times) {
    row.put("ms.preprocess", times.preprocess());
    row.put("ms.encode", times.encode());
    row.put("ms.prune", times.prune());
    row.put("ms.prefill", times.prefill());
    row.put("ms.decode", times.decode());
    row.put("ms.first_token", times.ttft());
    row.put("encodes_cached", times.encodesCached());
  }

  private static void put(Map<String, Object> row, String name, Figures.@Nullable Kind part) {
    if (part != null) {
      row.put(name + ".questions", part.questions());
      put(row, name, part.accuracy());
    }
  }

  private static void put(Map<String, Object> row, String name, @Nullable Interval interval) {
    if (interval != null) {
      row.put(name, interval.value());
      row.put(name + ".low", interval.low());
      row.put(name + ".high", interval.high());
    }
  }

  private static void put(Map<String, Object> row, String name, @Nullable Double value) {
    if (value != null) {
      row.put(name, value);
    }
  }

  private static void put(
      Map<String, Object> row, String prefix, SortedMap<String, Double> figures) {
    figures.forEach((name, value) -> row.put(prefix + name, value));
  }

  /** Columns in the order of their first row; figures that a row lacks are empty cells. */
  private static String written(List<Map<String, Object>> rows) {
    Set<String> columns = new LinkedHashSet<>();
    rows.stream().map(Map::keySet).forEach((Collection<String> keys) -> columns.addAll(keys));
    CsvSchema.Builder schema = CsvSchema.builder();
    columns.forEach(schema::addColumn);
    try {
      return Tables.CSV.writer(schema.build().withHeader()).writeValueAsString(rows);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
