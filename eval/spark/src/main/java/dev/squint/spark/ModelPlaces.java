package dev.squint.spark;

import dev.squint.llm.hub.Hub;
import dev.squint.llm.hub.HubSettings;
import dev.squint.llm.hub.ModelFolders;
import dev.squint.llm.hub.PullProgress;
import dev.squint.llm.model.Variants;
import dev.squint.vision.onnx.graph.GraphCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the package of a model on a node.
 *
 * @param hadoop for archives: credentials and file systems
 */
record ModelPlaces(Configuration hadoop) {

  private static final Logger LOG = LoggerFactory.getLogger(ModelPlaces.class);
  private static final String ARCHIVE = ".zip";
  private static final String CONFIG = "config.json";

  /**
   * The folder of a model. An archive is copied and unpacked once on each node; other processes of
   * the node wait for it at a file lock.
   *
   * @param model folder, {@code arch:NAME}, {@code OWNER/NAME} or the URI of a zip archive
   * @throws IllegalArgumentException if there is no package
   * @throws UncheckedIOException if an archive cannot be read or unpacked
   */
  Path folder(String model, Variants variants) {
    if (model.toLowerCase(Locale.ROOT).endsWith(ARCHIVE)) {
      try {
        return unpacked(model);
      } catch (IOException e) {
        throw new UncheckedIOException(
            "the model archive %s cannot be unpacked: %s".formatted(model, e.getMessage()), e);
      }
    }
    Path folder =
        new ModelFolders(
                () -> new Hub(HubSettings.ofUser()),
                GraphCache.ofUser(),
                LOG::info,
                PullProgress.SILENT)
            .folder(model, variants);
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "there is no model folder %s on this node; copy the package to the same path on each node, or give the URI of a zip archive"
              .formatted(folder));
    }
    return folder;
  }

  private Path unpacked(String archive) throws IOException {
    org.apache.hadoop.fs.Path source = new org.apache.hadoop.fs.Path(archive);
    FileSystem files = source.getFileSystem(hadoop);
    FileStatus status = files.getFileStatus(source);
    // A changed archive is a different model, so its length and time are part of the name.
    String name =
        "%s-%s-%s-%s"
            .formatted(
                source.getName().substring(0, source.getName().length() - ARCHIVE.length()),
                HexFormat.of().toHexDigits(archive.hashCode()),
                Long.toHexString(status.getLen()),
                Long.toHexString(status.getModificationTime()));
    Path parent = GraphCache.ofUser().folder().resolve("spark-models");
    Files.createDirectories(parent);
    Path target = parent.resolve(name);
    try (FileChannel channel =
            FileChannel.open(
                parent.resolve(name + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (lock.isValid() && !Files.isDirectory(target)) {
        Path fresh = Files.createTempDirectory(parent, name + ".");
        try {
          try (ZipInputStream zip = new ZipInputStream(files.open(source))) {
            unpack(zip, fresh);
          }
          Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
          FileUtil.fullyDelete(fresh.toFile());
        }
      }
    }
    return packageIn(target);
  }

  private static void unpack(ZipInputStream zip, Path target) throws IOException {
    for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      Path file = target.resolve(entry.getName()).normalize();
      if (!file.startsWith(target)) {
        throw new IOException("the entry '%s' lies outside the archive".formatted(entry.getName()));
      }
      if (entry.isDirectory()) {
        Files.createDirectories(file);
      } else {
        Files.createDirectories(file.getParent());
        Files.copy(zip, file);
      }
    }
  }

  /** The package may lie in a folder of the archive. */
  private static Path packageIn(Path unpacked) throws IOException {
    try (Stream<Path> walk = Files.walk(unpacked, 2)) {
      return walk.filter(file -> file.getFileName().toString().equals(CONFIG))
          .map(Path::getParent)
          .min((a, b) -> Integer.compare(a.getNameCount(), b.getNameCount()))
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "the model archive holds no %s; it must hold a package or one folder with it"
                          .formatted(CONFIG)));
    }
  }
}
