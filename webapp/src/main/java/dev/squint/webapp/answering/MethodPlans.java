package dev.squint.webapp.answering;

import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.webapp.http.Refusal;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Plans of one method, for requests that do not say where it acts: after the encoder if it can
 * there; else before it on tiles, then on frames; else in the decoder, first after a quarter of its
 * layers; else inside the encoder; else in all layers of the decoder; else on the cache.
 */
@Component
public final class MethodPlans {

  private static final List<Point.Kind> PREFERRED =
      List.of(
          Point.Kind.ENCODER,
          Point.Kind.TILES,
          Point.Kind.FRAMES,
          Point.Kind.DECODER,
          Point.Kind.INSIDE_ENCODER,
          Point.Kind.ALL_LAYERS,
          Point.Kind.CACHE);

  private final VisionLanguageModel model;
  private final Map<String, Point> points = new ConcurrentHashMap<>();

  MethodPlans(VisionLanguageModel model) {
    this.model = model;
  }

  /**
   * The plan of one method, where the loaded model can follow it.
   *
   * @param keep share of the visual tokens that stays, or null where the method decides
   * @param param what in the request holds the name of the method
   * @throws Refusal if there is no such method or it does not take this share
   */
  public PruningPlan of(String method, @Nullable Double keep, String param) {
    if (method.equals("none")) {
      return PruningPlan.none();
    }
    Point point = points.get(method);
    if (point == null) {
      point = find(method, param);
      points.put(method, point);
    }
    return Plans.parse(point + ":" + method + (keep == null ? "" : "(keep=" + keep + ")"), param);
  }

  private Point find(String name, String param) {
    Method method;
    try {
      method = MethodCatalogue.all().get(name);
    } catch (IllegalArgumentException e) {
      throw Plans.invalid(param, String.valueOf(e.getMessage()));
    }
    List<Point> possible =
        MethodPoints.of(method).stream()
            .sorted(Comparator.comparing(this::rank).thenComparing(Point::layers))
            .toList();
    // If it works nowhere, the check of the plan says why not at the first point.
    return possible.stream()
        .filter(point -> MethodPoints.whyNot(method, point, model) == null)
        .findFirst()
        .orElse(possible.get(0));
  }

  /** Lower is tried first; of the decoder's layers those after the first quarter. */
  private int rank(Point point) {
    int quarter = Math.max(1, model.decoder().cachedLayers() / 4);
    boolean early = point.kind() == Point.Kind.DECODER && point.layers() < quarter;
    return 2 * PREFERRED.indexOf(point.kind()) + (early ? 1 : 0);
  }
}
