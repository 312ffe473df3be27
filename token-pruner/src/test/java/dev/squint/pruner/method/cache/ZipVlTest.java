package dev.squint.pruner.method.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squint.pruner.Budget;
import dev.squint.pruner.CacheDecision;
import dev.squint.pruner.CacheStorage;
import dev.squint.pruner.CachedTokens;
import dev.squint.pruner.EvidenceSet;
import dev.squint.pruner.Matrix;
import dev.squint.pruner.Probes;
import dev.squint.pruner.evidence.ProbeAttention;
import dev.squint.pruner.method.GoldenCase;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

public class ZipVlTest {

  public static void agreesWith(GoldenCase golden) {
    // How many heads the mean is of, and properties of the vector: nothing to check.
    golden.ignore("heads");
    golden.ignore("cum_margin");
    golden.ignore("min_gap");
    int rows = golden.integer("seq");
    Probes probes =
        new Probes(golden.integers("probe_rows"), golden.matrix("probe_attn_head_mean"));
    ZipVl policy = new ZipVl(golden.number("tau"), ZipVl.Others.IN_FEWER_BITS, 8, 4);
    // The quantisers are other authors' code, which a case need not have run.
    Optional<GoldenCase> quantised =
        golden.has("zipcache_official")
            ? Optional.of(golden.part("zipcache_official"))
            : Optional.empty();
    CachedTokens cache =
        Caches.of(
            quantised.map(given -> given.matrices("K")).orElse(Caches.blank(1, rows)),
            quantised.map(given -> given.matrices("V")).orElse(Caches.blank(1, rows)),
            EvidenceSet.nothing().with(new ProbeAttention(8, 4), probes));

    golden.assertFloats("accumulated", probes.attention().columnSums());
    golden.assertIntegers("nnz", ZipVl.seen(probes));
    golden.assertFloats("normalized", ZipVl.normalised(probes));
    golden.assertInteger("num_important", policy.count(probes));
    MixedPrecision storage = (MixedPrecision) policy.decide(cache, Budget.adaptive()).storage();
    int[] important = storage.important();
    golden.assertIntegers("important", important);
    golden.assertIntegers(
        "unimportant",
        IntStream.range(0, rows).filter(i -> Arrays.binarySearch(important, i) < 0).toArray());
    golden.assertNumber("ratio", (double) important.length / rows);
    assertThat(
            new ZipVl(policy.mass(), ZipVl.Others.DROPPED, 8, 4)
                .decide(cache, Budget.adaptive())
                .rows()
                .get(0)
                .kept())
        .containsExactly(important);
    quantised.ifPresent(given -> quantisersAgree(given, cache, storage));
  }

  private static void quantisersAgree(
      GoldenCase golden, CachedTokens cache, MixedPrecision storage) {
    golden.assertInteger("kv_heads", cache.heads());
    golden.assertInteger("head_dim", cache.keys().get(0).cols());
    MixedPrecision.Codes codes = MixedPrecision.Codes.of(storage, cache);
    assertCodes(golden, "K_codes_important", codes.importantKeys());
    golden.assertFloats("K_min_imp", codes.importantKeys().least().data());
    golden.assertFloats("K_step_imp", codes.importantKeys().step().data());
    assertCodes(golden, "K_codes_unimportant", codes.otherKeys());
    assertCodes(golden, "V_codes_important", codes.importantValues());
    golden.assertFloats("V_min_imp", codes.importantValues().least().data());
    golden.assertFloats("V_step_imp", codes.importantValues().step().data());
    assertCodes(golden, "V_codes_unimportant", codes.otherValues());
    golden.assertFloats("V_channel_scale", codes.scale());
    CachedTokens read = storage.asRead(cache);
    assertHeads(golden, "K_dequant", read.keys());
    assertHeads(golden, "V_dequant", read.values());
  }

  private static void assertCodes(GoldenCase golden, String path, QuantizedMatrix quantised) {
    List<int[]> codes = golden.integerRows(path);
    assertThat(quantised.codes()).as(path).isDeepEqualTo(codes.toArray(int[][]::new));
  }

  static void assertHeads(GoldenCase golden, String path, List<Matrix> heads) {
    List<Matrix> expected = golden.matrices(path);
    assertThat(heads).hasSameSizeAs(expected);
    for (int h = 0; h < heads.size(); h++) {
      GoldenCase.assertClose(path, heads.get(h).data(), expected.get(h).data());
    }
  }

  @Test
  void fewerBitsTakeFewerBytes() {
    Matrix rows = new Matrix(64, 16, new float[64 * 16]);
    Probes probes = new Probes(new int[] {63}, new Matrix(1, 64, share(64)));
    CachedTokens cache =
        Caches.of(
            List.of(rows, rows),
            List.of(rows, rows),
            EvidenceSet.nothing().with(new ProbeAttention(1, 0), probes));
    CacheDecision decision =
        new ZipVl(0.5, ZipVl.Others.IN_FEWER_BITS, 1, 0).decide(cache, Budget.adaptive());

    assertThat(CacheStorage.FLOAT32.store(cache).bytes()).isEqualTo(2 * 4 * 2 * 64 * 16);
    // 32 rows of 32 numbers in 4 bits and as many in 2, for keys and values; two floats for each
    // channel and class of the keys and for each row of the values; 32 floats for the channels, and
    // the numbers of the 32 rows in 4 bits.
    assertThat(decision.storage().store(cache).bytes())
        .isEqualTo(2 * (32 * 16 + 32 * 8) + 2 * 32 * 8 + 64 * 8 + 32 * 4 + 32 * 4);
  }

  private static float[] share(int rows) {
    float[] share = new float[rows];
    Arrays.fill(share, 1f / rows);
    return share;
  }
}
