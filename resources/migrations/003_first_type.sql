-- SPDX-License-Identifier: GPL-3.0-or-later
-- The type that a field came with first (0 number, 1 text, 2 time): what comes as another is a conflict.
-- NULL: not known, because it came without values, or as several types before this was kept.
ALTER TABLE prediction_field ADD COLUMN first_type INTEGER;
UPDATE prediction_field SET first_type = type WHERE types IN (1, 2, 4);
