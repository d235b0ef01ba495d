// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>
#include <vector>

#include "models/base/latest.h"
#include "models/items/session.h"

namespace pilothouse::shell {

/// Counts of the lens's model in buckets of time: by outcome, and how many were not scored (history). Asked again when
/// data or the model changes, at most once a second. GUI thread.
class TimelineVolume : public QObject {
    Q_OBJECT
public:
    explicit TimelineVolume(items::Session& session, QObject* parent = nullptr);

    struct Bucket {
        Timestamp start, end;
        std::uint64_t positive = 0, negative = 0, unknown = 0;  ///< by outcome
        std::uint64_t unscored = 0;                             ///< rows of no version, of all of them
        [[nodiscard]] std::uint64_t rows() const { return positive + negative + unknown; }
        [[nodiscard]] bool history() const { return unscored * 2 > rows(); }
    };
    /// The whole of what is there and, with an engine, of what is to come. Empty: no rows.
    [[nodiscard]] TimeRange extent() const { return m_extent; }
    [[nodiscard]] std::uint64_t rows() const { return m_rows; }
    [[nodiscard]] const std::vector<Bucket>& buckets() const { return m_buckets; }
    [[nodiscard]] bool settled() const { return m_known && !m_question.running() && !m_wanted; }
    [[nodiscard]] QString error() const { return m_error; }

    /// What is looked at, and in how many buckets at most.
    void show(TimeRange view, int maxBuckets);
    void setActive(bool active);

Q_SIGNALS:
    void extentChanged();
    void changed();

private:
    void refresh();
    void load();
    void askCounts();
    void askVersions(std::vector<Bucket> buckets);
    [[nodiscard]] ports::Query modelQuery() const;

    items::Session& m_session;
    QTimer m_pace;
    Latest m_question;
    TimeRange m_extent, m_view;
    int m_maxBuckets = 300;
    std::uint64_t m_rows = 0;
    std::string m_model;
    std::vector<Bucket> m_buckets;
    QString m_error;
    bool m_wanted = true, m_known = false, m_active = true;
};

}  // namespace pilothouse::shell
