/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.validation;

/**
 * What is wrong with a setting.
 *
 * @param setting the one to change
 * @param text what is wrong, without any secret
 */
record Problem(String setting, String text) {}
