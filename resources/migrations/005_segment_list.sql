-- SPDX-License-Identifier: GPL-3.0-or-later
-- Every question begins with the list of segments: here it lies together. In the table there is a page or more to each, for
-- the index over its request ids.
CREATE INDEX prediction_segment_list ON prediction_segment (first_ordinal, rows, first_time, last_time, checksum);
