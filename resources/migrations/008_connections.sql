-- SPDX-License-Identifier: GPL-3.0-or-later
-- A connection names where its secret is: an environment variable, as before, or an entry of the keychain.
UPDATE connection
SET options = json_remove(json_set(options, '$.secret', 'env:' || json_extract(options, '$.token_variable')),
                          '$.token_variable')
WHERE json_extract(options, '$.token_variable') IS NOT NULL;
