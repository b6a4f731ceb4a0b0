/* SPDX-License-Identifier: BSD-2-Clause */
/* The columns of an operation; rows are struct op_row. */
#ifndef MS_SINK_OP_COLUMNS_H
#define MS_SINK_OP_COLUMNS_H

#include "sink/column.h"
#include "sink/view.h"

extern const struct column_table op_columns;

/* column_style_fn: colours of the table. */
const char *op_columns__style(const struct column *c, const void *row);

#endif
