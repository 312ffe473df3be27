package dev.squint.eval.metric;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import net.sf.extjwnl.data.POS;
import opennlp.tools.postag.POSModel;
import opennlp.tools.postag.POSTaggerME;
import opennlp.tools.stemmer.PorterStemmer;
import org.jspecify.annotations.Nullable;

/**
 * Lemmatizes answers for NExT-QA's scores and removes the words of its stop list. Parts of speech
 * come from OpenNLP's tagger, in the official code from NLTK's; lemmas differ where the taggers
 * disagree.
 */
final class Lemmas {

  static final String MODEL = "/opennlp-en-ud-ewt-pos-1.3-2.5.4.bin";

  /** The stop list of NExT-QA's own code (github.com/doc-doc/NExT-OE, MIT licence). */
  private static final Set<String> LEFT_OUT = leftOut();

  private static final POSModel TAGS = model();

  private final WordNet wordNet = WordNet.get();
  // A tagger is not thread-safe, but small; the threads share the model.
  private final POSTaggerME tagger = new POSTaggerME(TAGS);

  private static POSModel model() {
    try (InputStream in = Lemmas.class.getResourceAsStream(MODEL)) {
      if (in == null) {
        throw new IllegalStateException(MODEL + " is not on the class path");
      }
      return new POSModel(in);
    } catch (IOException e) {
      throw new IllegalStateException(MODEL + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static Set<String> leftOut() {
    try (InputStream in = Lemmas.class.getResourceAsStream("nextqa-left-out.txt")) {
      if (in == null) {
        throw new IllegalStateException("nextqa-left-out.txt is not on the class path");
      }
      String words = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return words.lines().collect(Collectors.toUnmodifiableSet());
    } catch (IOException e) {
      throw new IllegalStateException("nextqa-left-out.txt cannot be read: " + e.getMessage(), e);
    }
  }

  /** Returns the lemmas of the words that are not stop words, in order. */
  List<String> of(String answer) {
    String apart = answer.replaceAll("([^\\p{L}\\p{N}\\s'-])", " $1 ").strip();
    String[] words = apart.isEmpty() ? new String[0] : apart.split("\\s+", -1);
    String[] tags = tagger.tag(words);
    List<String> lemmas = new ArrayList<>();
    for (int i = 0; i < words.length; i++) {
      String lemma = lemma(words[i].toLowerCase(Locale.ROOT), part(tags[i]));
      if (!LEFT_OUT.contains(lemma)) {
        lemmas.add(lemma);
      }
    }
    return lemmas;
  }

  /**
   * Tags a word alone if its tag in the sentence has no WordNet part of speech; the default is
   * noun.
   */
  private String lemma(String word, @Nullable POS part) {
    @Nullable POS alone = part == null ? part(tagger.tag(new String[] {word})[0]) : part;
    String lemma =
        wordNet.baseForms(word, alone == null ? POS.NOUN : alone).stream()
            .min(Comparator.comparingInt(String::length))
            .orElse(word);
    if (wordNet.firstSense(lemma) != null) {
      return lemma;
    }
    String stem = new PorterStemmer().stem(word);
    return wordNet.firstSense(stem) == null ? word : stem;
  }

  private static @Nullable POS part(String tag) {
    return switch (tag) {
      case "NOUN", "PROPN" -> POS.NOUN;
      case "VERB", "AUX" -> POS.VERB;
      case "ADJ" -> POS.ADJECTIVE;
      case "ADV" -> POS.ADVERB;
      default -> null;
    };
  }
}
