// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/shell/color_scheme.h"

#include <unistd.h>

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QFileInfo>
#include <QPalette>
#include <QPointer>
#include <QSettings>
#include <QThreadPool>

namespace pilothouse::shell {

namespace {

const QString kBus = QStringLiteral("pilothouse.portal");
const QString kService = QStringLiteral("org.freedesktop.portal.Desktop");
const QString kPath = QStringLiteral("/org/freedesktop/portal/desktop");
const QString kInterface = QStringLiteral("org.freedesktop.portal.Settings");
const QString kGroup = QStringLiteral("org.freedesktop.appearance");
const QString kKey = QStringLiteral("color-scheme");

/// Without an address libdbus would start a bus of its own.
bool sessionBusExists() {
    return qEnvironmentVariableIsSet("DBUS_SESSION_BUS_ADDRESS") ||
           QFileInfo::exists(QStringLiteral("/run/user/%1/bus").arg(::getuid()));
}

std::optional<theme::Scheme> schemeOf(QVariant value) {
    while (value.canConvert<QDBusVariant>())
        value = value.value<QDBusVariant>().variant();  // the portal wraps it twice
    bool ok = false;
    const uint preference = value.toUInt(&ok);
    if (!ok || preference == 0) return std::nullopt;  // 0: the desktop has no preference
    return preference == 1 ? theme::Scheme::Dark : theme::Scheme::Light;
}

}  // namespace

ColorScheme::ColorScheme(QObject* parent) : QObject(parent) {}

void ColorScheme::start() {
    const QSettings settings;
    const QString chosen = settings.value(QStringLiteral("theme/choice")).toString();
    m_choice = chosen == u"light" ? Choice::Light : chosen == u"dark" ? Choice::Dark : Choice::System;
    const QString last = settings.value(QStringLiteral("theme/desktop")).toString();
    if (last.isEmpty()) {
        m_desktop = QApplication::palette().color(QPalette::Window).lightness() < 128 ? theme::Scheme::Dark
                                                                                      : theme::Scheme::Light;
    } else {
        m_desktop = last == u"dark" ? theme::Scheme::Dark : theme::Scheme::Light;
    }
    apply();
}

void ColorScheme::follow() {
    if (m_following || !sessionBusExists()) return;
    m_following = true;
    QThreadPool::globalInstance()->start([self = QPointer<ColorScheme>(this)] {
        QDBusConnection::connectToBus(QDBusConnection::SessionBus,
                                      kBus);  // may wait for the bus: not on the GUI thread
        QMetaObject::invokeMethod(
            qApp,
            [self] {
                if (self) self->askPortal();
            },
            Qt::QueuedConnection);
    });
}

void ColorScheme::askPortal() {
    QDBusConnection bus(kBus);
    if (!bus.isConnected()) return;
    bus.connect(kService, kPath, kInterface, QStringLiteral("SettingChanged"), this,
                SLOT(onPortalSetting(QString, QString, QDBusVariant)));
    auto message = QDBusMessage::createMethodCall(kService, kPath, kInterface, QStringLiteral("Read"));
    message << kGroup << kKey;
    auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(message, 5000), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher* done) {
        const QDBusPendingReply<QDBusVariant> reply = *done;
        done->deleteLater();
        if (reply.isError()) return;  // no portal here: what was found at the start holds
        if (const auto scheme = schemeOf(reply.value().variant())) setDesktop(*scheme);
    });
}

void ColorScheme::onPortalSetting(const QString& group, const QString& key, const QDBusVariant& value) {
    if (group != kGroup || key != kKey) return;
    if (const auto scheme = schemeOf(value.variant())) setDesktop(*scheme);
}

void ColorScheme::setDesktop(theme::Scheme scheme) {
    QSettings().setValue(QStringLiteral("theme/desktop"),
                         scheme == theme::Scheme::Dark ? QStringLiteral("dark") : QStringLiteral("light"));
    if (scheme == m_desktop) return;
    m_desktop = scheme;
    if (m_choice == Choice::System) apply();
}

void ColorScheme::choose(Choice choice) {
    m_choice = choice;
    const QString text = choice == Choice::Light  ? QStringLiteral("light")
                         : choice == Choice::Dark ? QStringLiteral("dark")
                                                  : QStringLiteral("system");
    QSettings().setValue(QStringLiteral("theme/choice"), text);
    apply();
}

void ColorScheme::force(theme::Scheme scheme) {
    theme::apply(scheme);
    Q_EMIT changed();
}

void ColorScheme::apply() {
    theme::apply(m_choice == Choice::Light  ? theme::Scheme::Light
                 : m_choice == Choice::Dark ? theme::Scheme::Dark
                                            : m_desktop);
    Q_EMIT changed();
}

}  // namespace pilothouse::shell
