package dev.squint.llm.decoder.prefix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.llm.decoder.cache.CacheSlot;
import dev.squint.llm.decoder.cache.PrefixBlock;
import dev.squint.llm.decoder.input.PositionIds;
import dev.squint.llm.decoder.input.PromptEmbeddings;
import dev.squint.llm.decoder.input.TokenExtras;
import dev.squint.pruner.Matrix;
import dev.squint.vision.io.DirectBuffers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrefixCacheTest {

  private static final int BLOCK = 100;

  private static List<PrefixBlock> blocks(int count) {
    List<PrefixBlock> blocks = new ArrayList<>();
    IntStream.range(0, count)
        .forEach(i -> blocks.add(new PrefixBlock(Map.of("past", new byte[BLOCK]), i)));
    return blocks;
  }

  private static List<String> keys(String prompt, int count) {
    return IntStream.range(0, count).mapToObj(i -> prompt + i).toList();
  }

  @Test
  void whatIsKept_isFoundUpToTheFirstThatIsNotKnown() {
    PrefixCache cache = cache(1000);
    cache.keep(keys("a", 3), blocks(3));
    assertThat(cache.find(keys("a", 5)))
        .extracting(PrefixBlock::millis)
        .containsExactly(0., 1., 2.);
    assertThat(cache.find(List.of("a0", "b", "a2"))).hasSize(1);
    assertThat(cache.find(List.of("b", "a0"))).isEmpty();
    assertThat(cache.bytes()).isEqualTo(3 * BLOCK);
  }

  @Test
  void whatIsKeptAgain_countsOnce() {
    PrefixCache cache = cache(1000);
    cache.keep(keys("a", 3), blocks(3));
    cache.keep(keys("a", 4), blocks(4));
    assertThat(cache.bytes()).isEqualTo(4 * BLOCK);
  }

  @Test
  void overTheBound_whatWasNotUsedForLongestGoes_theEndOfAPromptFirst() {
    PrefixCache cache = cache(5 * BLOCK);
    cache.keep(keys("a", 3), blocks(3));
    cache.keep(keys("b", 2), blocks(2));
    cache.keep(keys("c", 1), blocks(1));
    assertThat(cache.find(keys("a", 3))).hasSize(2);
    cache.keep(keys("a", 2), blocks(2));
    cache.keep(keys("d", 2), blocks(2));
    assertThat(cache.find(keys("b", 2))).isEmpty();
    assertThat(cache.find(keys("a", 3))).hasSize(2);
    assertThat(cache.bytes()).isEqualTo(5 * BLOCK);
  }

  @Test
  void ofAPromptAboveTheBound_theBeginningIsKept() {
    PrefixCache cache = cache(4 * BLOCK + 99);
    assertThat(cache.room(BLOCK)).isEqualTo(4);
    cache.keep(keys("a", 4), blocks(4));
    cache.keep(keys("b", 6), blocks(6));
    assertThat(cache.find(keys("b", 6))).hasSize(4);
    assertThat(cache.bytes()).isEqualTo(4 * BLOCK);
  }

  @Test
  void aBlockIsCutOut_andPutTogetherAgain() {
    CacheSlot slot =
        new CacheSlot(
            "past", "present", ai.onnxruntime.OnnxJavaType.FLOAT16, List.of(1L, 3L, 0L, 5L));
    int tokens = 40;
    ByteBuffer all = ByteBuffer.allocate(3 * tokens * 10).order(ByteOrder.nativeOrder());
    for (int head = 0; head < 3; head++) {
      for (int i = 0; i < tokens * 5; i++) {
        all.putShort((short) (head * 1000 + i));
      }
    }
    all.flip();
    List<PrefixBlock> blocks =
        IntStream.range(0, 2)
            .mapToObj(i -> new PrefixBlock(Map.of("past", PrefixBlock.cut(slot, all, 16 * i)), 0))
            .toList();
    assertThat(blocks.get(1).bytes()).isEqualTo(16 * slot.bytesPerToken());
    ByteBuffer joined = PrefixBlock.joined(slot, blocks);
    assertThat(slot.shape(32)).containsExactly(1, 3, 32, 5);
    for (int head = 0; head < 3; head++) {
      for (int i = 0; i < 32 * 5; i++) {
        assertThat(joined.getShort()).isEqualTo((short) (head * 1000 + i));
      }
    }
  }

  /** What a prompt is made of, each changed by one test. */
  private static final class Parts {
    private final float[] values = new float[40 * 2];
    private final long[] time = new long[40];
    private final long[] width = new long[40];
    private final long[] types = new long[40];
    private final float[] deep = new float[40 * 2];

    private List<String> keys(Consumer<Parts> change) {
      change.accept(this);
      FloatBuffer buffer = DirectBuffers.floats(values.length);
      return PrefixKeys.of(
          new PromptEmbeddings(
              buffer.put(values).rewind(),
              PositionIds.of(time, width),
              7,
              new TokenExtras(types, List.of(new Matrix(40, 2, deep)))));
    }
  }

  @Test
  void aNameIsOfEverythingUpToTheEndOfItsBlock() {
    List<String> keys = new Parts().keys(parts -> {});
    assertThat(keys).hasSize(2).doesNotHaveDuplicates();
    assertThat(new Parts().keys(parts -> parts.values[32 * 2] = 1)).isEqualTo(keys);
    List<Consumer<Parts>> changes =
        List.of(
            parts -> parts.values[31 * 2 + 1] = -0f,
            parts -> parts.time[16] = 1,
            parts -> parts.width[31] = 1,
            parts -> parts.types[20] = 1,
            parts -> parts.deep[32] = 1e-30f);
    List<String> seconds = new ArrayList<>(keys);
    for (Consumer<Parts> change : changes) {
      List<String> changed = new Parts().keys(change);
      assertThat(changed.get(0)).isEqualTo(keys.get(0));
      seconds.add(changed.get(1));
    }
    assertThat(seconds).doesNotHaveDuplicates();
    assertThat(new Parts().keys(parts -> parts.values[0] = 1)).doesNotContainAnyElementsOf(keys);
  }

  private static PrefixCache cache(long bytes) {
    return new PrefixCache(bytes, new PrefixTrial(() -> PrefixTrial.Result.EXACT));
  }

  @Test
  void theDecoderIsTriedOnce_whenAPromptBeginsAsAnEarlierOne() {
    AtomicInteger trials = new AtomicInteger();
    PrefixCache cache =
        new PrefixCache(
            1000,
            new PrefixTrial(
                () -> {
                  trials.incrementAndGet();
                  return PrefixTrial.Result.cannot("its tokens see later ones");
                }));
    List<PrefixBlock> blocks = List.of(new PrefixBlock(Map.of("key", new byte[8]), 1));

    assertThat(cache.find(List.of("a"))).isEmpty();
    cache.keep(List.of("a"), blocks);
    assertThat(cache.keeps()).isTrue();
    assertThat(cache.obstacle()).isEmpty();
    assertThat(trials).hasValue(0);

    assertThat(cache.find(List.of("a"))).isEmpty();
    assertThat(cache.find(List.of("a"))).isEmpty();
    assertThat(trials).hasValue(1);
    assertThat(cache.keeps()).isFalse();
    assertThat(cache.bytes()).isZero();
    assertThat(cache.room(1)).isZero();
    assertThat(cache.obstacle()).contains("its tokens see later ones");
  }
}
