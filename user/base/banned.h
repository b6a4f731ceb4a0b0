/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that cannot be made safe: using one does not compile. */
#ifndef MS_BASE_BANNED_H
#define MS_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok system popen

#endif
