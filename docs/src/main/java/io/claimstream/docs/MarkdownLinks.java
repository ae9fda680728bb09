/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.docs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Relative links between pages of Markdown, with the anchors that code hosts give to headings. */
public final class MarkdownLinks {
  private static final Pattern FENCE = Pattern.compile("(?ms)^ *```.*?^ *```");
  private static final Pattern CODE = Pattern.compile("`[^`\n]*`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?) *#*$");
  private static final Pattern ANCHOR = Pattern.compile("<a (?:id|name)=\"([^\"]+)\"");
  private static final Pattern ELSEWHERE = Pattern.compile("[a-z][a-z0-9+.-]*:.*");

  private MarkdownLinks() {}

  /**
   * Finds the relative links that lead nowhere.
   *
   * @param pages texts by path; the paths have one root and are separated by slashes
   * @param exists whether there is a file or folder with that path, for links to other files than
   *     pages
   * @return a line for each dead link, such as {@code docs/A.md: B.md#no-such-heading}
   */
  public static List<String> dead(Map<String, String> pages, Predicate<String> exists) {
    List<String> dead = new ArrayList<>();
    pages.forEach(
        (page, text) -> {
          for (String link : links(text)) {
            if (!leadsSomewhere(page, link, pages, exists)) {
              dead.add(page + ": " + link);
            }
          }
        });
    return dead;
  }

  /** The relative links of a page, those in code left out. */
  static List<String> links(String text) {
    List<String> links = new ArrayList<>();
    // the text of a link may be code, its target may not
    String prose = CODE.matcher(FENCE.matcher(text).replaceAll("")).replaceAll("code");
    Matcher link = LINK.matcher(prose);
    while (link.find()) {
      if (!ELSEWHERE.matcher(link.group(1)).matches()) {
        links.add(link.group(1));
      }
    }
    return links;
  }

  private static boolean leadsSomewhere(
      String page, String link, Map<String, String> pages, Predicate<String> exists) {
    String[] parts = link.split("#", 2);
    String target = parts[0].isEmpty() ? page : resolve(page, parts[0]);
    String text = pages.get(target);
    if (parts.length == 1) {
      return text != null || exists.test(target);
    }
    return text != null && anchors(text).contains(parts[1]);
  }

  private static String resolve(String page, String relative) {
    Path path = Path.of("/" + page).resolveSibling(relative).normalize();
    return path.toString().substring(1);
  }

  /** The anchors of a page's headings. */
  static Set<String> anchors(String text) {
    Set<String> anchors = new HashSet<>();
    Map<String, Integer> times = new HashMap<>();
    String prose = FENCE.matcher(text).replaceAll("");
    Matcher heading = HEADING.matcher(prose);
    while (heading.find()) {
      String anchor =
          heading
              .group(1)
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^\\p{L}\\p{N}_ -]", "")
              .replace(' ', '-');
      int before = times.merge(anchor, 1, Integer::sum) - 1;
      anchors.add(before == 0 ? anchor : anchor + "-" + before);
    }
    Matcher written = ANCHOR.matcher(prose);
    while (written.find()) {
      anchors.add(written.group(1));
    }
    return anchors;
  }
}
