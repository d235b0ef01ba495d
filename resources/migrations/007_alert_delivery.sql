-- SPDX-License-Identifier: GPL-3.0-or-later
-- What each Alertmanager was told of an alert. A row is written before the first attempt, so that an alert that may have
-- arrived is told to be over one day, whatever happens to this process in between. told, over: when the receiver last
-- acknowledged that the alert fires, and that it is over.
CREATE TABLE alert_delivery (
    connection INTEGER NOT NULL, alert INTEGER NOT NULL REFERENCES alert(id), begun INTEGER NOT NULL, told INTEGER,
    over INTEGER, PRIMARY KEY (connection, alert)) WITHOUT ROWID;
CREATE INDEX alert_delivery_open ON alert_delivery (connection, alert) WHERE over IS NULL;
