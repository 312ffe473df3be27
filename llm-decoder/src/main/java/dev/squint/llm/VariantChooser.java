package dev.squint.llm;

import dev.squint.llm.model.ModelPackage;
import dev.squint.llm.model.Session;
import dev.squint.llm.model.Variants;
import dev.squint.vision.encoder.FeatureStore;
import dev.squint.vision.io.ContentHash;
import dev.squint.vision.onnx.Device;
import dev.squint.vision.onnx.DeviceUnavailableException;
import dev.squint.vision.onnx.OnnxRuntime;
import dev.squint.vision.onnx.graph.GraphCache;
import dev.squint.vision.picture.Picture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Chooses the fastest form of each graph on this machine by asking a question with each form that
 * the package has. The choice is stored in the cache folder, by the package's graphs, the processor
 * and the version of ONNX Runtime.
 *
 * @param cache the cache folder
 */
record VariantChooser(GraphCache cache) {

  private static final int EDGE = 512;
  private static final int TOKENS = 16;

  /** The first question opens lazily what the others use; the best of the others counts. */
  private static final int QUESTIONS = 3;

  /**
   * The times of one form, in milliseconds.
   *
   * @param failure why they are infinite: the form cannot be loaded or run
   */
  private record Speed(double encode, double decode, Optional<RuntimeException> failure) {
    static Speed failed(RuntimeException failure) {
      double never = Double.POSITIVE_INFINITY;
      return new Speed(never, never, Optional.of(failure));
    }
  }

  /**
   * What was measured.
   *
   * @param failures of forms that cannot be used
   */
  private record Measured(Variants fastest, List<RuntimeException> failures) {

    /** A device that refuses a graph may have room for it at the next start. */
    boolean lasts() {
      return failures.stream().noneMatch(DeviceUnavailableException.class::isInstance);
    }
  }

  /** That of the user's cache folder. */
  static VariantChooser ofUser() {
    return new VariantChooser(GraphCache.ofUser());
  }

  /**
   * Replaces {@link Variants#AUTO} by the fastest forms.
   *
   * @param options whose variants are automatic for some session
   * @throws IllegalArgumentException if the package is broken
   * @throws DeviceUnavailableException if a device is not available or can run no form
   */
  Variants choose(Path folder, LoadOptions options) {
    Map<Session, Set<String>> forms = forms(folder, options);
    Variants only = options.variants();
    for (Session session : options.variants().automatic()) {
      // Without a choice there is nothing to measure, and embeddings take no time in any form.
      Set<String> there = formsOf(forms, session);
      if (there.size() == 1 || session == Session.EMBED_TOKENS) {
        only = only.with(session, smallest(folder, options, session, there));
      }
    }
    if (only.automatic().isEmpty()) {
      return only;
    }
    String key = key(folder, options, Device.available());
    Path file = cache.folder().resolve("variants").resolve(key + ".txt");
    try {
      Optional<Variants> stored = stored(file);
      if (stored.isPresent()) {
        return stored.get();
      }
      Measured measured = measure(folder, options.withVariants(only), forms);
      Variants fastest = measured.fastest();
      if (!measured.lasts()) {
        return fastest;
      }
      Path parent = Objects.requireNonNull(file.getParent());
      Files.createDirectories(parent);
      // Another process may read it at the same time.
      Path unfinished = Files.createTempFile(parent, "choice", ".unfinished");
      Files.writeString(unfinished, fastest.toString());
      Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
      return fastest;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot store the choice of variants in " + file, e);
    }
  }

  /** The stored choice; empty if there is none or the file is damaged. */
  private static Optional<Variants> stored(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      Variants stored = Variants.parse(Files.readString(file));
      return stored.automatic().isEmpty() ? Optional.of(stored) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Measured measure(
      Path folder, LoadOptions options, Map<Session, Set<String>> forms) {
    Set<String> all = new LinkedHashSet<>();
    options.variants().automatic().forEach(session -> all.addAll(formsOf(forms, session)));
    Map<Session, Double> best = new EnumMap<>(Session.class);
    Variants fastest = options.variants();
    List<RuntimeException> failures = new ArrayList<>();
    for (String form : all) {
      Variants tried = options.variants();
      for (Session session : options.variants().automatic()) {
        Set<String> there = formsOf(forms, session);
        tried = tried.with(session, there.contains(form) ? form : there.iterator().next());
      }
      Speed speed = speed(folder, options.withVariants(tried));
      speed.failure().ifPresent(failures::add);
      for (Session session : options.variants().automatic()) {
        double time = session == Session.VISION_ENCODER ? speed.encode() : speed.decode();
        if (formsOf(forms, session).contains(form)
            && time < best.getOrDefault(session, Double.MAX_VALUE)) {
          best.put(session, time);
          fastest = fastest.with(session, form);
        }
      }
    }
    if (!fastest.automatic().isEmpty()) {
      for (RuntimeException failure : failures) {
        if (failure instanceof DeviceUnavailableException) {
          throw failure;
        }
      }
      throw new IllegalArgumentException(
          "no form of the graphs in %s can be run; name one by --variant to see why"
              .formatted(folder.getFileName()));
    }
    return new Measured(fastest, List.copyOf(failures));
  }

  private static Speed speed(Path folder, LoadOptions options) {
    try (VisionLanguageModel model =
        VisionLanguageModel.load(
            folder,
            options
                .withPrefixCacheBytes(0)
                .withEncoderCacheBytes(0)
                .withPictureCacheBytes(0)
                .withFeatures(FeatureStore.NONE)
                .withEncoder(null)
                .withPlans(List.of()))) {
      AskOptions ask = AskOptions.DEFAULT.withMaxTokens(TOKENS).withPromptReuse(false);
      double encode = Double.POSITIVE_INFINITY;
      double decode = Double.POSITIVE_INFINITY;
      for (int i = 0; i <= QUESTIONS; i++) {
        Timings times = model.ask(List.of(picture(i)), "What is this?", ask).timings();
        if (i > 0) {
          encode = Math.min(encode, times.encodeMillis());
          decode = Math.min(decode, times.prefillMillis() + times.decodeMillis());
        }
      }
      return new Speed(encode, decode, Optional.empty());
    } catch (IllegalArgumentException | IllegalStateException unusable) {
      return Speed.failed(unusable);
    }
  }

  private static Picture picture(int seed) {
    byte[] rgb = new byte[EDGE * EDGE * 3];
    new Random(seed).nextBytes(rgb);
    return new Picture(EDGE, EDGE, rgb);
  }

  /** The forms of each graph that the package has. */
  private static Map<Session, Set<String>> forms(Path folder, LoadOptions options) {
    Map<Session, Set<String>> forms = new EnumMap<>(Session.class);
    ModelPackage model = ModelPackage.read(folder, options.variants(), options.family());
    for (Session session : Session.values()) {
      forms.put(session, model.forms(session));
    }
    return forms;
  }

  private static Set<String> formsOf(Map<Session, Set<String>> forms, Session session) {
    return forms.getOrDefault(session, Set.of());
  }

  private static String smallest(
      Path folder, LoadOptions options, Session session, Set<String> forms) {
    String smallest = forms.iterator().next();
    long least = Long.MAX_VALUE;
    for (String form : forms) {
      Variants variants = Variants.ANY.with(session, form);
      Path graph = ModelPackage.read(folder, variants, options.family()).graph(session);
      long bytes = bytes(graph) + bytes(graph.resolveSibling(graph.getFileName() + "_data"));
      if (bytes < least) {
        least = bytes;
        smallest = form;
      }
    }
    return smallest;
  }

  private static long bytes(Path file) {
    return Files.exists(file) ? file.toFile().length() : 0;
  }

  /**
   * What the choice depends on.
   *
   * @param available the devices among which {@code auto} takes one
   */
  static String key(Path folder, LoadOptions options, List<Device.Kind> available) {
    StringBuilder text = new StringBuilder(options.variants().toString());
    if (!options.devices().areCpu()) {
      text.append(options.devices()).append(available);
    }
    ModelPackage model = ModelPackage.read(folder, options.variants(), options.family());
    Path place = model.folderOfGraphs();
    try (var files = Files.list(place)) {
      files
          .sorted()
          .forEach(
              file ->
                  text.append(file.toAbsolutePath())
                      .append(bytes(file))
                      .append(file.toFile().lastModified()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + place, e);
    }
    text.append(processor()).append(OnnxRuntime.environment().getVersion());
    return new ContentHash()
        .with(text.toString().getBytes(StandardCharsets.UTF_8))
        .hex()
        .substring(0, 32);
  }

  /** The instructions and number of cores, by which processors differ in what is fastest. */
  private static String processor() {
    Path info = Path.of("/proc/cpuinfo");
    String flags = System.getProperty("os.arch", "");
    try {
      if (Files.isReadable(info)) {
        flags =
            Files.readAllLines(info).stream()
                .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                .findFirst()
                .orElse(flags);
      }
    } catch (IOException e) {
      // The architecture alone then.
    }
    return flags + Runtime.getRuntime().availableProcessors();
  }
}
