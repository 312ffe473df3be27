package dev.squint.llm.chat;

/**
 * A conversation as a template writes it.
 *
 * @param text the text, with a character of {@code literals} for what must not act as a token
 * @param literals what these characters stand for
 */
public record Written(String text, Literals literals) {}
