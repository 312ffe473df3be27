package dev.squint.vision.picture;

import dev.squint.vision.format.ByteSource;
import dev.squint.vision.format.Extent;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads the orientation from an XMP packet (ISO 16684-1), an attribute or an element. */
final class Xmp {

  private static final String TIFF = "http://ns.adobe.com/tiff/1.0/";
  private static final String ORIENTATION = "Orientation";

  /** Longer than packets are; those with previews are cut off behind the properties. */
  private static final int MAX_BYTES = 1 << 20;

  private Xmp() {}

  /** The orientation, 0 if there is none or the packet is damaged before it. */
  static int orientation(ByteSource bytes, Extent packet) {
    byte[] packetBytes = bytes.copy(packet.at(), Math.min(packet.length(), MAX_BYTES));
    // Decoded here: the parser writes about damaged letters to standard error.
    String xml = new String(packetBytes, StandardCharsets.UTF_8).replace("\ufeff", "").strip();
    try {
      XMLStreamReader reader = factory().createXMLStreamReader(new StringReader(xml));
      while (reader.hasNext()) {
        if (reader.next() != XMLStreamConstants.START_ELEMENT) {
          continue;
        }
        String value = reader.getAttributeValue(TIFF, ORIENTATION);
        if (value == null
            && reader.getLocalName().equals(ORIENTATION)
            && TIFF.equals(reader.getNamespaceURI())) {
          value = reader.getElementText();
        }
        if (value != null) {
          return value.strip().matches("[1-8]") ? Integer.parseInt(value.strip()) : 0;
        }
      }
      return 0;
    } catch (XMLStreamException | RuntimeException e) {
      return 0;
    }
  }

  /** Without document types, so without entities that grow or name files. */
  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newInstance();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    return factory;
  }
}
