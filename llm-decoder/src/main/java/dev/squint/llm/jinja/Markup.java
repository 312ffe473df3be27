package dev.squint.llm.jinja;

/** Text that a filter marked as safe HTML. It can be printed and joined by {@code ~}, no more. */
record Markup(String text) {

  static Markup escaped(String text) {
    return new Markup(
        text.replace("&", "&amp;")
            .replace(">", "&gt;")
            .replace("<", "&lt;")
            .replace("'", "&#39;")
            .replace("\"", "&#34;"));
  }
}
