package dev.squint.eval.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A folder with data, or a zip that is read like a folder; the zip stays open until {@link #close}.
 */
public final class DataFolder implements AutoCloseable {

  private final String name;
  private final Path root;
  private final @Nullable FileSystem zip;

  private DataFolder(String name, Path root, @Nullable FileSystem zip) {
    this.name = name;
    this.root = root;
    this.zip = zip;
  }

  /**
   * Opens a folder or a zip.
   *
   * @throws IllegalArgumentException if the path does not exist or is neither
   */
  public static DataFolder open(Path path) {
    Path fileName = path.toAbsolutePath().normalize().getFileName();
    String name = fileName == null ? "data" : fileName.toString();
    if (Files.isDirectory(path)) {
      return new DataFolder(name, path, null);
    }
    if (!Files.exists(path)) {
      throw new IllegalArgumentException(
          path + " is neither a benchmark's name nor a folder or zip that exists");
    }
    try {
      FileSystem zip = FileSystems.newFileSystem(path);
      Path root = zip.getRootDirectories().iterator().next();
      return new DataFolder(name.replaceFirst("(?i)\\.zip$", ""), root, zip);
    } catch (ZipException | ProviderNotFoundException e) {
      throw new IllegalArgumentException(
          path + " is neither a folder nor a zip; give a data set as one of these", e);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be read", e);
    }
  }

  /** Name of the folder, or of the zip without its extension. */
  public String name() {
    return name;
  }

  /** Path of the folder, or of the root inside the zip. */
  public Path root() {
    return root;
  }

  /**
   * Returns the folder that contains one of these files: the root, or a folder directly in it,
   * because zips often have a top folder; null if neither contains one.
   */
  public @Nullable Path folderWith(List<String> files) {
    for (Path folder : candidates()) {
      if (files.stream().anyMatch(file -> Files.isRegularFile(folder.resolve(file)))) {
        return folder;
      }
    }
    return null;
  }

  private List<Path> candidates() {
    List<Path> folders = new ArrayList<>(List.of(root));
    try (var inside = Files.newDirectoryStream(root, Files::isDirectory)) {
      inside.forEach(folders::add);
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be listed".formatted(name), e);
    }
    folders.sort(null);
    return folders;
  }

  @Override
  public void close() {
    if (zip != null) {
      try {
        zip.close();
      } catch (IOException e) {
        throw new UncheckedIOException("%s cannot be closed".formatted(name), e);
      }
    }
  }
}
