package dev.squint.llm.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.squint.llm.model.Variants;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Downloads packages from a hub: the files that one variant of each graph needs, with checksums
 * verified, into a folder that later pulls and other processes reuse. Thread-safe.
 *
 * <p>A package is in {@code HOST/OWNER/COMMIT/NAME}. Beside it are the hub's listing of the commit,
 * and for each revision its commit at the last pull.
 */
public final class Hub {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HubSettings settings;
  private final HubConnection connection;

  /** Uses the hub of these settings. */
  public Hub(HubSettings settings) {
    this.settings = settings;
    this.connection = new HubConnection(settings);
  }

  /**
   * Requests the current commit of a revision, and downloads the files that are missing.
   *
   * @return the package's folder
   * @throws IllegalArgumentException if the hub has no such package, does not give it to this user,
   *     or it lacks a graph
   * @throws UncheckedIOException if it cannot be downloaded or written
   */
  public Path pull(RepositoryName name, Variants variants, PullProgress progress) {
    String answer = connection.patiently("the listing of " + name, progress, () -> listing(name));
    Listing listing = Listing.read(answer, name);
    try {
      Path place = place(name).resolve(listing.commit());
      Path folder = place.resolve(name.name());
      Files.createDirectories(folder);
      put(place.resolve(name.name() + ".listing.json"), answer);
      Download download = new Download(connection, settings, name, progress);
      bring(download, NeededFiles.configuration(listing), listing, folder);
      List<HubFile> large =
          new ArrayList<>(NeededFiles.graphs(listing, config(folder, name), variants, name));
      large.addAll(NeededFiles.named(listing, squint(folder, name), name));
      requireSpace(large, folder);
      bring(download, large, listing, folder);
      put(reference(name), listing.commit());
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s cannot be kept in %s: %s".formatted(name, settings.folder(), e.getMessage()), e);
    }
  }

  /** The package's folder if all needed files are on this machine; makes no request. */
  public Optional<Path> find(RepositoryName name, Variants variants) {
    try {
      if (!Files.isRegularFile(reference(name))) {
        return Optional.empty();
      }
      Path place = place(name).resolve(Files.readString(reference(name)));
      Path folder = place.resolve(name.name());
      Listing listing =
          Listing.read(Files.readString(place.resolve(name.name() + ".listing.json")), name);
      List<HubFile> needed = new ArrayList<>(NeededFiles.configuration(listing));
      needed.addAll(NeededFiles.graphs(listing, config(folder, name), variants, name));
      needed.addAll(NeededFiles.named(listing, squint(folder, name), name));
      return needed.stream().allMatch(file -> Files.isRegularFile(folder.resolve(file.path())))
          ? Optional.of(folder)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // Damaged from outside: brought again.
    }
  }

  private String listing(RepositoryName name) throws IOException, InterruptedException {
    String path =
        "/api/models/%s/%s/revision/%s?blobs=true"
            .formatted(name.owner(), name.name(), name.revision().replace("/", "%2F"));
    try (InputStream body = connection.get(path, name, 0).body()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    } catch (Interruption e) {
      throw e;
    } catch (IOException e) {
      throw new Interruption(HubConnection.reason(e), null, e);
    }
  }

  private static void bring(Download download, List<HubFile> files, Listing listing, Path folder)
      throws IOException {
    for (HubFile file : files) {
      download.bring(file, listing.commit(), folder);
    }
  }

  private static JsonNode config(Path folder, RepositoryName name) throws IOException {
    Path file = folder.resolve("config.json");
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(name + " has no config.json, so it is no model package");
    }
    return JSON.readTree(Files.readString(file));
  }

  private static JsonNode squint(Path folder, RepositoryName name) throws IOException {
    Path file = folder.resolve("squint.json");
    if (!Files.isRegularFile(file)) {
      return MissingNode.getInstance();
    }
    try {
      return JSON.readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "the squint.json of %s is not valid JSON: %s".formatted(name, e.getOriginalMessage()), e);
    }
  }

  private static void requireSpace(List<HubFile> files, Path folder) throws IOException {
    long missing =
        files.stream()
            .filter(file -> !Files.isRegularFile(folder.resolve(file.path())))
            .mapToLong(file -> Math.max(0, file.size()))
            .sum();
    long free = Files.getFileStore(folder).getUsableSpace();
    if (missing > free) {
      throw new IOException(
          "the download needs %d MiB but %d MiB are free".formatted(missing >> 20, free >> 20));
    }
  }

  private Path place(RepositoryName name) {
    String host = settings.hub().getAuthority().replaceAll("[^A-Za-z0-9.-]", "_");
    return settings.folder().resolve(host).resolve(name.owner());
  }

  private Path reference(RepositoryName name) {
    return place(name)
        .resolve("revisions")
        .resolve(name.name())
        .resolve(name.revision().replace("/", "%2F"));
  }

  private static void put(Path file, String content) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path unfinished = Files.createTempFile(folder, "unfinished", null);
    Files.writeString(unfinished, content);
    Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
