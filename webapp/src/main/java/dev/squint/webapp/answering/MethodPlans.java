package dev.squint.webapp.answering;

import dev.squint.llm.VisionLanguageModel;
import dev.squint.pruner.Point;
import dev.squint.pruner.plan.Method;
import dev.squint.pruner.plan.MethodCatalogue;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.webapp.http.ApiException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Plans of one method, for requests that do not name a point. The first possible point is taken, in
 * this order: after the encoder, patches, tiles, frames, between decoder layers (first after a
 * quarter of them), inside the encoder, all decoder layers, cache.
 */
public final class MethodPlans {

  private static final List<Point.Kind> PREFERRED =
      List.of(
          Point.Kind.ENCODER,
          Point.Kind.PATCHES,
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
   * The plan of one method at a point that the loaded model supports.
   *
   * @param keep share of the visual tokens that is kept, or null if the method decides
   * @param param the field of the request with the method's name
   * @throws ApiException if there is no such method or it does not accept this share
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
    List<Method> named;
    try {
      named = MethodCatalogue.all().named(name);
    } catch (IllegalArgumentException e) {
      throw Plans.invalid(param, String.valueOf(e.getMessage()));
    }
    List<MethodAt> possible =
        named.stream()
            .flatMap(method -> MethodPoints.of(method).stream().map(at -> new MethodAt(method, at)))
            .sorted(
                Comparator.comparing((MethodAt at) -> rank(at.point()))
                    .thenComparing(MethodAt::layers))
            .toList();
    // If it works nowhere, the check of the plan says why not at the first point.
    return possible.stream()
        .filter(at -> MethodPoints.whyNot(at.method(), at.point(), model) == null)
        .findFirst()
        .orElse(possible.get(0))
        .point();
  }

  /** A method at one of its points. */
  private record MethodAt(Method method, Point point) {
    int layers() {
      return point.layers();
    }
  }

  /** Lower is tried first; decoder layers before the first quarter come after the others. */
  private int rank(Point point) {
    int quarter = Math.max(1, model.decoder().cachedLayers() / 4);
    boolean early = point.kind() == Point.Kind.DECODER && point.layers() < quarter;
    return 2 * PREFERRED.indexOf(point.kind()) + (early ? 1 : 0);
  }
}
