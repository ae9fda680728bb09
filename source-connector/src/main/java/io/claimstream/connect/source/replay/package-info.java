/** Replay: moves a group as requested through Connect's offsets API. */
@NullMarked
package io.claimstream.connect.source.replay;

import org.jspecify.annotations.NullMarked;
