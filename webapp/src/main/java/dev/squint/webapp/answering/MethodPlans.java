package dev.squint.webapp.answering;

import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.CacheMethod;
import dev.squint.pruner.plan.CachePolicies;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.webapp.http.Refusal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Plans of one method, for requests that do not say where it acts: after the encoder if it can
 * there; else before it on tiles, then on frames; else in the decoder, first after a quarter of its
 * layers; else inside the encoder; else on the cache.
 */
@Component
public final class MethodPlans {

  /** Layers of an encoder are looked for up to here. */
  private static final int MOST_ENCODER_LAYERS = 200;

  private static final Set<Method.Budgeting> DECIDE_THEMSELVES =
      Set.of(Method.Budgeting.ADAPTIVE, Method.Budgeting.EITHER);

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
    return Plans.parse(step(point, method, keep), param);
  }

  private Point find(String method, String param) {
    for (CacheMethod known : CachePolicies.all()) {
      if (known.name().equals(method)) {
        return Point.CACHE;
      }
    }
    Method<?> known;
    try {
      known = MethodCatalogue.all().get(method);
    } catch (IllegalArgumentException e) {
      throw Plans.invalid(param, String.valueOf(e.getMessage()));
    }
    List<Point> possible = possible(known.points());
    Double keep = DECIDE_THEMSELVES.contains(known.budgeting()) ? null : 0.5;
    // If it works nowhere, the check of the plan says why not at the first point.
    return possible.stream()
        .filter(point -> works(step(point, method, keep)))
        .findFirst()
        .orElse(possible.get(0));
  }

  private List<Point> possible(Set<Point.Kind> kinds) {
    int layers = model.decoder().cachedLayers();
    int quarter = Math.max(1, layers / 4);
    return Stream.of(
            Stream.of(Point.ENCODER, Point.TILES, Point.FRAMES),
            IntStream.range(quarter, layers).mapToObj(Point::decoder),
            IntStream.range(1, quarter).mapToObj(Point::decoder),
            IntStream.rangeClosed(1, MOST_ENCODER_LAYERS).mapToObj(Point::insideEncoder))
        .flatMap(points -> points)
        .filter(point -> kinds.contains(point.kind()))
        .toList();
  }

  private boolean works(String plan) {
    try {
      model.check(PruningPlan.parse(plan));
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String step(Point point, String method, @Nullable Double keep) {
    return point + ":" + method + (keep == null ? "" : "(keep=" + keep + ")");
  }
}
