package dev.squint.webapp.model;

import com.sun.management.OperatingSystemMXBean;
import dev.squint.llm.CalibrationFiles;
import dev.squint.llm.LoadOptions;
import dev.squint.spring.AnswerMeters;
import dev.squint.spring.InvalidSettingException;
import dev.squint.spring.ModelLocator;
import dev.squint.spring.SquintProperties;
import dev.squint.vision.picture.PictureReader;
import dev.squint.webapp.ServerSettings;
import dev.squint.webapp.ServerSettings.Role;
import dev.squint.webapp.SettingsCheck;
import dev.squint.webapp.answering.ServedModel;
import dev.squint.webapp.http.ApiException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/**
 * The models of the server by name. The first is loaded at the start, the others at first use. When
 * a model does not fit into the memory bound, the least recently used ones without a question are
 * closed. Thread-safe.
 */
@Component
public final class ModelRegistry implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ModelRegistry.class);
  private static final String FIRST = "default";
  private static final String LATEST = ":latest";
  private static final Duration RETRY = Duration.ofSeconds(5);
  private static final String ADVICE =
      "Give --model a folder in the Hugging Face ONNX layout, OWNER/NAME on a hub, or arch:NAME.";

  private final List<ModelSlot> slots;
  private final AnswerMeters meters;
  private final long mostMemory;
  private final Object lock = new Object();
  // One model at a time, so that the memory bound holds.
  private final ExecutorService loader =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "model-loader"));
  private final boolean encodesOnly;
  private long uses;

  ModelRegistry(
      SquintProperties properties,
      LoadOptions options,
      ModelLocator locator,
      ServerSettings settings,
      PictureReader pictures,
      AnswerMeters meters,
      SettingsCheck checkedBefore) {
    Objects.requireNonNull(checkedBefore, "unknown settings are found before a model is loaded");
    this.meters = meters;
    long bound = settings.work().modelMemory().toBytes();
    this.mostMemory = bound > 0 ? bound : machineMemory() / 2;
    List<ModelSlot> all = new ArrayList<>();
    LoadOptions offered =
        options.withCalibrations(
            CalibrationFiles.of(settings.calibrations().stream().map(Path::of).toList()));
    for (String given : properties.model().split(",", -1)) {
      // The plans of the settings are for the first model.
      LoadOptions own = all.isEmpty() ? offered : offered.withPlans(List.of());
      ModelSource source = new ModelSource(given.strip(), locator, own, settings, pictures);
      all.add(new ModelSlot(source, names(source)));
    }
    this.slots = List.copyOf(all);
    this.encodesOnly = settings.role() == Role.ENCODE;
    if (!encodesOnly) {
      loadFirst();
    }
  }

  private static List<String> names(ModelSource source) {
    try {
      return source.names();
    } catch (RuntimeException e) {
      throw InvalidSettingException.of("squint.model", source.given(), ADVICE, e);
    }
  }

  private static long machineMemory() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  /** A model on this machine is loaded before the server answers; a download runs meanwhile. */
  private void loadFirst() {
    ModelSlot first = slots.get(0);
    CompletableFuture<ServedModel> loading;
    synchronized (lock) {
      loading = startLoading(first);
    }
    if (!first.source.mayWait()) {
      try {
        loading.join();
      } catch (CompletionException e) {
        loader.shutdownNow();
        Throwable cause = e.getCause() == null ? e : e.getCause();
        throw InvalidSettingException.of("squint.model", first.source.given(), ADVICE, cause);
      }
    }
  }

  /**
   * A model in use.
   *
   * @param release must be called when the model is not needed any more
   */
  public record Lease(ServedModel model, Runnable release) {}

  /** The ids of all models, the default first. */
  public List<String> ids() {
    return slots.stream().map(ModelSlot::id).toList();
  }

  /** Something of each model, the default first; a model that is not loaded is null. */
  public <T> List<T> list(BiFunction<String, @Nullable ServedModel, T> of) {
    synchronized (lock) {
      return slots.stream().map(slot -> of.apply(slot.id(), slot.loaded)).toList();
    }
  }

  /** The default model, or null while it is loaded or if it could not be loaded. */
  public @Nullable ServedModel first() {
    synchronized (lock) {
      return slots.get(0).loaded;
    }
  }

  /** Whether the default model answers, or this replica only encodes and needs no model. */
  boolean isReady() {
    return encodesOnly || first() != null;
  }

  /** Why the default model could not be loaded, or null. */
  @Nullable Throwable failure() {
    synchronized (lock) {
      return slots.get(0).failure;
    }
  }

  /**
   * The id of a model.
   *
   * @param name as in a request; null for the default
   * @throws ApiException if there is no such model
   */
  public String id(@Nullable String name) {
    return slot(name).id();
  }

  private ModelSlot slot(@Nullable String name) {
    if (name == null || name.equals(FIRST)) {
      return slots.get(0);
    }
    // Ollama's clients add a tag.
    String plain =
        name.endsWith(LATEST) ? name.substring(0, name.length() - LATEST.length()) : name;
    return slots.stream()
        .filter(slot -> slot.names.contains(plain))
        .findFirst()
        .orElseThrow(
            () ->
                new ApiException(
                    HttpStatus.NOT_FOUND,
                    "model_not_found",
                    "model",
                    "there is no model '%s'; there are '%s'"
                        .formatted(
                            name.length() <= 80 ? name : name.substring(0, 80) + "...",
                            String.join("', '", ids()))));
  }

  /**
   * A model for one request, loaded if it is not.
   *
   * @param name as in the request; null for the default
   * @return the model, or an {@link ApiException}: there is none of this name, it is being
   *     downloaded, or it could not be loaded
   */
  public Mono<Lease> acquire(@Nullable String name) {
    return Mono.defer(
        () -> {
          ModelSlot slot = slot(name);
          if (encodesOnly) {
            return Mono.error(encodesOnly());
          }
          CompletableFuture<ServedModel> loading;
          synchronized (lock) {
            if (slot.loaded != null) {
              return Mono.just(lease(slot, slot.loaded));
            }
            loading = slot.loading == null ? startLoading(slot) : slot.loading;
          }
          if (slot.source.mayWait()) {
            return Mono.error(unavailable("model_loading", "the model '%s' is being loaded", slot));
          }
          return Mono.fromFuture(loading, true)
              .onErrorMap(
                  error -> !(error instanceof ApiException),
                  error ->
                      unavailable(
                          "model_failed",
                          "the model '%s' could not be loaded; the server's log has the reason",
                          slot))
              .flatMap(loaded -> acquire(name));
        });
  }

  private static ApiException encodesOnly() {
    return new ApiException(
            HttpStatus.SERVICE_UNAVAILABLE,
            "encodes_only",
            null,
            "this replica encodes pictures for others; send questions to a replica with squint.role=all or answer")
        .retryAfter(RETRY);
  }

  private static ApiException unavailable(String code, String message, ModelSlot slot) {
    return new ApiException(
            HttpStatus.SERVICE_UNAVAILABLE, code, "model", message.formatted(slot.id()))
        .retryAfter(RETRY);
  }

  private Lease lease(ModelSlot slot, ServedModel model) {
    slot.users++;
    slot.lastUsed = ++uses;
    return new Lease(model, () -> release(slot));
  }

  private void release(ModelSlot slot) {
    synchronized (lock) {
      slot.users--;
    }
  }

  private CompletableFuture<ServedModel> startLoading(ModelSlot slot) {
    CompletableFuture<ServedModel> loading =
        CompletableFuture.supplyAsync(() -> load(slot), loader);
    slot.loading = loading;
    slot.failure = null;
    return loading;
  }

  private ServedModel load(ModelSlot slot) {
    try {
      LOG.info("loading the model {}", slot.id());
      Path folder = slot.source.locate();
      makeRoom(slot, ModelSource.memory(folder));
      ServedModel loaded = slot.source.load(slot.id(), folder);
      meters.watch(loaded.model());
      synchronized (lock) {
        slot.loaded = loaded;
        slot.loading = null;
        slot.lastUsed = ++uses;
      }
      LOG.info("the model {} is loaded", slot.id());
      return loaded;
    } catch (RuntimeException | Error e) {
      synchronized (lock) {
        slot.loading = null;
        slot.failure = e;
      }
      LOG.error("the model {} could not be loaded: {}", slot.id(), e.getMessage());
      throw e;
    }
  }

  /** Closes the least recently used models until another one fits. */
  private void makeRoom(ModelSlot slot, long memory) {
    List<ModelSlot> closed = new ArrayList<>();
    synchronized (lock) {
      slot.memory = memory;
      List<ModelSlot> others =
          slots.stream()
              .filter(other -> other != slot && other.loaded != null)
              .sorted(Comparator.comparingLong(other -> other.lastUsed))
              .toList();
      long sum = memory + others.stream().mapToLong(other -> other.memory).sum();
      for (ModelSlot other : others) {
        if (sum > mostMemory && other.users == 0) {
          closed.add(other);
          sum -= other.memory;
        }
      }
      if (sum > mostMemory && others.size() > closed.size()) {
        throw unavailable(
            "model_memory", "the model '%s' does not fit beside the models in use", slot);
      }
      for (ModelSlot other : closed) {
        ServedModel model = other.loaded;
        other.loaded = null;
        if (model != null) {
          LOG.info("closing the model {}, which was not used for longest", other.id());
          model.model().close();
        }
      }
    }
  }

  /** Closes all models, after the answers in progress. */
  @Override
  public void close() {
    loader.shutdownNow();
    synchronized (lock) {
      for (ModelSlot slot : slots) {
        if (slot.loaded != null) {
          slot.loaded.model().close();
          slot.loaded = null;
        }
      }
    }
  }
}
