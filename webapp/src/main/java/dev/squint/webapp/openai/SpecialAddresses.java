package dev.squint.webapp.openai;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;

/**
 * The blocks of IANA's registries of special-purpose addresses (IPv4 and IPv6) and of multicast
 * addresses, none of which belongs to a public host. Of IPv6, only global unicast addresses
 * (2000::/3) are public.
 */
final class SpecialAddresses {

  private static final int GLOBAL_UNICAST = 1;

  private static final List<Block> BLOCKS =
      Stream.of(
              "0.0.0.0/8",
              "10.0.0.0/8",
              "100.64.0.0/10",
              "127.0.0.0/8",
              "169.254.0.0/16",
              "172.16.0.0/12",
              "192.0.0.0/24",
              "192.0.2.0/24",
              "192.31.196.0/24",
              "192.52.193.0/24",
              "192.88.99.0/24",
              "192.168.0.0/16",
              "192.175.48.0/24",
              "198.18.0.0/15",
              "198.51.100.0/24",
              "203.0.113.0/24",
              "224.0.0.0/4",
              "240.0.0.0/4",
              "2001::/23",
              "2001:db8::/32",
              "2002::/16",
              "2620:4f:8000::/48",
              "3fff::/20")
          .map(Block::parse)
          .toList();

  private SpecialAddresses() {}

  /** Addresses whose first bits are those of the prefix. */
  private record Block(byte[] prefix, int bits) {

    static Block parse(String text) {
      int slash = text.indexOf('/');
      try {
        return new Block(
            InetAddress.getByName(text.substring(0, slash)).getAddress(),
            Integer.parseInt(text.substring(slash + 1)));
      } catch (UnknownHostException e) {
        throw new IllegalStateException(text + " is not an address", e);
      }
    }

    boolean contains(byte[] address) {
      if (address.length != prefix.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        if (((address[bit / 8] ^ prefix[bit / 8]) >> (7 - bit % 8) & 1) != 0) {
          return false;
        }
      }
      return true;
    }
  }

  /** Whether an address does not belong to a public host. */
  static boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean global = !(address instanceof Inet6Address) || (bytes[0] & 0xff) >> 5 == GLOBAL_UNICAST;
    return !global || BLOCKS.stream().anyMatch(block -> block.contains(bytes));
  }
}
