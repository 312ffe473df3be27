package dev.squint.llm.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Downloads one file. It gets its final name when it is complete and its checksum fits. Until then
 * the received bytes are in a file that ends in {@code .part}, from which a later download resumes.
 * A lock file makes a second process wait for the first.
 */
final class Download {

  private static final Map<Path, Object> IN_THIS_PROCESS = new ConcurrentHashMap<>();
  private static final Pattern RANGE = Pattern.compile("bytes (\\d+)-\\d+/(\\d+|\\*)");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}|[0-9a-f]{40}");
  private static final int BUFFER = 1 << 16;
  private static final ScheduledExecutorService WATCH =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "squint-downloads");
            thread.setDaemon(true);
            return thread;
          });

  private final HubConnection connection;
  private final HubSettings settings;
  private final RepositoryName name;
  private final PullProgress progress;

  Download(
      HubConnection connection, HubSettings settings, RepositoryName name, PullProgress progress) {
    this.connection = connection;
    this.settings = settings;
    this.name = name;
    this.progress = progress;
  }

  /** Downloads a file into a folder, unless it is there. */
  void bring(HubFile file, String commit, Path folder) throws IOException {
    Path target = folder.resolve(file.path());
    Path parent = target.getParent();
    if (parent == null || !target.normalize().startsWith(folder.normalize())) {
      throw new IllegalArgumentException(file.path() + " would lie outside of " + folder);
    }
    Files.createDirectories(parent);
    synchronized (IN_THIS_PROCESS.computeIfAbsent(target.toAbsolutePath(), path -> new Object())) {
      Path lock = beside(target, ".lock");
      try (FileChannel channel =
              FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock held = channel.lock()) {
        if (held.isValid() && !Files.isRegularFile(target)) {
          String path =
              "/%s/%s/resolve/%s/%s"
                  .formatted(name.owner(), name.name(), commit, escaped(file.path()));
          connection.patiently(
              "%s of %s".formatted(file.path(), name),
              progress,
              () -> {
                attempt(path, file, target);
                return target;
              });
        }
      }
    }
  }

  private static Path beside(Path file, String ending) {
    return file.resolveSibling(file.getFileName() + ending);
  }

  /** A path, escaped for an address. */
  static String escaped(String path) {
    try {
      return new java.net.URI(null, null, "/" + path, null).getRawPath().substring(1);
    } catch (java.net.URISyntaxException e) {
      throw new IllegalArgumentException("no address can have the path " + path, e);
    }
  }

  private void attempt(String path, HubFile listed, Path target)
      throws IOException, InterruptedException {
    Path part = beside(target, ".part");
    long have = Files.isRegularFile(part) ? Files.size(part) : 0;
    if (have != listed.size() || have == 0) {
      HttpResponse<InputStream> response = connection.get(path, name, have);
      listed = completed(listed, response.headers(), response.statusCode() == 200);
      receive(response, listed, part, have);
    }
    String mismatch = listed.mismatch(part);
    if (!mismatch.isEmpty()) {
      Files.delete(part);
      throw new Interruption("the received file " + mismatch + " and was deleted", null, null);
    }
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Size and checksum from the response where the listing has none. */
  private static HubFile completed(HubFile listed, HttpHeaders headers, boolean whole) {
    long size = listed.size();
    if (size < 0 && whole) {
      size = headers.firstValueAsLong("content-length").orElse(-1);
    }
    String hash = listed.hash();
    if (hash.isEmpty()) {
      String tag =
          headers.firstValue("x-linked-etag").orElse(headers.firstValue("etag").orElse(""));
      Matcher matcher = HASH.matcher(tag.replace("\"", ""));
      hash = matcher.matches() ? matcher.group() : "";
    }
    return new HubFile(listed.path(), size, hash);
  }

  private void receive(HttpResponse<InputStream> response, HubFile file, Path part, long have)
      throws IOException {
    if (response.statusCode() == 416) {
      response.body().close();
      Files.deleteIfExists(part);
      throw new Interruption("the part on disk belongs to another file", null, null);
    }
    boolean goesOn = response.statusCode() == 206 && from(response) == have && have > 0;
    if (response.statusCode() == 206 && !goesOn) {
      response.body().close();
      Files.deleteIfExists(part);
      throw new Interruption("the hub sent another range than requested", null, null);
    }
    long done = goesOn ? have : 0;
    try (InputStream body = response.body();
        FileChannel channel =
            FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.truncate(done);
      channel.position(done);
      byte[] buffer = new byte[BUFFER];
      int read;
      while ((read = read(body, buffer)) >= 0) {
        done += read;
        if (file.size() >= 0 && done > file.size()) {
          Files.deleteIfExists(part);
          throw new IOException(
              "the hub sends more than the %d bytes announced".formatted(file.size()));
        }
        for (ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read); bytes.hasRemaining(); ) {
          channel.write(bytes);
        }
        progress.received(file.path(), done, file.size());
      }
      channel.force(true);
    }
    if (file.size() >= 0 && done < file.size()) {
      throw new Interruption(
          "the connection ended after %d of %d bytes".formatted(done, file.size()), null, null);
    }
  }

  private static long from(HttpResponse<?> response) {
    Matcher range = RANGE.matcher(response.headers().firstValue("content-range").orElse(""));
    return range.matches() ? Long.parseLong(range.group(1)) : -1;
  }

  /** Reads the next bytes; fails if the connection gives none for too long. */
  private int read(InputStream body, byte[] buffer) throws IOException {
    ScheduledFuture<?> alarm =
        WATCH.schedule(
            () -> {
              body.close();
              return true;
            },
            settings.stall().toMillis(),
            TimeUnit.MILLISECONDS);
    try {
      int read = body.read(buffer);
      if (!alarm.cancel(false) && read < 0) {
        throw new IOException("no data for %d s".formatted(settings.stall().toSeconds()));
      }
      return read;
    } catch (IOException e) {
      throw new Interruption(
          "the connection broke (%s)".formatted(HubConnection.reason(e)), null, e);
    } finally {
      alarm.cancel(false);
    }
  }
}
