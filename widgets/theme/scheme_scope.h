// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/theme/tokens.h"

namespace pilothouse::theme {

/// While it lives, what is painted by hand takes another scheme's colours (a light report from a dark window). Palette
/// and widgets stay as they are: no event may be handled meanwhile. GUI thread.
class SchemeScope {
public:
    explicit SchemeScope(Scheme scheme);
    ~SchemeScope();
    SchemeScope(const SchemeScope&) = delete;
    SchemeScope& operator=(const SchemeScope&) = delete;

private:
    Scheme m_before;
};

}  // namespace pilothouse::theme
