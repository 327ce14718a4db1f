/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PARAM_PRIV_H
#define PARAM_PRIV_H

/** Set parameters from @line, which is cut into words.
 *  @return what follows "--", or an empty string. */
char *param_set_all(char *line);

/** End @line before its first word "--". @return what follows, or an empty
 *  string. */
char *param_split(char *line);

#endif /* PARAM_PRIV_H */
