package dev.squint.webapp.model;

import dev.squint.webapp.answering.ServedModel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The state of one model. All fields are guarded by the registry's lock. */
final class ModelSlot {

  final ModelSource source;
  final List<String> names;

  @Nullable ServedModel loaded;
  @Nullable CompletableFuture<ServedModel> loading;
  @Nullable Throwable failure;
  int users;
  long lastUsed;
  long memory;

  ModelSlot(ModelSource source, List<String> names) {
    this.source = source;
    this.names = names;
  }

  String id() {
    return names.get(0);
  }
}
