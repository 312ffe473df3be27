package dev.squint.eval.metric;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import net.sf.extjwnl.JWNLException;
import net.sf.extjwnl.data.Exc;
import net.sf.extjwnl.data.IndexWord;
import net.sf.extjwnl.data.POS;
import net.sf.extjwnl.data.Pointer;
import net.sf.extjwnl.data.PointerType;
import net.sf.extjwnl.data.Synset;
import net.sf.extjwnl.dictionary.Dictionary;
import org.jspecify.annotations.Nullable;

/**
 * WordNet 3.0 as NLTK 3.3 reads it, for NExT-QA's official scores: lemmas by WordNet's detachment
 * rules (morphy), and Wu-Palmer similarity ("Verb semantics and lexical selection", ACL 1994)
 * between first senses. Loaded at the first use.
 */
final class WordNet {

  /** Parts of speech in the order in which the senses of a word are listed. */
  private static final List<POS> PARTS = List.of(POS.NOUN, POS.VERB, POS.ADJECTIVE, POS.ADVERB);

  /** Suffixes and their replacements, from morphy(7WN). */
  private static final Map<POS, String[][]> DETACHMENT =
      Map.of(
          POS.NOUN,
          new String[][] {
            {"s", ""},
            {"ses", "s"},
            {"ves", "f"},
            {"xes", "x"},
            {"zes", "z"},
            {"ches", "ch"},
            {"shes", "sh"},
            {"men", "man"},
            {"ies", "y"}
          },
          POS.VERB,
          new String[][] {
            {"s", ""},
            {"ies", "y"},
            {"es", "e"},
            {"es", ""},
            {"ed", "e"},
            {"ed", ""},
            {"ing", "e"},
            {"ing", ""}
          },
          POS.ADJECTIVE,
          new String[][] {{"er", ""}, {"est", ""}, {"er", "e"}, {"est", "e"}},
          POS.ADVERB,
          new String[][] {});

  private final Dictionary dictionary;

  private WordNet(Dictionary dictionary) {
    this.dictionary = dictionary;
  }

  /** Returns the WordNet data on the class path. */
  static WordNet get() {
    return Loaded.WORD_NET;
  }

  private static final class Loaded {
    private static final WordNet WORD_NET = load();

    private static WordNet load() {
      return new WordNet(read(Dictionary::getDefaultResourceInstance));
    }
  }

  @FunctionalInterface
  private interface Reading<T extends @Nullable Object> {
    T get() throws JWNLException;
  }

  private static <T extends @Nullable Object> T read(Reading<T> reading) {
    try {
      return reading.get();
    } catch (JWNLException e) {
      throw new IllegalStateException("WordNet cannot be read: " + e.getMessage(), e);
    }
  }

  /** Returns the lemmas of a word that are in WordNet, the word itself first. */
  List<String> baseForms(String word, POS part) {
    List<String> forms = new ArrayList<>(List.of(word));
    List<String> irregular = irregular(word, part);
    forms.addAll(irregular.isEmpty() ? detached(forms, part) : irregular);
    List<String> known = known(forms, part);
    List<String> last = irregular.isEmpty() ? detached(List.of(word), part) : List.of();
    while (known.isEmpty() && !last.isEmpty()) {
      last = detached(last, part);
      known = known(last, part);
    }
    return known;
  }

  private List<String> known(List<String> forms, POS part) {
    return forms.stream().distinct().filter(form -> index(form, part) != null).toList();
  }

  private static List<String> detached(List<String> forms, POS part) {
    List<String> detached = new ArrayList<>();
    for (String form : forms) {
      for (String[] rule : DETACHMENT.getOrDefault(part, new String[0][])) {
        if (form.endsWith(rule[0])) {
          detached.add(form.substring(0, form.length() - rule[0].length()) + rule[1]);
        }
      }
    }
    return detached;
  }

  private List<String> irregular(String word, POS part) {
    @Nullable Exc exception = read(() -> dictionary.getException(part, word));
    return exception == null ? List.of() : exception.getExceptions();
  }

  private @Nullable IndexWord index(String form, POS part) {
    return form.isBlank() ? null : read(() -> dictionary.getIndexWord(part, form));
  }

  /**
   * Returns the first sense of a word as a noun, otherwise as a verb, an adjective or an adverb.
   */
  @Nullable Synset firstSense(String word) {
    for (POS part : PARTS) {
      for (String form : baseForms(word.toLowerCase(Locale.ROOT), part)) {
        IndexWord index = index(form, part);
        if (index != null) {
          return index.getSenses().get(0);
        }
      }
    }
    return null;
  }

  /**
   * Wu-Palmer similarity: twice the depth of the lowest common ancestor divided by the sum of both
   * depths below it; 0 without a common ancestor. If the first sense is not a noun, an artificial
   * root is added above both, so the order of the arguments matters.
   */
  double similarity(Synset one, Synset other) {
    boolean root = one.getPOS() != POS.NOUN;
    Map<Synset, Integer> above = distances(one);
    Map<Synset, Integer> aboveOther = distances(other);
    Set<Synset> shared = new HashSet<>(above.keySet());
    shared.retainAll(aboveOther.keySet());
    int deepest = shared.stream().mapToInt(this::leastDepth).max().orElse(0);
    boolean below = shared.contains(one) && leastDepth(one) == deepest;
    if (shared.isEmpty() || (root && deepest == 0 && !below)) {
      // The artificial root is one step above the most distant ancestor.
      int steps = Collections.max(above.values()) + Collections.max(aboveOther.values()) + 2;
      return root ? 2.0 / (steps + 2) : 0;
    }
    Synset subsumer =
        below
            ? one
            : shared.stream()
                .filter(sense -> leastDepth(sense) == deepest)
                .min(Comparator.comparing(this::name))
                .orElseThrow();
    double depth = mostDepth(subsumer) + 1;
    return 2
        * depth
        / (above.getOrDefault(subsumer, 0) + aboveOther.getOrDefault(subsumer, 0) + 2 * depth);
  }

  /** Returns the ancestors of a sense, including itself, with their distances. */
  private static Map<Synset, Integer> distances(Synset sense) {
    Map<Synset, Integer> distances = new LinkedHashMap<>();
    List<Synset> level = List.of(sense);
    for (int steps = 0; !level.isEmpty(); steps++) {
      List<Synset> next = new ArrayList<>();
      for (Synset reached : level) {
        if (distances.putIfAbsent(reached, steps) == null) {
          next.addAll(kinds(reached));
        }
      }
      level = next;
    }
    return distances;
  }

  private static List<Synset> kinds(Synset sense) {
    List<Synset> kinds = new ArrayList<>();
    for (Pointer pointer : sense.getPointers()) {
      if (pointer.getType() == PointerType.HYPERNYM
          || pointer.getType() == PointerType.INSTANCE_HYPERNYM) {
        kinds.add(read(pointer::getTargetSynset));
      }
    }
    return kinds;
  }

  private int leastDepth(Synset sense) {
    return kinds(sense).stream().mapToInt(kind -> 1 + leastDepth(kind)).min().orElse(0);
  }

  private int mostDepth(Synset sense) {
    return kinds(sense).stream().mapToInt(kind -> 1 + mostDepth(kind)).max().orElse(0);
  }

  /** Sort key of a sense: its first word and its sense number. */
  private String name(Synset sense) {
    String word = sense.getWords().get(0).getLemma().toLowerCase(Locale.ROOT);
    IndexWord index = index(word, sense.getPOS());
    int number = index == null ? 0 : 1 + index.getSenses().indexOf(sense);
    return "%s.%s.%02d".formatted(word, sense.getPOS().getKey(), number);
  }
}
