-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the columns of a segment say of themselves (prediction_column.header), all of them together: there each lies before
-- its data, and a look at all would read a page from each. A segment without a row here is of before this was kept.
-- checksum: XXH3 of directory, seeded with the segment's checksum.
CREATE TABLE prediction_directory (
    id INTEGER PRIMARY KEY REFERENCES prediction_segment(id) ON DELETE CASCADE, checksum INTEGER NOT NULL,
    directory BLOB NOT NULL);
