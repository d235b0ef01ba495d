// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDBusVariant>
#include <QObject>

#include "widgets/theme/tokens.h"

namespace pilothouse::shell {

/// Light or dark: as chosen, or as the desktop says (the portal org.freedesktop.portal.Settings on D-Bus, asked from
/// another thread, so that a slow bus delays nothing). What the desktop said last is remembered for the next start.
class ColorScheme : public QObject {
    Q_OBJECT
public:
    enum class Choice { System, Light, Dark };
    Q_ENUM(Choice)
    explicit ColorScheme(QObject* parent = nullptr);

    /// Applies what is chosen, from the settings; call once before the first widget.
    void start();
    /// Begins to follow the desktop; after the first paint.
    void follow();
    [[nodiscard]] Choice choice() const { return m_choice; }
    void choose(Choice choice);
    /// For pictures and tests: nothing is stored.
    void force(theme::Scheme scheme);

Q_SIGNALS:
    void changed();

private Q_SLOTS:
    void onPortalSetting(const QString& group, const QString& key, const QDBusVariant& value);

private:
    void askPortal();
    void setDesktop(theme::Scheme scheme);
    void apply();

    Choice m_choice = Choice::System;
    theme::Scheme m_desktop = theme::Scheme::Light;
    bool m_following = false;
};

}  // namespace pilothouse::shell
