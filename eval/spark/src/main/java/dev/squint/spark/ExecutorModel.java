package dev.squint.spark;

import dev.squint.eval.calibrate.Calibration;
import dev.squint.eval.run.Fingerprint;
import dev.squint.llm.LoadOptions;
import dev.squint.llm.VisionLanguageModel;
import dev.squint.llm.model.Variants;
import dev.squint.pruner.plan.PruningPlan;
import dev.squint.vision.onnx.SessionSettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * The models of this executor's JVM: one for each {@link ModelSettings}, shared by all tasks and
 * counted. A model that no task uses stays loaded for the next task; it is closed when a task needs
 * a different one. Thread-safe.
 */
final class ExecutorModel {

  private static final Map<ModelSettings, Loaded> LOADED = new HashMap<>();

  private ExecutorModel() {}

  private static final class Loaded {
    private final VisionLanguageModel model;
    private final String sha256;
    private int leases;

    private Loaded(VisionLanguageModel model, String sha256) {
      this.model = model;
      this.sha256 = sha256;
    }
  }

  /** A task's use of a model. Closing it twice has no effect. */
  static final class Lease implements AutoCloseable {
    private final Loaded loaded;
    private boolean closed;

    private Lease(Loaded loaded) {
      this.loaded = loaded;
    }

    /** The model, open until this lease is closed. */
    VisionLanguageModel model() {
      return loaded.model;
    }

    /** SHA-256 of all files of the package, in hexadecimal digits. */
    String sha256() {
      return loaded.sha256;
    }

    @Override
    public void close() {
      synchronized (LOADED) {
        if (!closed) {
          closed = true;
          loaded.leases--;
        }
      }
    }
  }

  /**
   * Returns the model, and loads it when it is the first use in this JVM. Other tasks wait for it.
   *
   * @param threads threads of ONNX Runtime if the settings leave them open
   * @throws IllegalArgumentException if there is no such package
   */
  static Lease acquire(ModelSettings settings, int threads, Configuration hadoop) {
    synchronized (LOADED) {
      Loaded loaded = LOADED.get(settings);
      if (loaded == null) {
        closeUnused();
        loaded = load(settings, threads, hadoop);
        LOADED.put(settings, loaded);
      }
      loaded.leases++;
      return new Lease(loaded);
    }
  }

  /** How many models are loaded in this JVM. */
  static int loaded() {
    synchronized (LOADED) {
      return LOADED.size();
    }
  }

  private static void closeUnused() {
    for (Iterator<Loaded> each = LOADED.values().iterator(); each.hasNext(); ) {
      Loaded loaded = each.next();
      if (loaded.leases == 0) {
        each.remove();
        loaded.model.close();
      }
    }
  }

  private static Loaded load(ModelSettings settings, int threads, Configuration hadoop) {
    // DJL must not access the network for a model in a local folder.
    System.setProperty("ai.djl.offline", "true");
    Variants variants =
        settings.variant().isBlank() ? Variants.ANY : Variants.parse(settings.variant());
    Path folder = new ModelPlaces(hadoop).folder(settings.model(), variants);
    List<PruningPlan> plans =
        settings.plans().stream().map(Calibration::expand).map(PruningPlan::parse).toList();
    VisionLanguageModel model =
        VisionLanguageModel.load(
            folder,
            LoadOptions.DEFAULT
                .withVariants(variants)
                .withSettings(
                    SessionSettings.DEFAULT.withThreads(
                        settings.threads() > 0 ? settings.threads() : threads))
                // Each row is a new question, so that stored prompts are of little use. Rows about
                // one
                // picture follow each other, so that its tiles are kept.
                .withPrefixCacheBytes(0)
                .withPlans(plans));
    try {
      plans.forEach(model::check);
      return new Loaded(model, Fingerprint.of(model.model().folder()));
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }
}
