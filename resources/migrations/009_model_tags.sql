-- SPDX-License-Identifier: GPL-3.0-or-later
-- A model has tags of its own, as its versions have: a JSON object of texts.
ALTER TABLE model ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';
