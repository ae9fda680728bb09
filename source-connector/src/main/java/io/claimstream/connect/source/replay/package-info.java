/** Moving a group on request, so that Connect's offsets API replays. */
@NullMarked
package io.claimstream.connect.source.replay;

import org.jspecify.annotations.NullMarked;
