// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statistics/verdict.h"

namespace pilothouse::statistics {

const char* toString(State state) {
    switch (state) {
        case State::Ok:
            return "ok";
        case State::Drift:
            return "drift";
        case State::Insufficient:
            return "insufficient";
        case State::Unavailable:
            return "unavailable";
    }
    return "unavailable";
}

}  // namespace pilothouse::statistics
