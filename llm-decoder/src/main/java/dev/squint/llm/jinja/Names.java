package dev.squint.llm.jinja;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names that belong to one block, and what each is when the block begins. Decided from the text
 * alone, in the order of reads and writes, as Jinja2's compiler does: whether a name is the block's
 * own does not depend on what has run.
 */
final class Names implements NameUse {

  /** What a name is when its block begins. */
  enum Origin {
    /** Given by what opens the block: a loop's item, a macro's argument. */
    PARAMETER,
    /** The variable that the template was given. */
    VARIABLE,
    /** The name of the same spelling outside. */
    OUTER,
    NOTHING
  }

  private final @Nullable Names outer;
  private final Map<String, Origin> origins;
  private final Set<String> written;

  private Names(@Nullable Names outer, Map<String, Origin> origins, Set<String> written) {
    this.outer = outer;
    this.origins = origins;
    this.written = written;
  }

  static Names root() {
    return new Names(null, new LinkedHashMap<>(), new HashSet<>());
  }

  Names inner() {
    return new Names(this, new LinkedHashMap<>(), new HashSet<>());
  }

  Map<String, Origin> origins() {
    return origins;
  }

  private boolean knows(String name) {
    return origins.containsKey(name) || (outer != null && outer.knows(name));
  }

  @Override
  public void reads(String name) {
    if (!knows(name)) {
      origins.put(name, Origin.VARIABLE);
    }
  }

  @Override
  public void writes(String name) {
    written.add(name);
    if (!origins.containsKey(name)) {
      origins.put(name, outer != null && outer.knows(name) ? Origin.OUTER : Origin.NOTHING);
    }
  }

  void parameter(String name) {
    written.add(name);
    origins.put(name, Origin.PARAMETER);
  }

  /** The same names, for one branch of a condition. */
  Names branch() {
    return new Names(outer, new HashMap<>(origins), new HashSet<>(written));
  }

  /** Takes over what the branches of a condition use. One of them runs, or none. */
  void join(Iterable<Names> branches) {
    Set<String> inBranches = new HashSet<>();
    branches.forEach(branch -> inBranches.addAll(branch.written));
    inBranches.removeAll(written);
    for (Names branch : branches) {
      origins.putAll(branch.origins);
      written.addAll(branch.written);
    }
    for (String name : inBranches) {
      origins.put(name, outer != null && outer.knows(name) ? Origin.OUTER : Origin.VARIABLE);
    }
  }
}
